"""A small world with its shapes: events, people, a code list, sources."""

import pytest

from pactgraph.ingest.reading import read_quads
from pactgraph.shapes.crossing import graph_of
from pactgraph.terms import canonical

PREFIXES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix s: <http://example.org/shapes#> .
@prefix e: <http://example.org/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix g: <https://w3id.org/eukdp/graph/> .
@prefix src: <https://w3id.org/eukdp/source/> .
"""

SHAPES = r"""
<http://example.org/shapes> sh:declare
  [ sh:prefix "rules" ; sh:namespace "http://example.org/shapes#"^^xsd:anyURI ] ,
  [ sh:prefix "e" ; sh:namespace "http://example.org/"^^xsd:anyURI ] .
s:Event a sh:NodeShape ; sh:targetClass e:Event ; sh:sparql s:Order ; sh:property
  [ sh:path rdfs:label ; sh:uniqueLang true ; sh:qualifiedValueShape [ sh:languageIn ( "en" ) ] ;
    sh:qualifiedMinCount 1 ; sh:message "Give one English name."@en , "영어 이름을 적으십시오."@ko ] ,
  [ sh:path e:start ; sh:minCount 1 ; sh:maxCount 1 ;
    sh:or ( [ sh:datatype xsd:date ] [ sh:datatype xsd:gYear ] ) ;
    sh:message "When does the event begin?"@en , "시작일을 적으십시오."@ko ] ,
  [ sh:path e:status ; sh:node [ sh:property [ sh:path skos:inScheme ; sh:hasValue e:statuses ] ] ;
    sh:message "State the status."@en ] ,
  [ sh:path e:chair ; sh:class e:Person ; sh:message "The chair must be a person."@en ] ,
  [ sh:path e:opens ; sh:lessThan e:closes ; sh:message "It must open before it closes."@en ] ,
  [ sh:path e:seats ; sh:datatype xsd:integer ; sh:minInclusive 1 ; sh:message "How many seats?"@en ] ,
  [ sh:path e:kind ; sh:in ( "forum" "council" ) ; sh:message "Which kind?"@en ] ,
  [ sh:path e:page ; sh:nodeKind sh:IRI ; sh:message "Give the page."@en ] ,
  [ sh:path e:currency ; sh:pattern "^http://example\\.org/currency/[A-Z]{3}$" ;
    sh:message "Which currency?"@en ] ,
  [ sh:path e:place ; sh:minCount 1 ; sh:severity sh:Warning ; sh:message "The place is not stated."@en ] .
s:Order a sh:SPARQLConstraint ; sh:prefixes <http://example.org/shapes> ;
  sh:message "It ends ({?e}) before it begins ({?b})."@en ;
  rdfs:comment "끝({?e})이 시작({?b})보다 빠릅니다."@ko ;
  sh:select "SELECT $this ?b ?e WHERE { $this e:start ?b ; e:end ?e . FILTER (STR(?e) < STR(?b)) }" .
"""

WORLD = """
e:Event rdfs:label "event"@en , "행사"@ko . e:Forum rdfs:subClassOf e:Event ; rdfs:label "forum"@en .
e:Person rdfs:label "person"@en .
e:start rdfs:label "start date"@en . e:end rdfs:label "end date"@en .
e:opens rdfs:label "opens on"@en . e:closes rdfs:label "closes on"@en .
e:held skos:inScheme e:statuses ; skos:prefLabel "held"@en .
e:cancelled skos:inScheme e:statuses ; skos:prefLabel "cancelled"@en .
e:jiwon a e:Person ; skos:prefLabel "Kim Ji-won"@en , "김지원"@ko .
e:summit a e:Event ; rdfs:label "Summit"@en ; e:start "2023"^^xsd:gYear ; e:place e:seoul ; e:status e:held ;
  e:currency <http://example.org/currency/EUR> .
e:old a e:Event ; rdfs:label "Old"@en ; e:place e:seoul .
src:paper a e:Source ; dcterms:title "A paper"@en .
g:paper prov:hadPrimarySource src:paper .
"""


def quads(turtle, format="trig"):
    """Return the quads of a document that leaves out the prefixes."""
    return read_quads((PREFIXES + turtle).encode(), format=format, trusted=True)


@pytest.fixture
def parse():
    return quads


@pytest.fixture(scope="session")
def shapes():
    return graph_of(canonical(quads(SHAPES)))


@pytest.fixture(scope="session")
def world():
    return graph_of(canonical(quads(WORLD)))
