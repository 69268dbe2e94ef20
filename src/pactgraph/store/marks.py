"""The revision mark of a store: which revision it holds."""

from __future__ import annotations

from pyoxigraph import Literal, Quad, Store

from pactgraph import vocab
from pactgraph.provenance import revision_mark


def read_mark(store: Store) -> int:
    """Return the revision that a store holds: its highest mark; raises ``ValueError`` when it has none."""
    numbers = [int(mark.object.value) for mark in marks(store) if isinstance(mark.object, Literal)]
    if not numbers:
        raise ValueError("the store has no revision mark")
    return max(numbers)


def settle(store: Store, revision: int) -> None:
    """Take away the mark that a crash left of the revision before."""
    for mark in marks(store):
        if mark != revision_mark(revision):
            store.remove(mark)


def marks(store: Store) -> list[Quad]:
    """Return the revision marks of a store: one, or two after a crash."""
    graph = vocab.REVISIONS_GRAPH
    return list(store.quads_for_pattern(graph, vocab.CURRENT_REVISION, None, graph))
