"""Threats S4 to S7 and S19: what a document or a shape cannot make the reader do."""

import json
from pathlib import Path

import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

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


OWN = [
    "/id/organisation/imec.{0}",
    "/graphs?graph=https://w3id.org/eukdp/graph/bas3&format={0}",
    "/sparql?query=CONSTRUCT+WHERE+{{?s+skos:broader+?o}}&format={0}",
]


@pytest.mark.parametrize("path", OWN)
def test_json_ld_of_our_own_is_read_back(client, written, path):
    """It brings no context by reference, so that nothing needs to be bundled: the same reader takes it."""
    jsonld, ntriples = (client.get(written.url + path.format(form)) for form in ("jsonld", "nt"))
    assert (jsonld.status_code, ntriples.status_code) == (200, 200), jsonld.text
    stated = read_quads(jsonld.content, format="JSON-LD")
    assert set(stated) == set(read_quads(ntriples.content, format="N-Triples"))
    assert len(stated) > 5


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph")  # rdflib's own reader of JSON-LD
def test_an_export_is_read_with_the_context_that_it_brings(client, written):
    """Every name of the context that is written into the file means to the reader what it means to rdflib."""
    export = client.get(f"{written.url}/exports/collaboration.jsonld").content
    assert isinstance(json.loads(export)["@context"], dict)
    stated = graph_of(read_quads(export, format="JSON-LD"))
    independent = Graph().parse(data=export, format="json-ld")
    assert len(stated) > 1000
    assert isomorphic(stated, independent)


def test_a_context_of_names_and_scopes_is_read():
    """What people write: prefixes, types, languages, and a context that holds within one value."""
    document = b"""{"@context": {"@version": 1.1, "e": "http://e/", "name": {"@id": "e:name", "@language": "ko"},
      "when": {"@id": "e:when", "@type": "e:date"}, "part": {"@id": "e:part", "@context": {"size": "e:size"}}},
      "@id": "e:a", "name": "x", "when": "2026", "part": {"@id": "e:b", "size": 1}}"""
    lines = """<http://e/a> <http://e/name> "x"@ko ; <http://e/when> "2026"^^<http://e/date> ; <http://e/part> <http://e/b> .
      <http://e/b> <http://e/size> 1 ."""
    assert set(read_quads(document, format="JSON-LD")) == set(read_quads(lines.encode(), format="ttl"))


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


COST = """
import json, sys, time
from pactgraph.errors import SyntaxFault
from pactgraph.ingest.reading import read_quads

def refuse(document):
    began = time.process_time()
    try:
        read_quads(document, format="RDF/XML")
    except SyntaxFault as refused:
        return time.process_time() - began, refused.code
    raise AssertionError("it was read")

def peak():
    words = open("/proc/self/status").read().split()
    return int(words[words.index("VmHWM:") + 1]) * 1024

document = open(sys.argv[1], "rb").read()
refuse(b"<!DOCTYPE r><r/>")  # what the first call imports is not the document's cost
open("/proc/self/clear_refs", "w").write("5")  # from here on: the imports took more at times than now
before = peak()
runs = [refuse(document) for _ in range(5)]
print(json.dumps({"seconds": min(runs)[0], "code": runs[0][1], "bytes": peak() - before}))
"""
_FILLER = "<r>" + "x" * 1_500_000 + "\U0001f4a3</r>"  # beyond the letters that take a byte each in memory
BOMBS = {
    "nine times ten": BOMB.encode(),
    "one large entity many times": (
        f'<!DOCTYPE r [<!ENTITY a "{"x" * 100_000}">]><r>{"&a;" * 100_000}</r>'.encode()
    ),
    "over a megabyte": (BOMB + _FILLER).encode(),
    "at the end of a megabyte": (_FILLER + BOMB).encode(),
    "with a mark of its byte order": b"\xef\xbb\xbf" + (BOMB + _FILLER).encode(),
    "UTF-16": (BOMB + _FILLER).encode("utf-16"),
    "UTF-16 without a mark": (BOMB + _FILLER).encode("utf-16-le"),
    "UTF-16, declared": ('<?xml version="1.0" encoding="UTF-16"?>' + BOMB).encode("utf-16-be"),
    "a file": ENTITIES[0].format("file:///dev/zero").encode(),
}


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the peak is Linux's to tell")
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_next_to_nothing(run_python, tmp_path, name):
    """Less than 50 ms and 5 MB, as the threat says; in a process of its own, so that nothing else counts.

    The one test with a figure for time: it is of the processor's time, not the wall's, and the least of
    several runs, so that other work on the machine does not count. A bomb that goes off takes seconds.
    """
    (tmp_path / "bomb").write_bytes(BOMBS[name])
    cost = run_python(COST, tmp_path / "bomb")
    assert cost["code"] in {"doctype", "not-utf-8"}
    assert cost["seconds"] < 0.05
    assert cost["bytes"] < 5_000_000
