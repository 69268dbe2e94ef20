"""A plain dataset, as other SPARQL servers have: for the test suites of the W3C, never for facts.

The default graph is a graph like any other, blank nodes stay what they are, nothing is said of revisions, and
nothing outlives the process. So the suites, which know no sources, can fill it over HTTP.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import NamedNode, Quad, Store

from pactgraph.store.directory import DataDirectory, open_directory
from pactgraph.store.embedded import EmbeddedDataset
from pactgraph.store.union import Change
from pactgraph.terms import canonical

FOLDER = "conformance"


class PlainDataset(EmbeddedDataset):
    """A dataset without the rules of ours, in a folder of its own beside what the data directory holds."""

    def __init__(self, directory: DataDirectory) -> None:
        self.place = directory.path / FOLDER
        shutil.rmtree(self.place, ignore_errors=True)  # of a process that died
        directory.tidy()
        self.place.mkdir()
        super().__init__(directory, Store(self.place / "store"), 1, read_only=False)

    def plan(self, added: Iterable[Quad], removed: Iterable[Quad]) -> Change:
        """Return what a patch would change; a quad in both is added."""
        wanted = canonical(added)
        new = frozenset(quad for quad in wanted if quad not in self._store)
        gone = frozenset(quad for quad in canonical(removed) - wanted if quad in self._store)
        return Change(new, gone, frozenset(self._emptied(new, gone)))

    def apply(
        self, added: Iterable[Quad], removed: Iterable[Quad], *, revision: int, description: Iterable[Quad]
    ) -> Change:
        """Apply one patch; the description of the revision is not kept. Not atomic: no update can name a
        blank node."""
        with self._writing:
            change = self.plan(added, removed)
            for quad in change.removed:
                self._store.remove(quad)
            self._store.extend(change.added)
            for graph in change.emptied:
                self._store.remove_graph(graph)
            self.revision = revision
        return change

    def close(self) -> None:
        """Close the store and remove it."""
        super().close()
        shutil.rmtree(self.place, ignore_errors=True)

    def _emptied(self, new: frozenset[Quad], gone: frozenset[Quad]) -> Iterable[NamedNode]:
        filled = {quad.graph_name for quad in new}
        for graph in {quad.graph_name for quad in gone} - filled:
            held = self._store.quads_for_pattern(None, None, None, graph)
            if isinstance(graph, NamedNode) and all(quad in gone for quad in held):
                yield graph


def open_plain(path: Path) -> PlainDataset:
    """Lock a data directory, which may hold tokens, and make an empty plain dataset beside what it holds.

    Raises ``DataDirectoryError`` as ``open_directory`` does.
    """
    directory = open_directory(path)
    try:
        return PlainDataset(directory)
    except BaseException:
        directory.close()
        raise
