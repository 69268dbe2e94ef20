"""Full validation: verdicts, the standard report, the guard of the seed, and equality with pySHACL itself."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.graph_abstraction import RdfLibDataGraph
from pyshacl.shape import Shape
from pyshacl.shapes_graph import ShapesGraph
from rdflib import RDF, SH, Graph, Literal, Namespace

from pactgraph.errors import PactgraphError
from pactgraph.shapes.crossing import graph_of, memory_copy
from pactgraph.shapes.findings import findings
from pactgraph.shapes.full import seed_guard
from pactgraph.shapes.mended import MendedShapesGraph
from pactgraph.shapes.running import run
from pactgraph.shapes.validator import Validator

E = Namespace("http://example.org/")
NOW = datetime(2024, 6, 1, tzinfo=UTC)


def test_warnings_do_not_refuse_but_are_not_conformance_in_the_recommendation(shapes, world):
    graph = memory_copy(world)
    graph.remove((E.summit, E.place, None))
    graph.remove((E.old, None, None))
    report = Validator(shapes).validate(graph)
    assert report.conforms
    assert report.counts == {"Violation": 0, "Warning": 1, "Info": 0}
    node = report.graph.value(None, RDF.type, SH.ValidationReport)
    assert report.graph.value(node, SH.conforms) == Literal(False)


def test_a_graph_without_results_conforms_in_both_senses(shapes):
    report = Validator(shapes).validate(Graph())
    assert report.conforms
    assert report.results == ()
    node = report.graph.value(None, RDF.type, SH.ValidationReport)
    assert report.graph.value(node, SH.conforms) == Literal(True)


def test_nested_results_are_not_results(shapes, parse):
    data = parse(
        'e:x a e:Event ; rdfs:label "x"@en ; e:start "2024"^^xsd:gYear ; e:place e:y ; e:status e:z .'
    )
    report = Validator(shapes).validate(graph_of(data))
    assert [result.constraint for result in report.results] == ["rules:Event-status/node"]
    assert len(list(report.graph.subjects(RDF.type, SH.ValidationResult))) == 2


def test_a_class_shape_meets_subclasses_through_the_data_graph(shapes, world, parse):
    graph = world + graph_of(parse('e:x a e:Forum ; rdfs:label "x"@en ; e:place e:y .'))
    found = Validator(shapes).validate(graph).violations
    assert {result.focus for result in found} == {E.x, E.old}


def test_a_validator_serves_many_graphs(shapes, world):
    validator = Validator(shapes)
    first = validator.validate(world)
    assert validator.validate(Graph()).conforms
    assert validator.validate(world).to_json() == first.to_json()


def test_the_seed_guard_lets_a_conforming_seed_in(shapes, parse):
    seed_guard(parse('g:a { e:x a e:Event ; rdfs:label "x"@en ; e:start "2024"^^xsd:gYear }'), shapes, NOW)


def test_the_seed_guard_names_what_does_not_conform(shapes, parse):
    with pytest.raises(PactgraphError, match=r"\(1 violation\).*\n- “Fair”, start: When does") as raised:
        seed_guard(parse('g:a { e:x a e:Event ; rdfs:label "Fair"@en }'), shapes, NOW)
    assert raised.value.exit_code == 3


@pytest.mark.parametrize(
    "shape",
    [
        's:A a sh:NodeShape ; sh:targetNode e:x ; sh:sparql [ sh:select "SELECT $this WHERE {" ] .',
        's:A a sh:NodeShape ; sh:targetNode e:x ; sh:sparql [ sh:select "SELECT * { SERVICE e:x {} }" ] .',
        "s:A a sh:NodeShape ; sh:targetNode e:x ; sh:minCount 1 .",
        "s:A a sh:PropertyShape ; sh:targetNode e:x .",
        "s:A a sh:NodeShape ; sh:targetNode e:x ; sh:node s:A .",
    ],
)
def test_a_shape_that_cannot_be_evaluated_is_our_failure_in_one_sentence(shape, parse):
    shapes = graph_of(parse(shape))
    with pytest.raises(
        PactgraphError, match=r"^A shape cannot be evaluated \(.*\); mend it in the shapes folder\.$"
    ):
        Validator(shapes).validate(graph_of(parse("e:x e:y e:x .")))


def test_a_custom_component_gives_the_same_messages_mended_and_unmended(parse):
    shapes = graph_of(
        parse("""
        e:Limit a sh:ConstraintComponent ; sh:parameter [ sh:path e:limit ] ; sh:validator [
          a sh:SPARQLAskValidator ; sh:message "{$value} is over {$limit}." ;
          sh:ask "ASK { FILTER ($value <= $limit) }" ] .
        s:A a sh:NodeShape ; sh:targetClass e:Event ; sh:property [ sh:path e:seats ; e:limit 3 ] .
    """)
    )
    data = graph_of(
        parse("e:a a e:Event ; e:seats 4 . e:b a e:Event ; e:seats 5 , 6 . e:c a e:Event ; e:seats 1 .")
    )
    found = [summary(run(data, kind(memory_copy(shapes)))) for kind in (MendedShapesGraph, ShapesGraph)]
    assert found[0].total() == 3
    assert found[0] == found[1]


SUBJECTS = st.sampled_from([E.a, E.b, E.c, E.d])
PREDICATES = st.sampled_from(
    [RDF.type, E.start, E.end, E.status, E.chair, E.opens, E.closes, E.seats, E.kind]
)
VALUES = st.sampled_from(
    [E.Event, E.Person, E.held, E.a, E.b, Literal("forum"), Literal(0), Literal(3), Literal("x", lang="en")]
)


@settings(max_examples=60, deadline=None)
@given(triples=st.lists(st.tuples(SUBJECTS, PREDICATES, VALUES), max_size=25))
def test_mended_and_unmended_results_are_equal(triples, shapes, world):
    graph = memory_copy(world)
    for triple in triples:
        graph.add(triple)
    mended_results, unmended_results = (
        summary(run(graph, kind(memory_copy(shapes)))) for kind in (MendedShapesGraph, ShapesGraph)
    )
    assert mended_results == unmended_results


def summary(ran):
    return Counter(
        (finding.key, finding.severity, finding.messages) for finding in findings(ran.report, ran.roots)
    )


def test_pyshacl_itself_is_left_as_it_was(shapes, world):
    def state():
        return (
            dict(vars(Shape)),
            dict(vars(ShapesGraph)),
            dict(vars(RdfLibDataGraph)),
            dict(CONSTRAINT_PARAMETERS_MAP),
        )

    before = state()
    Validator(shapes).validate(world)
    assert state() == before


def test_an_inverted_sequence_is_walked_from_its_end():
    """``^(a/b)`` is ``^b/^a`` (SPARQL 1.1, 9.3); pySHACL 0.40 takes it for ``^a/^b``."""
    prefixes = f"@prefix sh: <{SH}> . @prefix e: <{E}> . "
    shapes = Graph().parse(
        data=prefixes + "e:S a sh:NodeShape ; sh:targetNode e:z ; "
        "sh:property [ sh:path [ sh:inversePath ( e:a e:b ) ] ; sh:minCount 1 ] ."
    )
    there = Graph().parse(data=prefixes + "e:x e:a e:y . e:y e:b e:z .")
    turned = Graph().parse(data=prefixes + "e:x e:b e:y . e:y e:a e:z .")
    validator = Validator(shapes)
    assert validator.validate(there).conforms
    assert not validator.validate(turned).conforms
