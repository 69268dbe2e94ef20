"""The verdict on a patch: the state after it is judged, and only what it brings is reported."""

import re

import pytest
from rdflib import SH, XSD, BNode, Dataset, Literal, Namespace, URIRef

from pactgraph.errors import InputError
from pactgraph.shapes.checking import Check, check
from pactgraph.shapes.crossing import graph_of, memory_copy
from pactgraph.shapes.findings import Finding, introduced
from pactgraph.shapes.sourcing import graph_of_source
from pactgraph.shapes.validator import Validator

E = Namespace("http://example.org/")
PAPER = "https://w3id.org/eukdp/source/paper"


@pytest.fixture
def judged(shapes, world, parse):
    """Judge a document that is attributed to a source that is described."""

    def judge(turtle, *, base=world, source=PAPER):
        return check(base, parse(turtle), shapes, source=source)

    return judge


def rules(report):
    return [result.constraint for result in report.results]


def test_a_good_patch_conforms_though_the_graph_does_not(judged, shapes, world):
    assert not Validator(shapes).validate(world).conforms
    report = judged('e:x a e:Event ; rdfs:label "x"@en ; e:start "2024"^^xsd:gYear ; e:place e:y .')
    assert report.results == ()


def test_only_what_the_patch_brings_is_reported(judged):
    report = judged('e:x a e:Event ; rdfs:label "x"@en ; e:place e:y . e:old e:seats 0 .')
    assert [(result.focus, result.constraint) for result in report.results] == [
        (E.old, "rules:Event-seats/minInclusive"),
        (E.x, "rules:Event-start/minCount"),
    ]
    assert len(list(report.graph.objects(None, SH.result))) == 2


def test_a_patch_that_breaks_what_conformed_is_refused(judged):
    report = judged('e:summit e:start "2025"^^xsd:gYear .')
    assert rules(report) == ["rules:Event-start/maxCount"]
    assert not report.conforms


def test_a_patch_that_mends_is_let_in(judged):
    assert judged('e:old e:start "2020"^^xsd:gYear .').results == ()


def test_a_class_that_the_patch_adds_above_others_is_judged_too(judged):
    report = judged("e:Person rdfs:subClassOf e:Event .")
    assert {result.focus for result in report.violations} == {E.jiwon}


def test_numbers_are_judged_as_the_store_keeps_them(judged):
    good = 'e:x a e:Event ; rdfs:label "x"@en ; e:start "2024"^^xsd:gYear ; e:place e:y ; e:seats %s .'
    assert judged(good % '"05"^^xsd:integer').results == ()
    assert judged(good % '"5"^^xsd:positiveInteger').results == ()
    value = judged(good % '"-01"^^xsd:integer').results[0].value
    assert value.eq(Literal(-1))
    assert str(value) == "-1"


def test_a_blank_node_is_judged_as_the_iri_it_will_be(judged):
    good = (
        'e:x a e:Event ; rdfs:label "x"@en ; e:start "2024"^^xsd:gYear ; e:place e:y ; e:page [ a e:Page ] .'
    )
    assert judged(good).results == ()


def test_a_dataset_stands_for_its_default_graph(shapes, world, parse):
    dataset = Dataset()
    for triple in world:
        dataset.default_graph.add(triple)
    dataset.graph(E.other).add((E.hidden, E.x, Literal("5", datatype=XSD.string)))
    assert check(dataset, parse("e:old e:seats 5 ."), shapes, source=PAPER).results == ()
    assert set(memory_copy(dataset)) == set(world)


def test_explicit_strings_of_a_store_are_plain_text(shapes, world, parse):
    base = memory_copy(world)
    base.remove((E.summit, E.kind, None))
    view = Dataset().default_graph
    for triple in base:
        view.add(triple)
    view.add((E.summit, E.kind, Literal("forum", datatype=XSD.string)))
    report = check(view, parse("e:summit e:seats 5 ."), shapes, source=PAPER)
    assert report.results == ()


