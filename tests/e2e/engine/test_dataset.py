"""The embedded dataset: what the seed puts where, patches, snapshots."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store

from pactgraph import vocab
from pactgraph.errors import SyntaxFault, Unsourced
from pactgraph.ingest.seed import read_seed
from pactgraph.model import Revision
from pactgraph.provenance import describe_revision, revision_mark
from pactgraph.store import EmbeddedDataset

A = NamedNode("https://w3id.org/eukdp/id/project/a")
BUDGET = NamedNode("https://w3id.org/eukdp/ontology#budget")


def graph(name: str) -> NamedNode:
    return NamedNode(f"https://w3id.org/eukdp/graph/{name}")


def describe(number: int) -> list[Quad]:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return describe_revision(Revision(number, "https://example.org/me", moment, "a test"), added=1, removed=0)


def test_every_file_goes_to_its_graph(dataset: EmbeddedDataset) -> None:
    assert dataset.graphs() == sorted(
        [
            vocab.ONTOLOGY_GRAPH,
            vocab.TOPIC_GRAPH,
            vocab.REVISIONS_GRAPH,
            graph("one"),
            graph("two"),
            graph("three"),
        ],
        key=lambda name: name.value,
    )


def test_what_two_sources_state_is_there_once(dataset: EmbeddedDataset) -> None:
    assert len(list(dataset.quads(A, BUDGET))) == 3  # two sources and the default graph
    assert len(list(dataset.quads(A, BUDGET, graph=DefaultGraph()))) == 1


def test_the_seed_has_no_blank_nodes_and_the_same_iris_each_time(ontology: Path, facts: Path) -> None:
    quads = read_seed(ontology, facts)
    assert quads == read_seed(ontology, facts)
    assert not any(isinstance(term, BlankNode) for quad in quads for term in (quad.subject, quad.object))
    assert any(quad.subject == NamedNode(f"{vocab.GENID}pact-1") for quad in quads)


def test_the_revisions_are_described_outside_of_the_union(dataset: EmbeddedDataset) -> None:
    first = vocab.revision_iri(1)
    told = {quad.predicate: quad.object for quad in dataset.quads(first, graph=vocab.REVISIONS_GRAPH)}
    sources = sum(
        1 for name in dataset.graphs() if name != vocab.REVISIONS_GRAPH for _ in dataset.quads(graph=name)
    )
    assert told[vocab.TYPE] == vocab.ACTIVITY
    assert told[vocab.STATEMENTS_ADDED] == Literal(sources)
    assert list(dataset.quads(first, graph=DefaultGraph())) == []


def test_a_statement_outside_of_any_graph_is_refused(ontology: Path, tmp_path: Path) -> None:
    (tmp_path / "loose.trig").write_text("<http://e.org/s> <http://e.org/p> 1 .")
    with pytest.raises(Unsourced, match=r"loose\.trig"):
        read_seed(ontology, tmp_path)


def test_a_broken_file_is_named(facts: Path, tmp_path: Path) -> None:
    (tmp_path / "pact.ttl").write_text("<http://e.org/s> <http://e.org/p> .")
    with pytest.raises(SyntaxFault, match=r"pact\.ttl"):
        read_seed(tmp_path, facts)


def test_an_ontology_file_without_a_graph_is_refused(facts: Path, tmp_path: Path) -> None:
    (tmp_path / "more.ttl").write_text("<http://e.org/s> <http://e.org/p> 1 .")
    with pytest.raises(Unsourced, match="GRAPH_OF_FILE"):
        read_seed(tmp_path, facts)


def test_a_patch_moves_graphs_union_and_mark_together(data: Path, dataset: EmbeddedDataset) -> None:
    old = Quad(A, BUDGET, Literal(6), graph("one"))
    new = Quad(A, BUDGET, Literal(7), graph("one"))
    dataset.apply([new], [old], revision=2, description=describe(2))
    assert dataset.revision == 2
    assert new in dataset
    assert old not in dataset
    budgets = {quad.object for quad in dataset.quads(A, BUDGET, graph=DefaultGraph())}
    assert budgets == {Literal(6), Literal(7)}  # the second source still says 6
    dataset.close()
    with EmbeddedDataset.open(data, first=list) as again:
        assert again.revision == 2
        assert new in again


def test_a_mark_that_a_crash_left_behind_does_not_count(data: Path, dataset: EmbeddedDataset) -> None:
    dataset.apply([], [], revision=2, description=describe(2))
    dataset.close()
    store = Store(data / "store")
    store.add(revision_mark(1))  # as after a crash between the extension and the removal of the old mark
    store.flush()
    del store
    with EmbeddedDataset.open(data, first=list, read_only=True) as reading:
        assert reading.revision == 2
    with EmbeddedDataset.open(data, first=list) as again:
        assert again.revision == 2
        assert revision_mark(1) not in again
        assert revision_mark(2) in again


def test_an_addition_with_a_blank_node_changes_nothing(dataset: EmbeddedDataset) -> None:
    before = set(dataset.quads())
    blank = Quad(A, BUDGET, BlankNode(), graph("one"))
    with pytest.raises(ValueError, match="skolemize"):
        dataset.apply([Quad(A, BUDGET, Literal(9), graph("one")), blank], [], revision=2, description=[])
    assert set(dataset.quads()) == before


def test_a_patch_must_follow_the_revision_it_is_made_for(dataset: EmbeddedDataset) -> None:
    before = set(dataset.quads())
    with pytest.raises(ValueError, match="does not follow"):
        dataset.apply([], [], revision=3, description=[])
    with pytest.raises(ValueError, match="name its graph"):
        dataset.apply([Quad(A, BUDGET, Literal(1))], [], revision=2, description=[])
    assert set(dataset.quads()) == before
    assert dataset.revision == 1


def test_a_snapshot_stays_what_it_was(dataset: EmbeddedDataset) -> None:
    snapshot = dataset.snapshot()
    assert dataset.snapshot() == snapshot
    before = set(dataset.quads())
    dataset.apply([Quad(A, BUDGET, Literal(8), graph("one"))], [], revision=2, description=describe(2))
    assert set(Store.read_only(str(snapshot.path))) == before
    assert dataset.snapshot().revision == 2


def test_old_snapshots_are_removed(data: Path, dataset: EmbeddedDataset) -> None:
    for number in range(2, 6):
        dataset.snapshot()
        dataset.apply([], [], revision=number, description=describe(number))
    last = dataset.snapshot().path
    assert sorted((data / "snapshots").iterdir())[-1] == last
    assert len(list((data / "snapshots").iterdir())) == 2
    dataset.close()
    EmbeddedDataset.open(data, first=list).close()
    assert not (data / "snapshots").exists()
