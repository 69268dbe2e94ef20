"""Formats by name, media type and suffix, of answers and of exports."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QueryResultsFormat, RdfFormat, parse

from pactgraph.errors import InputError, UnknownFormat
from pactgraph.exports.about import About
from pactgraph.exports.writers.rdf import write_rdf
from pactgraph.query.formats import (
    ALL_FORMATS,
    BINDING_FORMATS,
    GRAPH_FORMATS,
    by_media_type,
    by_name,
    by_suffix,
    formats_of,
)


def test_the_engine_knows_every_format() -> None:
    assert all(QueryResultsFormat.from_media_type(form.media_type) for form in BINDING_FORMATS)
    assert all(RdfFormat.from_media_type(form.media_type) for form in GRAPH_FORMATS)


@pytest.mark.parametrize("form", ALL_FORMATS, ids=lambda form: form.name)
def test_a_format_is_found_by_name_media_type_and_suffix(form: object) -> None:
    assert by_name(form.name) is form  # type: ignore[attr-defined]
    assert by_media_type(form.media_type + "; charset=utf-8") is form  # type: ignore[attr-defined]
    assert by_suffix(form.suffix.upper()) is form  # type: ignore[attr-defined]


def test_an_alias_means_what_fits_the_query_form() -> None:
    assert by_media_type("application/json", formats_of("ASK")).name == "json"
    assert by_media_type("application/json", formats_of("DESCRIBE")).name == "jsonld"


@pytest.mark.parametrize("find", [by_name, by_media_type, by_suffix])
def test_an_unknown_format_lists_the_known_ones(find: object) -> None:
    with pytest.raises(UnknownFormat, match=r"csv.*turtle|csv.*ttl"):
        find("application/x-nothing")  # type: ignore[operator]


def quad(
    subject: str, value: NamedNode | Literal, graph: str, predicate: str = "http://example.org/p"
) -> Quad:
    return Quad(NamedNode(subject), NamedNode(predicate), value, NamedNode(graph))


QUADS = [
    quad("http://example.org/b", Literal('ä\n"x"', language="en"), "http://example.org/g1"),
    quad("http://example.org/a", Literal(3), "http://example.org/g2"),
    quad("http://example.org/a", Literal(3), "http://example.org/g1"),
]


ABOUT = About("It", "Ours", "it", None, 1, None, "en", 0, 0, True, "sha256:0")
RDF = [getattr(RdfFormat, name) for name in ("TURTLE", "N_TRIPLES", "TRIG", "N_QUADS", "JSON_LD", "RDF_XML")]


def written(quads: Iterable[Quad], form: RdfFormat) -> bytes:
    stream = BytesIO()
    write_rdf(quads, ABOUT, stream, form, {"ex": "http://example.org/"})
    return stream.getvalue()


@pytest.mark.parametrize("form", RDF, ids=str)
def test_an_export_reads_back_and_does_not_depend_on_order(form: RdfFormat) -> None:
    assert written(QUADS, form) == written(reversed(QUADS), form)
    read = list(parse(written(QUADS, form), format=form))
    assert len(read) == len(set(read))
    keeps_graphs = form in {RdfFormat.TRIG, RdfFormat.N_QUADS, RdfFormat.JSON_LD}
    assert set(read) == set(QUADS) if keeps_graphs else len(read) == 2  # a triple of two graphs is there once


@pytest.mark.parametrize(
    "bad",
    [
        quad("http://example.org/a", Literal(1), "http://example.org/g", "http://example.org/123"),
        quad("http://example.org/a", Literal(1), "http://example.org/g", "http://example.org/p/"),
    ],
)
def test_a_predicate_that_xml_cannot_hold_is_not_written_as_rdf_xml(bad: Quad) -> None:
    with pytest.raises(InputError, match="export to Turtle"):
        written([bad], RdfFormat.RDF_XML)


def test_a_character_that_xml_lacks_is_replaced_and_counted() -> None:
    text = written(
        [quad("http://example.org/a", Literal("x\u000by"), "http://example.org/g")], RdfFormat.RDF_XML
    )
    assert "x\ufffdy" in text.decode()
