"""A snapshot, read in this process."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from pactgraph.model import Snapshot
from pactgraph.terms import Subject, Term


class SnapshotQuads:
    """The quads of one snapshot, as those of a dataset."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._store = Store.read_only(str(snapshot.path))

    def quads(
        self,
        subject: Subject | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | DefaultGraph | None = None,
    ) -> Iterator[Quad]:
        """Yield the quads that match, copies in the default graph included when ``graph`` is not given."""
        return self._store.quads_for_pattern(subject, predicate, value, graph)
