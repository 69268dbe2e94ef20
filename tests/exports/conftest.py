"""The shipped graph, and a hostile one, as stores of one revision."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from pactgraph.exports.ask import Ask, ask_store
from pactgraph.exports.delivery import Delivery
from pactgraph.exports.views import read_views
from pactgraph.ingest.seed import read_seed
from pactgraph.provenance import revision_mark
from pactgraph.resources import shipped
from pactgraph.store.union import with_union

from .writing import delivered

VIEWS = tuple(read_views())
ID = "https://w3id.org/eukdp/id/"
LONG = "x" * 100_000
NASTY = [
    "=1+1",
    "+1",
    "-1+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    " =1+1",
    "\u00a0＋1",
    "-12.5",
    "12",
    "null\x00 bell\x07 vt\x0b esc\x1b",
    "noncharacter \uffff\ufffe",
    "한국 반도체 🇰🇷",
    "\u202egnirts\u202c עברית العربية",
    'quo"te, com;ma',
    "line\nbreak\r\nand\ttab",
    "<b>&amp;</b>]]>",
    "javascript:alert(1)",
    "</script><script>alert(1)</script>",
    "pipe | bar",
    "back\\slash",
    "",
    " ",
    "𝒳" * 20_000,
    LONG,
]


def _quads(text: str) -> list[ox.Quad]:
    return list(with_union(ox.parse(text, format=ox.RdfFormat.TRIG)))


def _store(quads: object) -> ox.Store:
    store = ox.Store()
    store.extend(quads)  # type: ignore[arg-type]
    store.add(revision_mark(7))
    return store


HOSTILE = """
@prefix pact: <https://w3id.org/eukdp/ontology#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix graph: <https://w3id.org/eukdp/graph/> .
@prefix source: <https://w3id.org/eukdp/source/> .
@prefix : <https://w3id.org/eukdp/id/x/> .
graph:a {
  graph:a prov:hadPrimarySource source:a . source:a dcterms:title "=HYPERLINK(\\"x\\") | a" .
  :o1 a org:Organization . :o2 a org:Organization . :o3 a org:Organization .
  :p1 a foaf:Person . :p2 a foaf:Person .
  :project a pact:Project ; pact:startDate "2024"^^xsd:gYear , "2024-07"^^xsd:gYearMonth ; dcterms:subject
  :topic . :topic a skos:Concept .
  :forum a pact:Event ; pact:startDate "2024-02"^^xsd:gYearMonth ; pact:endDate "2024-02-29"^^xsd:date .
  :part1 a pact:ProjectParticipation ; pact:agent :o1 ; pact:takesPartIn :project .
  :part2 a pact:ProjectParticipation ; pact:agent :o2 ; pact:takesPartIn :project .
  :part3 a pact:EventParticipation ; pact:agent :p1 ; pact:onBehalfOf :o1 ; pact:takesPartIn :forum .
  :part4 a pact:EventParticipation ; pact:agent :p2 ; pact:onBehalfOf :o2 ; pact:takesPartIn :forum .
  :money a pact:Funding ; pact:funder :o3 ; pact:funds :project ; pact:hasAmount :sum , :sum2 .
  :sum pact:amountValue 0.1 ; pact:currency :eur . :sum2 pact:amountValue 12345678901234567890.123 .
  :o1 :knows :o1 , :o2 , <javascript:alert(1)> . :o1 :likes :o2 .
  :o1 :mixed 1 , "1" , 1.5 , true , "2024"^^xsd:gYear . :o2 :mixed 2 . :o3 :huge 9007199254740993 ,
  "NaN"^^xsd:double . }
graph:b {
  graph:b a pact:InferenceGraph ; prov:hadPrimarySource source:b . source:b dcterms:title "b" .
  :part5 a pact:ProjectParticipation ; pact:agent :o3 ; pact:takesPartIn :project . :o3 a org:Organization .
}
"""


@pytest.fixture(scope="session")
def shipped_store() -> ox.Store:
    return _store(with_union(read_seed(shipped("ontology"), shipped("facts"))))


@pytest.fixture(scope="session")
def hostile_store() -> ox.Store:
    quads = _quads(HOSTILE)
    label = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
    says = ox.NamedNode(f"{ID}x/says")
    graph = ox.NamedNode("https://w3id.org/eukdp/graph/a")
    for number, text in enumerate(NASTY):
        subject = ox.NamedNode(f"{ID}n/{number}")
        quads += with_union(
            [
                ox.Quad(subject, label, ox.Literal(text, language="en"), graph),
                ox.Quad(subject, says, ox.Literal(text), graph),
                ox.Quad(subject, says, ox.NamedNode(f"{ID}x/o1"), graph),
                ox.Quad(
                    subject,
                    ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
                    ox.NamedNode("http://xmlns.com/foaf/0.1/Person"),
                    graph,
                ),
            ]
        )
    return _store(quads)


@pytest.fixture(scope="session", params=["shipped", "hostile"])
def store(request: pytest.FixtureRequest) -> ox.Store:
    return request.getfixturevalue(f"{request.param}_store")


@pytest.fixture(scope="session")
def ask(shipped_store: ox.Store) -> Ask:
    return ask_store(shipped_store)


@pytest.fixture(scope="session", params=VIEWS)
def delivery(request: pytest.FixtureRequest, store: ox.Store) -> Delivery:
    return delivered(store, request.param)
