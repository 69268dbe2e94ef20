"""RDF as exports write it, where XML or a strict reader would stumble."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from pactgraph.exports.about import About
from pactgraph.exports.writers.rdf import write_rdf

ABOUT = About("It", "Ours", "it", None, 1, None, "en", 0, 0, True, "sha256:0")
LINES = [getattr(RdfFormat, name) for name in ("TURTLE", "N_TRIPLES", "TRIG", "N_QUADS")]


def written(value: Literal, form: RdfFormat) -> bytes:
    subject, predicate, graph = (NamedNode(f"http://example.org/{name}") for name in ("a", "p", "g"))
    stream = BytesIO()
    write_rdf([Quad(subject, predicate, value, graph)], ABOUT, stream, form, {})
    return stream.getvalue()


def test_characters_that_xml_lacks_are_replaced_and_counted_in_rdf_xml() -> None:
    content = written(Literal("a\u000bb\uffff", language="en"), RdfFormat.RDF_XML)
    (read,) = parse(content, format=RdfFormat.RDF_XML)
    assert read.object == Literal("a\ufffdb\ufffd", language="en")
    assert b'replaced: {"control characters replaced by U+FFFD": 2}' in content


def test_a_comment_of_rdf_xml_ends_where_it_should() -> None:
    stream = BytesIO()
    about = replace(ABOUT, query="SELECT * { ?a ?b '--><a/><!---' }")
    write_rdf([], about, stream, RdfFormat.RDF_XML, {})
    assert stream.getvalue().count(b"--") == 2
    assert list(parse(stream.getvalue(), format=RdfFormat.RDF_XML)) == []


@pytest.mark.parametrize("text", ["\ufffe\uffff", "\\uFFFF", "\\\uffff", '"\\"\uffff'])
@pytest.mark.parametrize("form", LINES, ids=str)
def test_noncharacters_and_what_looks_like_their_escapes_read_back(form: RdfFormat, text: str) -> None:
    content = written(Literal(text), form)
    (read,) = parse(content, format=form)
    assert read.object == Literal(text)
    assert b"\\uFFF" not in content.replace(b"\\\\", b"")
