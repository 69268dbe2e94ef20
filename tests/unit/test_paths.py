import pytest
from rdflib import RDF, RDFS, SH, BNode, Graph, Literal, Namespace
from rdflib.plugins.sparql import prepareQuery

from pactgraph.shapes.paths import (
    HERE,
    Choice,
    PathError,
    Repeat,
    Sequence,
    Step,
    TooManyNodesError,
    from_sparql,
    may_be_empty,
    read_path,
    reverse,
    sparql_text,
    steps,
    walk,
)

EX = Namespace("http://example.org/")
P, Q = Step(EX.p), Step(EX.q)


def graph(*triples):
    built = Graph()
    for triple in triples:
        built.add(triple)
    return built


def written(turtle):
    shapes = Graph().parse(data=f"@prefix sh: <{SH}> . @prefix ex: <{EX}> . ex:s sh:path {turtle} .")
    return read_path(shapes, shapes.value(EX.s, SH.path))


def in_query(path):
    query = prepareQuery(f"PREFIX ex: <{EX}> SELECT * WHERE {{ ?s {path} ?o }}")
    return from_sparql(query.algebra.p.p.triples[0][1])


@pytest.mark.parametrize(
    ("turtle", "sparql", "path"),
    [
        ("ex:p", "ex:p", P),
        ("[ sh:inversePath ex:p ]", "^ex:p", Step(EX.p, back=True)),
        ("( ex:p ex:q )", "ex:p/ex:q", Sequence((P, Q))),
        ("[ sh:alternativePath ( ex:p ex:q ) ]", "ex:p|ex:q", Choice((P, Q))),
        ("[ sh:zeroOrMorePath ex:p ]", "ex:p*", Repeat(P, optional=True, many=True)),
        ("[ sh:oneOrMorePath ex:p ]", "ex:p+", Repeat(P, optional=False, many=True)),
        ("[ sh:zeroOrOnePath ex:p ]", "ex:p?", Repeat(P, optional=True, many=False)),
        ("[ sh:inversePath ( ex:p ex:q ) ]", "^(ex:p/ex:q)", Sequence((reverse(Q), reverse(P)))),
        ("[ sh:inversePath [ sh:inversePath ex:p ] ]", "^(^ex:p)", P),
    ],
)
def test_shapes_and_queries_write_the_same_paths(turtle, sparql, path):
    assert written(turtle) == path
    assert in_query(sparql) == path


def test_a_path_is_written_as_it_is_read():
    path = written("( [ sh:inversePath ex:p ] [ sh:zeroOrMorePath [ sh:alternativePath ( ex:p ex:q ) ] ] )")
    assert in_query(sparql_text(path)) == path


@pytest.mark.parametrize("turtle", ['"p"', "( ex:p )", "[ ex:strange ex:p ]"])
def test_malformed_paths_are_refused(turtle):
    with pytest.raises(PathError):
        written(turtle)


def test_a_path_that_contains_itself_is_refused():
    node = BNode()
    with pytest.raises(PathError):
        read_path(graph((node, SH.inversePath, node)), node)


def test_negated_properties_have_no_steps():
    with pytest.raises(PathError):
        in_query("!ex:p")


def test_steps_come_with_the_way_to_them():
    path = Sequence((P, Repeat(Q, optional=True, many=True)))
    assert steps(path) == [(HERE, P), (Sequence((P, Repeat(Q, optional=True, many=True))), Q)]


def test_walks_there_and_back():
    there = graph((EX.a, EX.p, EX.b), (EX.b, EX.p, EX.c), (EX.c, EX.p, EX.b), (EX.c, EX.q, Literal("")))
    path = Sequence((Repeat(P, optional=False, many=True), Q))
    assert walk(there, path, {EX.a}) == {Literal("")}
    assert walk(there, reverse(path), {Literal("")}) == {EX.a, EX.b, EX.c}
    assert walk(there, Repeat(P, optional=True, many=False), {EX.a}) == {EX.a, EX.b}
    assert walk(there, P, {Literal("")}) == set()


def test_a_walk_stays_within_its_budget():
    wide = graph(*((EX.a, EX.p, EX[f"n{number}"]) for number in range(5)))
    assert len(walk(wide, P, {EX.a}, budget=5)) == 5
    with pytest.raises(TooManyNodesError):
        walk(wide, P, {EX.a}, budget=4)


def test_what_may_be_empty():
    star = Repeat(P, optional=True, many=True)
    assert may_be_empty(star)
    assert may_be_empty(Sequence((star, star)))
    assert may_be_empty(Choice((P, star)))
    assert not may_be_empty(Sequence((P, star)))
    assert not may_be_empty(Repeat(P, optional=False, many=True))


def test_type_and_subclass_walk_as_any_other():
    classes = graph((EX.x, RDF.type, EX.Low), (EX.Low, RDFS.subClassOf, EX.High))
    up = Sequence((Step(RDF.type), Repeat(Step(RDFS.subClassOf), optional=True, many=True)))
    assert walk(classes, up, {EX.x}) == {EX.Low, EX.High}
