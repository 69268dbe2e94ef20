"""The two copies in memory: the default graph alone is asked only where that makes no difference."""

from __future__ import annotations

from random import Random

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from pactgraph.errors import SyntaxFault
from pactgraph.query.copies import Copies
from pactgraph.query.guard import inspect
from pactgraph.store.union import plan_change, to_updates

E = "http://e.org/"
UNSCOPED = [
    "SELECT * { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "CONSTRUCT { ?o ?p ?s } WHERE { ?s ?p ?o FILTER NOT EXISTS { ?o ?p ?s } }",
    f"DESCRIBE <{E}1> <{E}2>",
    f"SELECT ?x {{ <{E}1> (<{E}p0>|^<{E}p1>)+ ?x }}",
    "ASK { ?s ?p ?s }",
]
SCOPED = [
    "SELECT * { GRAPH ?g { ?s ?p ?o } }",
    "SELECT * { graph ?g { ?s ?p ?o } }",
    "SELECT * {GRAPH?g{?s ?p ?o}}",
    "SELECT * { ?s ?p ?o . OPTIONAL { Graph ?g { ?o ?p ?s } } }",
    f"SELECT * {{ ?s ?p ?o FILTER EXISTS {{ GRAPH <{E}g1> {{ ?s ?p ?o }} }} }}",
    f"PREFIX x: <{E}> SELECT * {{ GRAPHx:g1 {{ ?s ?p ?o }} }}",
]


def changed(random: Random, store: Store) -> tuple[str, str]:
    """A random change of named graphs, as the dataset keeps it for those who follow."""

    def name(stem: str, most: int) -> NamedNode:
        return NamedNode(f"{E}{stem}{random.randrange(most)}")

    def quads(number: int) -> list[Quad]:
        return [Quad(name("", 4), name("p", 2), name("", 4), name("g", 3)) for _ in range(number)]

    return to_updates(plan_change(store, quads(8), quads(8)))


def rows(store: Store, query: str) -> object:
    found = store.query(query)
    return bool(found) if query.startswith("ASK") else sorted(map(str, found))  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(5))
def test_the_default_graph_alone_answers_as_the_whole_does(seed: int) -> None:
    random, copies = Random(seed), Copies("s", Store(), Store())
    for _ in range(20):
        copies.apply(*changed(random, copies.whole))
        default = set(copies.whole.quads_for_pattern(None, None, None, DefaultGraph()))
        assert set(copies.merged) == default
        for query in UNSCOPED:
            assert copies.of(query, described=False) is copies.merged
            assert rows(copies.merged, query) == rows(copies.whole, query)


@pytest.mark.parametrize("query", SCOPED)
def test_a_query_that_may_name_a_graph_sees_all(query: str) -> None:
    copies = Copies("s", Store(), Store())
    assert copies.of(query, described=False) is copies.whole
    assert copies.of(UNSCOPED[0], described=True) is copies.whole


@pytest.mark.parametrize("spelling", [r"\u0047RAPH", r"GR\u0041PH", "GR%41PH"])
def test_no_other_spelling_of_the_keyword_gets_so_far(spelling: str) -> None:
    with pytest.raises(SyntaxFault):
        inspect(f"SELECT * {{ {spelling} ?g {{ ?s ?p ?o }} }}")
