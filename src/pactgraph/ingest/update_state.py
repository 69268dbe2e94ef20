"""The dataset as the operations of an update so far leave it, and what they changed in all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import pyoxigraph as ox

from pactgraph import vocab
from pactgraph.errors import InputError
from pactgraph.store.union import plan_change

MOST_STATEMENTS = 1_000_000
GraphName = ox.NamedNode | ox.BlankNode | ox.DefaultGraph


def too_many() -> InputError:
    """Return the error for an update that changes too much at once."""
    return InputError(
        f"The update adds and removes more than {MOST_STATEMENTS:,} statements; split it into smaller ones",
        code="too-many-statements",
        status=413,
    )


def counted(quads: Iterable[ox.Quad]) -> set[ox.Quad]:
    """Return the quads; raises ``InputError`` when they are too many, before they are all read."""
    found = set(islice(quads, MOST_STATEMENTS + 1))
    if len(found) > MOST_STATEMENTS:
        raise too_many()
    return found


class State:
    """A snapshot and the changes on top of it.

    It is ``opened`` when an operation first reads it, and ``copied``, to a store that can be changed, only
    when one reads what another before it changed. With ``follows`` the default graph is the union of the
    others.
    """

    def __init__(
        self, opened: Callable[[], ox.Store], copied: Callable[[ox.Store], ox.Store], *, follows: bool
    ) -> None:
        self.added: set[ox.Quad] = set()
        self.removed: set[ox.Quad] = set()
        self.follows = follows
        self._opened = opened
        self._copied = copied
        self._store: ox.Store | None = None
        self._is_scratch = False
        self._pending: list[tuple[set[ox.Quad], set[ox.Quad]]] = []

    def change(self, removed: set[ox.Quad], added: set[ox.Quad]) -> None:
        """Note what an operation does: first it removes, then it adds (§3.1.3)."""
        if not removed and not added:
            return
        self.added = (self.added - removed) | added
        self.removed = (self.removed | removed) - added
        if len(self.added) + len(self.removed) > MOST_STATEMENTS:
            raise too_many()
        self._pending.append((removed, added))

    def store(self) -> ox.Store:
        """Return the dataset as it is now, to be read."""
        if self._store is None:
            self._store = self._opened()
        if self._pending and not self._is_scratch:
            self._store = self._copied(self._store)
            self._is_scratch = True
        for removed, added in self._pending:
            self._apply(self._store, removed, added)
        self._pending.clear()
        return self._store

    def quads_of(self, graph: GraphName) -> Iterator[ox.Quad]:
        """Yield the quads of a graph as it is now."""
        return self.store().quads_for_pattern(None, None, None, graph)

    def holds(self, graph: GraphName) -> bool:
        """Whether there is such a graph: one without triples does not exist."""
        return isinstance(graph, ox.DefaultGraph) or next(self.quads_of(graph), None) is not None

    def source_graphs(self) -> list[ox.NamedNode | ox.BlankNode]:
        """Return the named graphs that an update may change: all but the history."""
        return [name for name in self.store().named_graphs() if name != vocab.REVISIONS_GRAPH]

    def _apply(self, store: ox.Store, removed: set[ox.Quad], added: set[ox.Quad]) -> None:
        if self.follows:
            change = plan_change(store, added, removed)
            removed, added = set(change.removed), set(change.added)
        for quad in removed - added:
            store.remove(quad)
        store.extend(added)
