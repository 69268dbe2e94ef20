"""The dataset embedded in this process: named graphs as stated, the default graph as their set union."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from pactgraph.errors import DataDirectoryError
from pactgraph.model import Snapshot, Update
from pactgraph.provenance import revision_mark
from pactgraph.store.checkpoints import Checkpoints
from pactgraph.store.directory import DataDirectory, open_directory
from pactgraph.store.handle import StoreHandle
from pactgraph.store.marks import read_mark, settle
from pactgraph.store.recent import RecentUpdates
from pactgraph.store.staging import Staging
from pactgraph.store.union import Change, joined, plan_change, to_updates, with_union
from pactgraph.terms import Subject, Term

UNFLUSHED = 2 * 1024 * 1024
"""After so many bytes of updates the engine's memory is written out."""
REMEMBERED = 4 * 1024 * 1024
"""How many characters of the latest updates are kept for those who follow."""
FOLLOWED = 10_000
"""A change of more quads than these is not kept for them."""
REFRESHED = 32
"""After so many checkpoints the store is opened anew."""
_PATIENCE = 30.0  # seconds in which whoever reads comes to an end
_QUAD = 200  # bytes that the engine writes for one, about
# What the engine raises for a store that it cannot open or read.
_ENGINE_ERRORS = (OSError, RuntimeError, ValueError)


