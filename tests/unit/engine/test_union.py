"""The law of the default graph: it is the set union of the named graphs, whatever was added and removed."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from pactgraph import vocab
from pactgraph.store.union import in_default_graph, plan_change, to_update
from pactgraph.terms import canonical

EX = "http://example.org/"
XSD = "http://www.w3.org/2001/XMLSchema#"

subjects = st.sampled_from([NamedNode(f"{EX}s{number}") for number in range(3)])
predicates = st.sampled_from([NamedNode(f"{EX}p{number}") for number in range(2)])
graphs = st.sampled_from([NamedNode(f"{EX}g{number}") for number in range(3)] + [vocab.REVISIONS_GRAPH])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
values = st.one_of(
    subjects,
    st.sampled_from(
        [
            Literal("01", datatype=NamedNode(f"{XSD}integer")),
            Literal("1", datatype=NamedNode(f"{XSD}integer")),
        ]
    ),
    st.sampled_from(
        [Literal("1.50", datatype=NamedNode(f"{XSD}decimal")), Literal("a", language="en"), Literal("a")]
    ),
    texts.map(Literal),
)
quads = st.builds(Quad, subjects, predicates, values, graphs)
patches = st.lists(st.tuples(st.lists(quads, max_size=6), st.lists(quads, max_size=6)), max_size=6)


def apply(store: Store, added: Iterable[Quad], removed: Iterable[Quad]) -> None:
    store.update(to_update(plan_change(store, added, removed)))


def named(store: Store) -> set[Quad]:
    return {quad for quad in store if not isinstance(quad.graph_name, DefaultGraph)}


def default(store: Store) -> list[Quad]:
    return list(store.quads_for_pattern(None, None, None, DefaultGraph()))


@given(patches)
@settings(max_examples=300, deadline=None)
def test_the_default_graph_is_the_set_union(patches: list[tuple[list[Quad], list[Quad]]]) -> None:
    store, expected = Store(), set[Quad]()
    for added, removed in patches:
        apply(store, added, removed)
        expected = (expected - canonical(removed)) | canonical(added)
        assert named(store) == expected
        union = {in_default_graph(quad) for quad in expected if quad.graph_name != vocab.REVISIONS_GRAPH}
        assert set(default(store)) == union
        assert len(default(store)) == len(union)
        assert set(store.named_graphs()) == {quad.graph_name for quad in expected}


@given(st.lists(quads, max_size=8), st.lists(quads, max_size=8), st.lists(quads, max_size=8))
@settings(max_examples=100, deadline=None)
def test_a_change_and_its_inverse_leave_nothing(
    before: list[Quad], added: list[Quad], removed: list[Quad]
) -> None:
    store = Store()
    apply(store, before, [])
    original = set(store)
    change = plan_change(store, added, removed)
    store.update(to_update(change))
    apply(
        store,
        [quad for quad in change.removed if not isinstance(quad.graph_name, DefaultGraph)],
        [quad for quad in change.added if not isinstance(quad.graph_name, DefaultGraph)],
    )
    assert set(store) == original


def test_what_three_sources_state_counts_once_and_stays_until_the_last() -> None:
    store = Store()
    stated = [
        Quad(NamedNode(f"{EX}s"), NamedNode(f"{EX}p"), Literal(1), NamedNode(f"{EX}g{n}")) for n in range(3)
    ]
    apply(store, stated, [])
    assert len(default(store)) == 1
    apply(store, [], stated[:1])
    assert len(default(store)) == 1
    apply(store, [], stated[1:])
    assert default(store) == []
    assert list(store.named_graphs()) == []


def test_a_triple_that_moves_to_the_revisions_leaves_the_union() -> None:
    stated = Quad(NamedNode(f"{EX}s"), NamedNode(f"{EX}p"), Literal(1), NamedNode(f"{EX}g"))
    moved = Quad(stated.subject, stated.predicate, stated.object, vocab.REVISIONS_GRAPH)
    store = Store()
    apply(store, [stated], [])
    apply(store, [moved], [stated])
    assert default(store) == []


def test_the_cost_follows_the_change() -> None:
    store = Store()
    crowd = [
        Quad(NamedNode(f"{EX}s{n}"), NamedNode(f"{EX}p"), Literal(n), NamedNode(f"{EX}g")) for n in range(500)
    ]
    apply(store, crowd, [])
    change = plan_change(store, [], crowd[:1])
    assert (len(change.added), len(change.removed)) == (0, 2)  # the quad and its copy in the default graph


def test_a_triple_term_goes_in_and_out() -> None:
    inner = Triple(NamedNode(f"{EX}s"), NamedNode(f"{EX}p"), Literal("x"))
    quad = Quad(NamedNode(f"{EX}r"), NamedNode(f"{EX}says"), inner, NamedNode(f"{EX}g"))
    store = Store()
    apply(store, [quad], [])
    assert quad in store
    apply(store, [], [quad])
    assert len(store) == 0


@pytest.mark.parametrize(
    "quad",
    [
        Quad(NamedNode(EX), NamedNode(EX), Literal(1)),
        Quad(BlankNode("a"), NamedNode(EX), Literal(1), NamedNode(EX)),
        Quad(NamedNode(EX), NamedNode(EX), BlankNode("a"), NamedNode(EX)),
    ],
)
def test_the_default_graph_and_blank_nodes_cannot_be_written(quad: Quad) -> None:
    with pytest.raises(ValueError, match=r"default graph|blank node"):
        plan_change(Store(), [quad], [])
