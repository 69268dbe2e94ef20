"""A copy of a store that grows in bulk and then takes the store's place, or is thrown away."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import Quad, Store

from pactgraph.provenance import revision_mark
from pactgraph.store.union import check_named, with_union
from pactgraph.terms import canonical

LARGE = 100_000
"""Fewer quads than these are not worth compacting the store for."""


class Staging:
    """A hard-link copy of a store, open for bulk additions. Nobody else sees it before it is adopted."""

    def __init__(self, origin: Store, path: Path) -> None:
        shutil.rmtree(path, ignore_errors=True)
        self.path = path
        origin.backup(path)
        self._open: Store | None = Store(path)
        self._added = 0

    @property
    def store(self) -> Store:
        """The store as it is filled so far."""
        if self._open is None:
            raise ValueError("the staging is closed")
        return self._open

    def add(self, quads: Iterable[Quad]) -> list[Quad]:
        """Add a batch of quads of named graphs; return those that were not there, as the store keeps them.

        Raises ``ValueError`` for quads of the default graph and blank nodes.
        """
        new = [quad for quad in canonical(check_named(quads)) if quad not in self.store]
        self.store.bulk_extend(with_union(new))
        self._added += len(new)
        return new

    def finish(self, before: int, number: int, description: Iterable[Quad]) -> None:
        """Describe the revision, move the mark, and close the copy, complete on disk.

        What was added lies in as many pieces as there were batches, all of which every later write would have
        to look into: when it is much of the store, that is compacted, which takes as long as adding it did.
        """
        self.store.extend(description)
        self.store.remove(revision_mark(before))
        self.store.add(revision_mark(number))
        self.store.flush()
        if self._added >= LARGE and self._added * 4 >= len(self.store):
            self.store.optimize()
        self._open = None

    def discard(self) -> None:
        """Close and remove the copy, unless it has been adopted."""
        self._open = None
        shutil.rmtree(self.path, ignore_errors=True)