class EmbeddedDataset:
    """One data directory, open. Made by ``open``; to be closed, or used as a context manager.

    It may be read from many threads; ``apply`` takes one writer at a time.
    """

    def __init__(self, directory: DataDirectory, store: Store, revision: int, *, read_only: bool) -> None:
        self.path = directory.path
        self.revision = revision
        self.read_only = read_only
        self._directory = directory
        self._handle = StoreHandle(store)
        self._worn = 0  # checkpoints since the store was opened
        self._writing = threading.Lock()
        self._newest: Snapshot | None = None
        self._unflushed = 0
        self._recent = RecentUpdates(REMEMBERED)
        self._checkpoints = Checkpoints(directory.snapshots)

    @classmethod
    def open(
        cls, path: Path, *, first: Callable[[], Iterable[Quad]], read_only: bool = False
    ) -> EmbeddedDataset:
        """Open a data directory; when there is none, make one with the quads of ``first`` as revision 1.

        ``first`` returns the quads of named graphs together with the description of the revision. A crash
        while they are written leaves a directory that the next start fills anew. Raises
        ``DataDirectoryError`` (see ``open_directory``; ``data-corrupt`` when the store cannot be read), with
        nothing changed on disk.
        """
        directory = open_directory(path, read_only=read_only)
        try:
            if not directory.is_filled:
                directory.fill(lambda new: _fill(new, first()))
            return cls._open(directory, read_only=read_only)
        except BaseException:
            directory.close()
            raise

    @classmethod
    def _open(cls, directory: DataDirectory, *, read_only: bool) -> EmbeddedDataset:
        try:
            store = Store.read_only(str(directory.store))  # looks before it touches: this changes no file
            revision = read_mark(store)
            if not read_only:
                store = Store(directory.store)
                settle(store, revision)
        except _ENGINE_ERRORS as fault:
            if "No space left" in str(fault):
                message = f"The disk of {directory.path} is full; free space and restart. Nothing is lost."
                raise DataDirectoryError(message, code="disk-full") from None
            message = f"The store in {directory.path} cannot be read; restore the directory from a copy"
            raise DataDirectoryError(message, code="data-corrupt") from None
        if not read_only:
            directory.tidy()
        return cls(directory, store, revision, read_only=read_only)

    @property
    def _store(self) -> Store:
        """The store, for who holds ``_writing``; all others use ``_handle.reading``."""
        return self._handle.store

    def plan(self, added: Iterable[Quad], removed: Iterable[Quad]) -> Change:
        """Return what a patch of named graphs would change, the default graph included; nothing is changed.

        Raises ``ValueError`` as ``apply`` does.
        """
        with self._handle.reading() as store:
            return plan_change(store, added, removed)

    def apply(
        self, added: Iterable[Quad], removed: Iterable[Quad], *, revision: int, description: Iterable[Quad]
    ) -> Change:
        """Apply one patch and set the revision mark, as one atomic operation; return what changed.

        The mark of the revision before goes along with what is removed; a patch that only adds is several
        times cheaper as one extension of the store, after which that mark is taken away. A crash in between
        leaves both marks, of which the higher counts. ``added`` and ``removed`` are quads of named graphs;
        the default graph follows. ``description`` goes to the revisions graph. Raises ``ValueError`` for
        quads that cannot be stored and for a revision that is not the next.
        """
        if self.read_only:
            raise ValueError("the dataset is open for reading only")
        with self._writing:
            if revision != self.revision + 1:
                raise ValueError(f"revision {revision} does not follow revision {self.revision}")
            self._refresh()
            mark, next_mark = revision_mark(self.revision), revision_mark(revision)
            planned = plan_change(self._store, [*added, *description, next_mark], removed)
            change = replace(planned, removed=planned.removed | {mark})
            texts = to_updates(change) if planned.removed or len(change.added) <= FOLLOWED else ("", "")
            if planned.removed:
                self._store.update(joined(*texts))
            else:
                self._store.extend(change.added)
                self._store.remove(mark)
            self.revision = revision
            self._remember(revision, change, texts)
        return change

    @contextmanager
    def staged(self) -> Iterator[Staging]:
        """Give a copy to be filled in bulk; it is thrown away at the end unless it was adopted.

        Raises ``DataDirectoryError`` when the disk does not take it.
        """
        if self.read_only:
            raise ValueError("the dataset is open for reading only")
        staging = self._copied()  # there, so that no variable here keeps the store open
        try:
            yield staging
        finally:
            staging.discard()

    def _copied(self) -> Staging:
        with self._handle.reading() as store:
            return Staging(store, self._directory.staged)

    def adopt(self, staging: Staging, *, revision: int, description: Iterable[Quad]) -> None:
        """Put a filled copy in the place of the store, as the next revision.

        A process that dies meanwhile leaves the old store, or none: then the journal fills one again.
        """
        with self._writing:
            if revision != self.revision + 1:
                raise ValueError(f"revision {revision} does not follow revision {self.revision}")
            staging.finish(self.revision, revision, description)
            self._reopen(partial(self._directory.exchange, staging.path))
            self.revision = revision

    def _remember(self, revision: int, change: Change, texts: tuple[str, str]) -> None:
        """Keep what led here, for copies; of a large change a copy is made anew, which costs less."""
        size = len(change.added) + len(change.removed)
        if size <= FOLLOWED:
            self._recent.note(Update(revision, *texts, len(change.added), len(change.removed)))
        self._flush_after(size * _QUAD)

    def _flush_after(self, written: int) -> None:
        """Keep what the engine still has to write small, so that a nearly full disk takes it at a restart."""
        self._unflushed += written
        if self._unflushed > UNFLUSHED:
            self._unflushed = 0
            with suppress(OSError):  # a full disk: the next write says so, and the engine's log has it all
                self._store.flush()

    def reopen(self) -> None:
        """Open the store anew: the engine takes no writes after one that the disk refused.

        Raises ``DataDirectoryError`` when it cannot be opened.
        """
        with self._writing:
            self._reopen()

    def _reopen(self, between: Callable[[], object] | None = None) -> None:
        """Close the store, perhaps do something, open it; raises ``DataDirectoryError`` when that fails."""
        try:
            if self._handle.exchange(self._opened, _PATIENCE, between=between):
                return
            reason = "it has been read for too long; wait"
        except _ENGINE_ERRORS as fault:
            reason = f"{fault}; free space"
        message = f"The store in {self.path} cannot be opened again: {reason}, then write again or restart."
        raise DataDirectoryError(message, code="store-behind")

    def _refresh(self) -> None:
        """Open the store anew once in a while, when nobody reads it.

        Each checkpoint has the engine write small files and later put them together, and its cache keeps what
        was read of those that are gone: up to 170 MB, measured.
        """
        if self._worn >= REFRESHED:
            self._handle.exchange(self._opened, 0)

    def _opened(self) -> Store:
        store = Store(self._directory.store)
        self._worn = 0
        return store

    def snapshot(self) -> Snapshot:
        """Return a read-only checkpoint of the current revision, made of hard links.

        The one before it stays, for workers that still read it; older ones are removed once nobody can read
        them any more (see ``keep_snapshots``). It waits for a write only when there is none of this revision.
        """
        if self.read_only:
            return Snapshot(self._directory.store, self.revision)  # nobody writes while readers hold the lock
        newest = self._newest
        if newest is not None and newest.revision == self.revision:
            return newest
        with self._writing:
            if self._newest is None or self._newest.revision != self.revision:
                self._newest = self._checkpoints.make(self._store, self.revision)
                self._worn += 1
            return self._newest

    def updates(self, after: int, until: int) -> list[Update] | None:
        """Return what led from one revision to a later one; nothing when that is not remembered.

        A bulk load is not: whoever keeps a copy makes it anew then.
        """
        return self._recent.between(after, until)

    def keep_snapshots(self, seconds: float) -> None:
        """Keep each snapshot for so long after there is a newer one: for as long as a reader may take."""
        self._checkpoints.keep(seconds)

    @property
    def snapshots(self) -> Path:
        """The folder that every snapshot lies in; when writing, nothing else does."""
        return self._directory.path if self.read_only else self._directory.snapshots

    def quads(
        self,
        subject: Subject | None = None,
        predicate: NamedNode | None = None,
        value: Term | None = None,
        graph: NamedNode | DefaultGraph | None = None,
    ) -> Iterator[Quad]:
        """Yield the quads that match, copies in the default graph included when ``graph`` is not given."""
        with self._handle.reading() as store:
            yield from store.quads_for_pattern(subject, predicate, value, graph)

    def graphs(self) -> list[NamedNode]:
        """Return the names of the named graphs, in order."""
        with self._handle.reading() as store:
            names = [graph for graph in store.named_graphs() if isinstance(graph, NamedNode)]
        return sorted(names, key=lambda graph: graph.value)

    def __contains__(self, quad: Quad) -> bool:
        """Whether the quad is stored."""
        with self._handle.reading() as store:
            return quad in store

    def __len__(self) -> int:
        """Count all quads, those of the default graph included."""
        with self._handle.reading() as store:
            return len(store)

    def close(self) -> None:
        """Close the store and let go of the directory."""
        if self._handle.is_open:
            if not self.read_only:
                with suppress(OSError):  # a full disk: the engine's log and the journal have it
                    self._store.flush()
                self._directory.tidy()  # whoever read the snapshots is gone by now
            self._handle.close()
            self._directory.close()

    def __enter__(self) -> EmbeddedDataset:
        """Return itself; to be used in a ``with`` statement."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


def _fill(path: Path, quads: Iterable[Quad]) -> None:
    """Create a store at revision 1."""
    store = Store(path)
    store.bulk_extend(with_union(quads))
    store.add(revision_mark(1))
    store.flush()
