"""Threats S4 to S7 and S19: what a document or a shape cannot make the reader do."""

import pytest

from pactgraph.errors import InputError, PactgraphError, SyntaxFault
from pactgraph.ingest.reading import read_quads
from pactgraph.shapes.crossing import graph_of
from pactgraph.shapes.validator import Validator

SECRET = "the content of a file"


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret"
    path.write_text(SECRET)
    return path.as_uri()


ENTITIES = [
    '<!DOCTYPE r [<!ENTITY x SYSTEM "{0}">]><r>&x;</r>',
    '<!DOCTYPE r [<!ENTITY % x SYSTEM "{0}"> %x;]><r/>',
    '<!DOCTYPE r SYSTEM "{0}"><r/>',
    '<?xml version="1.0"?><!DOCTYPE r PUBLIC "-//X" "{0}"><r/>',
]


@pytest.mark.parametrize("document", ENTITIES)
def test_external_entities_are_refused_before_parsing(document, canary_url, secret):
    for address in (canary_url, secret):
        with pytest.raises(SyntaxFault) as raised:
            read_quads(document.format(address).encode(), format="RDF/XML")
        assert raised.value.code == "doctype"
        assert SECRET not in str(raised.value)


_UNFOLDING = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<!DOCTYPE r [<!ENTITY e0 "x">{_UNFOLDING}]><r>&e9;</r>'


def test_an_entity_bomb_is_refused_before_parsing():
    with pytest.raises(SyntaxFault):
        read_quads(BOMB.encode(), format="RDF/XML")


CONTEXTS = [
    '{{"@context": "{0}", "@id": "http://e/a"}}',
    '{{"@context": ["{0}", {{}}], "@id": "http://e/a"}}',
    '{{"@context": {{"@import": "{0}"}}, "@id": "http://e/a"}}',
    '{{"@context": {{"p": {{"@id": "http://e/p", "@context": "{0}"}}}}, "p": {{"@id": "http://e/a"}}}}',
    '{{"@context": {{"T": {{"@id": "http://e/T", "@context": "{0}"}}}}, "@type": "T"}}',
]


@pytest.mark.parametrize("document", CONTEXTS)
def test_contexts_are_never_fetched(document, canary_url, secret):
    for address in (canary_url, secret):
        with pytest.raises(SyntaxFault, match="not fetched") as raised:
            read_quads(document.format(address).encode(), format="JSON-LD")
        assert SECRET not in str(raised.value)


NESTED = [
    ("jsonld", '{"http://e/p":', "1", "}"),
    ("jsonld", "[", "", "]"),
    ("ttl", "<http://e/a> <http://e/b> " + "(", "", ")"),
    ("ttl", "[ <http://e/b> ", "1", "]"),
    ("trig", "{ ", "", "}"),
    ("nq", "<<( <http://e/a> <http://e/b> ", "<http://e/a>", ")>>"),
]


@pytest.mark.parametrize(("format_name", "opening", "middle", "closing"), NESTED)
def test_nesting_ends_in_an_answer_not_in_a_crash(format_name, opening, middle, closing):
    for depth in (1_000, 20_000):
        document = (opening * depth + middle + closing * depth).encode()
        try:
            read_quads(document, format=format_name)
        except InputError as refused:
            assert refused.code in {"too-complex", "syntax"}  # noqa: PT017 - both an answer and a refusal will do


def test_shapes_fetch_nothing(canary_url):
    shapes = f"""
        @prefix sh: <http://www.w3.org/ns/shacl#> .
        <{canary_url}/shapes> <http://www.w3.org/2002/07/owl#imports> <{canary_url}> .
        <http://e/S> sh:targetNode <http://e/a> ;
          sh:sparql [ sh:select "SELECT $this {{ SERVICE <{canary_url}> {{}} }}" ] .
    """
    graph = graph_of(read_quads(b"<http://e/a> <http://e/b> 1 .", format="ttl"))
    with pytest.raises(PactgraphError, match="cannot be evaluated"):
        Validator(graph_of(read_quads(shapes.encode(), format="ttl"))).validate(graph)
