"""The state at an earlier revision, as a snapshot: made once, kept while it may be read, never too many."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pyoxigraph import Literal, Quad, Store

from pactgraph import vocab
from pactgraph.errors import QueryFailed, QueryRefused
from pactgraph.history import difference, revision_at
from pactgraph.journal import Journal
from pactgraph.model import Snapshot
from pactgraph.provenance import revision_mark
from pactgraph.store.own_folder import OwnFolder
from pactgraph.store.union import plan_change, to_update

KEPT = 8
"""How many states are kept for whoever asks next."""
MOST = 24
"""How many there are at most; beyond ``KEPT`` only those that somebody may still read."""
BUILDS = 2
"""How many are made at a time."""
PATIENCE = 30.0
"""Seconds that a request waits for a state that another makes, or for its turn."""
FARTHEST = 1_000_000
"""How many statements may be taken back and given again; they are all in memory meanwhile."""


def rewound(
    head: Snapshot, journal: Journal, number: int, target: Path, *, most: int | None = None
) -> Snapshot:
    """Make the state at an earlier revision in ``target``: a checkpoint with the later patches taken back.

    The cost follows the patches since that revision. ``head`` is a snapshot of the newest. Raises
    ``QueryRefused`` (``too-far-back``) when these hold more than ``most`` statements.
    """
    if most is not None and journal.statements_between(number, head.revision) > most:
        raise QueryRefused(
            f"Revision {number} lies more than {most:,} statements back, too far for a query; "
            "ask for a later one, or restore a backup of that time.",
            code="too-far-back",
        )
    Store.read_only(str(head.path)).backup(target)
    try:
        store = Store(target)
        gone, back = difference(journal, number, head.revision)
        described = _descriptions(store, number)
        change = plan_change(
            store, [*back, revision_mark(number)], [*gone, *described, revision_mark(head.revision)]
        )
        store.update(to_update(change))
        store.flush()
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return Snapshot(target, number)


def emptied(target: Path) -> Snapshot:
    """Make the state before the first revision in ``target``: no statement, and the mark of revision 0."""
    store = Store(target)
    store.add(revision_mark(0))
    store.flush()
    return Snapshot(target, 0)


class EarlierStates:
    """The earlier states that were asked for last, as snapshots in a folder of their own below ``earlier/``.

    Several processes may read one data directory, each with its own. Thread-safe. A state is made once,
    however many ask for it at a time, and stays for as long as a reader may take after it was asked for last.
    """

    def __init__(
        self,
        snapshots: Path,
        *,
        reading: float = 0.0,
        farthest: int | None = None,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``reading`` is for how many seconds a state may be read; ``farthest``: see ``rewound``."""
        self._folder = OwnFolder(snapshots / "earlier")
        self._reading = reading
        self._farthest = farthest
        self._patience = patience
        self._clock = clock
        self._known: dict[int, tuple[Snapshot, float]] = {}  # with when it was asked for last, oldest first
        self._making: set[int] = set()
        self._changed = threading.Condition()

    def snapshot(self, head: Snapshot, journal: Journal, when: str) -> Snapshot:
        """Return the state that ``when`` names (see ``revision_at``); ``head`` is the newest.

        Raises ``InputError`` when it names none, ``QueryRefused`` when it lies too far back, and
        ``QueryFailed`` (``busy``) when too many states are asked for at once.
        """
        return self.numbered(head, journal, revision_at(journal, when))

    def numbered(self, head: Snapshot, journal: Journal | None, number: int) -> Snapshot:
        """Return the state at a revision, 0 being the empty graph before the first; raises likewise."""
        if number == head.revision:
            return head
        with self._turn(number) as found:
            if found is not None:
                return found
            with self._changed:
                target = self._folder.path() / f"{number:09}"
            if journal is None or number == 0:
                made = emptied(target)
            else:
                made = rewound(head, journal, number, target, most=self._farthest)
            with self._changed:
                self._known[number] = made, self._clock()
            return made

    @contextmanager
    def _turn(self, number: int) -> Iterator[Snapshot | None]:
        """Give the state when there is one; else nothing, and the one who gets that makes it."""
        found = self._await(number)
        try:
            yield found
        finally:
            if found is None:
                with self._changed:
                    self._making.discard(number)
                    self._changed.notify_all()

    def _await(self, number: int) -> Snapshot | None:
        end = self._clock() + self._patience
        with self._changed:
            while True:
                if number in self._known:
                    snapshot, _ = self._known.pop(number)
                    self._known[number] = snapshot, self._clock()
                    return snapshot
                if number not in self._making and len(self._making) < BUILDS:
                    self._make_room()
                    self._making.add(number)
                    return None
                if not self._changed.wait(max(0.0, end - self._clock())) and self._clock() >= end:
                    raise _busy()

    def _make_room(self) -> None:
        """Remove the states that were asked for longest ago, but none that may still be read."""
        over = len(self._known) + len(self._making) + 1 - KEPT
        now = self._clock()
        unread = [number for number, (_, asked) in self._known.items() if asked + self._reading <= now]
        for number in unread[: max(0, over)]:
            snapshot, _ = self._known.pop(number)
            shutil.rmtree(snapshot.path, ignore_errors=True)
        if len(self._known) + len(self._making) >= MOST:
            raise _busy()

    def clear(self) -> None:
        """Remove the states; nobody reads them any more."""
        with self._changed:
            self._known.clear()
            self._folder.remove()


def _busy() -> QueryFailed:
    return QueryFailed(
        "Too many earlier states are asked for at once; ask again in a few seconds, or for one at a time.",
        code="busy",
    )


def _descriptions(store: Store, number: int) -> Iterator[Quad]:
    """Yield what the revisions graph says of the revisions after ``number``."""
    for mark in store.quads_for_pattern(None, vocab.REVISION_NUMBER, None, vocab.REVISIONS_GRAPH):
        if isinstance(mark.object, Literal) and int(mark.object.value) > number:
            yield from store.quads_for_pattern(mark.subject, None, None, vocab.REVISIONS_GRAPH)
