"""The dataset embedded in this process: named graphs as stated, the default graph as their set union."""

from __future__ import annotations

import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from pactgraph import vocab
from pactgraph.errors import DataDirectoryError
from pactgraph.model import Snapshot, Update
from pactgraph.provenance import revision_mark
from pactgraph.store.directory import DataDirectory, open_directory
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
        self._open_store: Store | None = store
        self._writing = threading.Lock()
        self._newest: Snapshot | None = None
        self._unflushed = 0
        self._recent = RecentUpdates(REMEMBERED)
        self._replaced: deque[tuple[float, Path]] = deque()  # older snapshots, and when they became so
        self._kept = 0.0

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
                _settle(store, revision)
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
        if self._open_store is None:
            raise ValueError("the dataset is closed")
        return self._open_store

    def plan(self, added: Iterable[Quad], removed: Iterable[Quad]) -> Change:
        """Return what a patch of named graphs would change, the default graph included; nothing is changed.

        Raises ``ValueError`` as ``apply`` does.
        """
        return plan_change(self._store, added, removed)

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
        staging = Staging(self._store, self._directory.staged)
        try:
            yield staging
        finally:
            staging.discard()

    def adopt(self, staging: Staging, *, revision: int, description: Iterable[Quad]) -> None:
        """Put a filled copy in the place of the store, as the next revision.

        A process that dies meanwhile leaves the old store, or none: then the journal fills one again.
        """
        with self._writing:
            if revision != self.revision + 1:
                raise ValueError(f"revision {revision} does not follow revision {self.revision}")
            staging.finish(self.revision, revision, description)
            self._open_store = None  # the engine knows a store by its path: the old one goes first
            self._directory.exchange(staging.path)
            self._open_store = Store(self._directory.store)
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
            self._open_store = None
            try:
                self._open_store = Store(self._directory.store)
            except _ENGINE_ERRORS as fault:
                raise DataDirectoryError(
                    f"The store in {self.path} cannot be opened again ({fault}); free space and restart.",
                    code="store-behind",
                ) from None

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
                self._newest = Snapshot(self._checkpoint(), self.revision)
            return self._newest

    def updates(self, after: int, until: int) -> list[Update] | None:
        """Return what led from one revision to a later one; nothing when that is not remembered.

        A bulk load is not: whoever keeps a copy makes it anew then.
        """
        return self._recent.between(after, until)

    def keep_snapshots(self, seconds: float) -> None:
        """Keep each snapshot for so long after there is a newer one: for as long as a reader may take."""
        self._kept = seconds

    def _checkpoint(self) -> Path:
        self._directory.snapshots.mkdir(exist_ok=True)
        target = self._directory.snapshots / f"{self.revision:09}"
        self._store.backup(target)
        now = time.monotonic()
        if self._newest is not None:
            self._replaced.append((now, self._newest.path))
        while len(self._replaced) > 1 and self._replaced[0][0] + self._kept <= now:
            shutil.rmtree(self._replaced.popleft()[1], ignore_errors=True)
        return target

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
        return self._store.quads_for_pattern(subject, predicate, value, graph)

    def graphs(self) -> list[NamedNode]:
        """Return the names of the named graphs, in order."""
        names = [graph for graph in self._store.named_graphs() if isinstance(graph, NamedNode)]
        return sorted(names, key=lambda graph: graph.value)

    def __contains__(self, quad: Quad) -> bool:
        """Whether the quad is stored."""
        return quad in self._store

    def __len__(self) -> int:
        """Count all quads, those of the default graph included."""
        return len(self._store)

    def close(self) -> None:
        """Close the store and let go of the directory."""
        if self._open_store is not None:
            if not self.read_only:
                with suppress(OSError):  # a full disk: the engine's log and the journal have it
                    self._open_store.flush()
                self._directory.tidy()  # whoever read the snapshots is gone by now
            self._open_store = None
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


def read_mark(store: Store) -> int:
    """Return the revision that a store holds: its highest mark; raises ``ValueError`` when it has none."""
    numbers = [int(mark.object.value) for mark in marks(store) if isinstance(mark.object, Literal)]
    if not numbers:
        raise ValueError("the store has no revision mark")
    return max(numbers)


def _settle(store: Store, revision: int) -> None:
    """Take away the mark that a crash left of the revision before."""
    for mark in marks(store):
        if mark != revision_mark(revision):
            store.remove(mark)


def marks(store: Store) -> list[Quad]:
    """Return the revision marks of a store: one, or two after a crash."""
    graph = vocab.REVISIONS_GRAPH
    return list(store.quads_for_pattern(graph, vocab.CURRENT_REVISION, None, graph))
