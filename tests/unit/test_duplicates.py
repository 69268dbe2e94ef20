"""What a patch brings a second time is hinted at, with the thing that it may be; nothing is refused for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pyoxigraph as ox
import pytest
from rdflib import RDF, SH, Graph, Namespace

from pactgraph.shapes.answers import StoreTriples
from pactgraph.shapes.checking import check
from pactgraph.shapes.crossing import graph_of, store_of
from pactgraph.shapes.duplicates import RULE, namesakes_in, possible_duplicates
from pactgraph.shapes.patches import PatchJudge
from pactgraph.terms import canonical

E = Namespace("http://example.org/")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAPER = "https://w3id.org/eukdp/source/paper"
PACT = "<https://w3id.org/eukdp/ontology#{}>"
ROR, CALL = PACT.format("ror"), PACT.format("callId")
DUPLICATES = [
    ('e:new a e:Person ; skos:prefLabel "KIM Jiwon"@en .', {"jiwon"}),
    ('e:new a e:Person ; skos:prefLabel "Kim J." ; skos:altLabel "김 지원"@ko .', {"jiwon"}),
    ('e:new a e:Person ; skos:prefLabel "Kim Ji-won", "김지원" .', {"jiwon"}),
    ('e:new a e:Event ; rdfs:label "summit"@en ; e:start "2024"^^xsd:gYear ; e:place e:x .', {"summit"}),
    ('e:new a e:Forum ; rdfs:label "Summit"@en ; e:start "2024"^^xsd:gYear ; e:place e:x .', {"summit"}),
    ('src:new a e:Source ; dcterms:title "A Paper" .', {"paper"}),
]
NONE = [
    'e:new a e:Person ; skos:prefLabel "Kim Ji-hoon"@en .',
    'e:new a e:Person ; skos:prefLabel "Summit"@en .',
    'e:new a e:Person ; skos:prefLabel "…"@en .',
    'e:jiwon skos:altLabel "Kim Jiwon"@en .',
    'e:new skos:prefLabel "Kim Ji-won"@en .',
]


def hints(report):
    found = [each for each in report.results if each.code == "possible-duplicate"]
    assert all(each.severity == "Info" for each in found)
    return {str(each.value).rpartition("/")[2] for each in found}


class Held:
    """The small world as a dataset whose names are known."""

    def __init__(self, world):
        self.store = ox.Store()
        for triple in world:
            self.store.extend(ox.parse(_line(triple), format=ox.RdfFormat.N_TRIPLES))

    def quads(self, *pattern):
        return self.store.quads_for_pattern(*pattern)


def _line(triple):
    return " ".join(term.n3() for term in triple) + " ."


@pytest.fixture(params=["check", "ledger"])
def judged(request, shapes, world, parse):
    """Judge a document both ways: against a graph in memory, and at the cost of the patch."""

    def judge(turtle):
        if request.param == "check":
            return check(world, parse(turtle), shapes, source=PAPER)
        added = [
            ox.Quad(quad.subject, quad.predicate, quad.object, graph)
            for quad in parse(turtle)
            for graph in (PAPER_GRAPH, ox.DefaultGraph())
        ]
        return PatchJudge(lambda: shapes, namesakes_in(StoreTriples(store_of(world)))).judge(
            Held(world), added, (), NOON
        )

    return judge


PAPER_GRAPH = ox.NamedNode("https://w3id.org/eukdp/graph/paper")


@pytest.mark.parametrize(("turtle", "expected"), DUPLICATES)
def test_a_new_thing_of_the_same_name_and_class_is_hinted_at(judged, turtle, expected):
    report = judged(turtle)
    assert hints(report) == expected
    assert report.conforms


@pytest.mark.parametrize("turtle", NONE)
def test_what_is_not_new_or_not_the_same_is_not(judged, turtle):
    assert hints(judged(turtle)) == set()


def test_an_identifier_counts_whatever_the_name(judged):
    both = f'e:a a e:Firm ; {ROR} "05xyz" . e:b a e:Company ; {ROR} "05xyz" .'
    assert len(hints(judged(both))) == 1
    assert hints(judged(f'e:a {ROR} "05xyz" . e:b {CALL} "05xyz" .')) == set()
    titled = 'e:a a e:{} ; dcterms:identifier "x" . e:b a e:Source ; dcterms:identifier "x" .'
    assert len(hints(judged(titled.format("Source")))) == 1
    assert hints(judged(titled.format("Event"))) == set()


def test_two_of_a_name_in_one_patch_are_hinted_at_once(judged):
    report = judged('e:a a e:Person ; skos:prefLabel "Lee"@en . e:b a e:Person ; skos:prefLabel "LEE"@en .')
    assert len([each for each in report.results if each.code == "possible-duplicate"]) == 1


def test_a_hint_says_which_and_what_to_do_in_every_form(judged):
    report = judged('e:new a e:Person ; skos:prefLabel "Kim Jiwon"@en .')
    hint = next(
        each for each in json.loads(report.to_json())["results"] if each["code"] == "possible-duplicate"
    )
    assert hint["value"] == {"type": "uri", "value": f"{E}jiwon", "label": "Kim Ji-won"}
    assert (hint["focus"]["value"], hint["severity"]) == (f"{E}new", "Info")
    assert hint["message"] == (
        "“Kim Jiwon” may be “Kim Ji-won” again: both are called “Kim Jiwon” and are of the class “person”."
    )
    assert f"<{E}jiwon>" in hint["suggestion"]
    assert hint["message"] in report.to_text()
    standard = Graph().parse(data=report.to_turtle())
    node = standard.value(predicate=SH.sourceShape, object=RULE)
    assert standard.value(node, RDF.type) == SH.ValidationResult
    assert standard.value(node, SH.resultSeverity) == SH.Info
    assert (standard.value(node, SH.focusNode), standard.value(node, SH.value)) == (E.new, E.jiwon)
    assert (None, SH.result, node) in standard


def test_a_namesake_that_has_the_name_no_more_is_none(parse, world):
    quads = list(canonical(parse('e:new a e:Person ; skos:prefLabel "Kim Ji-won the Third"@en .')))
    added = [(quad.subject, quad.predicate, quad.object) for quad in quads]
    after = graph_of(quads) + world
    found = possible_duplicates(after, added, lambda keys: {key: [f"{E}gone"] for key in keys}, Graph())
    assert found == []
