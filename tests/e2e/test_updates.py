"""A sequence of updates enters the ledger as one revision, or not at all."""

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from pactgraph.ingest.updates import read_update
from pactgraph.ledger import Refused, open_ledger

GRAPH = NamedNode("https://w3id.org/eukdp/graph/a")
S, P = NamedNode("http://example.org/s"), NamedNode("http://example.org/p")


@dataclass(frozen=True)
class Opinion:
    conforms: bool

    def to_json(self):
        return "[]"


class NoNines:
    """Refuses any patch that brings a nine."""

    def judge(self, dataset, added, removed, now):
        return Opinion(all(quad.object != Literal(9) for quad in added))


@pytest.fixture
def ledger(tmp_path):
    seed = [Quad(S, P, Literal(1), GRAPH)]
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    with closing(
        open_ledger(tmp_path / "data", seed=lambda: seed, judge=NoNines(), clock=lambda: noon)
    ) as one:
        yield one


def update(ledger, text):
    def make(dataset):
        return read_update(
            f"PREFIX : <http://example.org/> PREFIX g: <https://w3id.org/eukdp/graph/> {text}",
            snapshot=dataset.snapshot(),
            source=None,
            skolem_root=f"https://w3id.org/eukdp/.well-known/genid/{dataset.revision + 1}-",
            timeout=60,
        )

    return ledger.transform(make, author="ann", message="why")


def values(ledger, graph):
    return sorted(int(quad.object.value) for quad in ledger.dataset.quads(S, P, None, graph))


def test_a_sequence_is_one_revision(ledger):
    receipt = update(
        ledger,
        "INSERT DATA { GRAPH g:b { :s :p 2, 3 } } ; DELETE DATA { GRAPH g:b { :s :p 3, 4 } } ; "
        "INSERT { GRAPH g:a { ?s ?p ?sum } } "
        "WHERE { GRAPH g:a { ?s ?p ?one } ?s ?p ?two BIND(?one + ?two AS ?sum) } ; "
        "PREFIX h: <https://w3id.org/eukdp/graph/> MOVE h:b TO h:c",
    )
    assert (receipt.revision, receipt.added, receipt.removed) == (2, 3, 0)
    assert values(ledger, GRAPH) == [1, 2, 3]
    assert values(ledger, NamedNode("https://w3id.org/eukdp/graph/c")) == [2]
    assert values(ledger, DefaultGraph()) == [1, 2, 3]


def test_a_refused_sequence_changes_nothing(ledger):
    before = set(ledger.dataset.quads())
    with pytest.raises(Refused):
        update(ledger, "CLEAR GRAPH g:a ; INSERT DATA { GRAPH g:b { :s :p 9 } }")
    assert set(ledger.dataset.quads()) == before
    assert ledger.journal.head == 1


def test_what_changes_nothing_is_no_revision(ledger):
    assert (
        update(
            ledger, "INSERT DATA { GRAPH g:a { :s :p 5 } } ; DELETE WHERE { GRAPH g:a { ?s ?p 5 } }"
        ).revision
        is None
    )
    assert update(ledger, "DELETE DATA { GRAPH g:a { :s :p 77 } }").revision is None
