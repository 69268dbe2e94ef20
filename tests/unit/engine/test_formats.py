"""Formats by name, media type and suffix, of answers and of exports."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QueryResultsFormat, RdfFormat, parse

from pactgraph.errors import InputError, UnknownFormat
from pactgraph.exports.formats import FORMATS, choose_format, write_quads
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


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_an_export_reads_back_and_does_not_depend_on_order(form: object) -> None:
    written = write_quads(QUADS, form, {"ex": "http://example.org/"})  # type: ignore[arg-type]
    assert written == write_quads(reversed(QUADS), form, {"ex": "http://example.org/"})  # type: ignore[arg-type]
    read = set(parse(written, format=form.rdf))  # type: ignore[attr-defined]
    if form.keeps_graphs:  # type: ignore[attr-defined]
        assert read == set(QUADS)
    else:
        assert len(read) == 2  # a triple of two graphs is there once
        assert written.count(b"example.org/a") <= 1 or form.name == "ntriples"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "bad",
    [
        quad("http://example.org/a", Literal("\u000b"), "http://example.org/g"),
        quad("http://example.org/a", Literal(1), "http://example.org/g", "http://example.org/123"),
        quad("http://example.org/a", Literal(1), "http://example.org/g", "http://example.org/p/"),
    ],
)
def test_what_xml_cannot_hold_is_not_written_as_rdf_xml(bad: Quad) -> None:
    rdfxml = choose_format("it", ("rdfxml",), name="rdfxml", suffix="")
    with pytest.raises(InputError, match="export to Turtle"):
        write_quads([bad], rdfxml, {})


def test_the_name_of_a_format_goes_before_the_suffix() -> None:
    assert choose_format("it", ("turtle", "trig"), name="trig", suffix=".ttl").name == "trig"
    assert choose_format("it", ("turtle", "trig"), name=None, suffix=".TTL").name == "turtle"
    with pytest.raises(UnknownFormat, match=r"turtle \(.ttl\)"):
        choose_format("it", ("turtle",), name=None, suffix=".trig")