def test_several_patches_are_judged_against_the_same_base(shapes, world, parse):
    checker = Check(shapes, world)
    bad, good = parse("e:old e:seats 0 ."), parse("e:old e:seats 5 .")
    assert [checker.report(patch, source=PAPER).conforms for patch in (good, bad, good)] == [
        True,
        False,
        True,
    ]


# ---- sources


def test_facts_outside_any_graph_are_refused_with_exactly_that_reason(judged):
    report = judged("e:old e:seats 5 ; e:page e:x .", source=None)
    (result,) = report.results
    assert (result.code, result.severity, result.focus) == ("no-source", "Violation", E.old)
    assert result.message == (
        "2 statements have no source, being outside any graph; facts without a source are not let in."
    )
    assert "--source" in result.suggestion
    (node,) = report.graph.objects(None, SH.result)
    assert report.graph.value(node, SH.resultSeverity) == SH.Violation
    assert not report.conforms


def test_a_graph_of_a_described_source_is_let_in(judged):
    assert judged("g:paper { e:old e:seats 5 }", source=None).results == ()
    described = 'g:new { g:new prov:hadPrimarySource src:new . src:new a e:Source ; dcterms:title "N" }'
    assert judged(described, source=None).results == ()


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ("g:new { e:old e:seats 5 }", "graph/new> has no source; "),
        (
            "g:new { g:new prov:hadPrimarySource src:new . e:old e:seats 5 }",
            "The source “new” .* is not described; ",
        ),
        ("g:new { g:new prov:hadPrimarySource src:new . src:new a e:Source . }", "is not described; "),
        ('g:new { g:new prov:hadPrimarySource src:new . src:new dcterms:title "x" . }', "is not described; "),
    ],
)
def test_a_graph_without_a_described_source_is_refused(judged, facts, reason):
    (result,) = judged(facts, source=None).results
    assert result.code == "no-source"
    assert result.focus == URIRef("https://w3id.org/eukdp/graph/new")
    assert re.search(reason, result.message)
    assert result.message.endswith("facts without a source are not let in.")


def test_the_source_that_is_named_must_be_described_too(judged):
    (result,) = judged("e:old e:seats 5 .", source="https://w3id.org/eukdp/source/unknown").results
    assert result.code == "no-source"


def test_naming_a_source_leaves_other_graphs_alone(judged):
    (result,) = judged("e:old e:seats 5 . g:other { e:old e:seats 5 }").results
    assert result.focus == URIRef("https://w3id.org/eukdp/graph/other")


@pytest.mark.parametrize(
    "source", ["paper", "https://w3id.org/eukdp/source/", "https://w3id.org/eukdp/source/a b", "http://x/"]
)
def test_a_source_that_is_no_source_is_asked_wrongly(judged, source):
    with pytest.raises(InputError, match="is not the IRI of a source"):
        judged("e:old e:seats 5 .", source=source)


def test_the_graph_of_a_source_has_its_short_name():
    assert graph_of_source(PAPER) == "https://w3id.org/eukdp/graph/paper"


# ---- what is new among results


def finding(focus, text="m", source=None):
    return Finding(
        BNode(), E.root, focus, None, None, "Violation", E.shape, E.component, source, (Literal(text),)
    )


def test_results_are_counted_not_only_named():
    assert introduced([finding(E.a), finding(E.a)], [finding(E.a)])[0].focus == E.a
    assert introduced([finding(E.a)], [finding(E.a), finding(E.a)]) == []


def test_of_two_alike_the_one_with_new_words_is_new():
    (new,) = introduced([finding(E.a, "old"), finding(E.a, "new")], [finding(E.a, "old")])
    assert str(new.messages[0]) == "new"


def test_a_message_that_only_changed_its_words_is_not_new():
    assert introduced([finding(E.a, "ends 2024")], [finding(E.a, "ends 2023")]) == []


def test_two_queries_of_one_shape_are_two_rules():
    assert len(introduced([finding(E.a, source=E.one)], [finding(E.a, source=E.two)])) == 1


def test_graph_of_keeps_lexical_forms_as_they_come(parse):
    (value,) = graph_of(parse('e:a e:b "2024-03"^^xsd:gYearMonth .')).objects()
    assert value == Literal("2024-03", datatype=XSD.gYearMonth, normalize=False)
