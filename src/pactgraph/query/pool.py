"""The pool of worker processes: every query runs in one, with a time limit and a memory limit.

A worker that is killed or dies takes one query with it and is replaced in the background. The pool may be
used from many threads at once.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pactgraph.errors import InputError
from pactgraph.isolation import Isolation
from pactgraph.model import QueryRequest, Snapshot
from pactgraph.query.answer import Answer
from pactgraph.query.attempt import Attempt, Begun
from pactgraph.query.brood import name_of
from pactgraph.query.cancellation import Cancellation
from pactgraph.query.formats import ResultFormat, by_media_type, formats_of
from pactgraph.query.guard import Outline, inspect
from pactgraph.query.hot_copy import Updates
from pactgraph.query.outlines import Outlines
from pactgraph.query.process import WorkerProcess
from pactgraph.query.run import Run, deadline_in
from pactgraph.query.staff import Staff
from pactgraph.query.waiting import Place

_XML = frozenset({"xml", "rdfxml"})
_TICK = 0.05  # how often the watch looks for queries over their time
_MOST_WAITING = 256
_MOST_FOLLOWED = 64 * 1024  # characters of updates that a worker takes on its way to an answer
_AT_ONCE = 10_000  # characters of a query that a pipe surely takes without waiting for its reader


class QueryPool:
    """Runs queries on one snapshot in ``workers`` processes, and ``reserve`` more for who asks little.

    ``timeout`` is the most seconds that one query may take, from the call to the last byte, waiting for a
    free worker included; ``memory_mb`` the most memory that its evaluation may take. ``root`` is the folder
    that workers may read, when snapshots are to follow one another in it. ``prefixes`` need no declaration
    in a query, which may declare them otherwise; ``base`` is what relative IRIs refer to. Queries with
    SERVICE run only when every endpoint they name is in ``services``, each in a worker of its own that has
    the network. ``newest`` gives the snapshot that a query reads which names none. With ``updates``, a graph
    of up to ``hot_quads`` quads is also kept in memory for the workers (see ``query.hot_copy``).
    """

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        workers: int,
        reserve: int = 0,
        timeout: float,
        memory_mb: int,
        prefixes: Mapping[str, str] | None = None,
        base: str | None = None,
        root: Path | None = None,
        services: frozenset[str] = frozenset(),
        most_waiting: int = _MOST_WAITING,
        newest: Callable[[], Snapshot] | None = None,
        updates: Updates | None = None,
        hot_quads: int = 0,
    ) -> None:
        self.snapshot = snapshot
        self._newest = newest
        self._updates: Updates = updates or (lambda _after, _until: None)
        self.timeout = timeout
        self.workers = workers
        self.services = services
        self.isolation: Isolation | None = None
        """What holds in the workers; unknown until one has answered."""
        self._prologue: dict[str, Any] = {"prefixes": dict(prefixes or {}), "base_iri": base}
        self._outlines = Outlines(
            partial(inspect, prefixes=self._prologue["prefixes"], base=base, services=services)
        )
        self._runs: set[Run] = set()
        self._last_name = snapshot, name_of(snapshot)
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._staff = Staff(
            (root or snapshot.path).resolve(),
            workers=workers,
            reserve=reserve,
            network=bool(services),
            memory_mb=memory_mb,
            prologue=self._prologue,
            most_waiting=most_waiting,
            updates=updates,
            hot_quads=hot_quads,
        )
        self._staff.follow(snapshot)
        self._watching = threading.Thread(target=self._watch, name="watch queries", daemon=True)
        self._watching.start()

    @property
    def revision(self) -> int:
        """The revision that queries see."""
        return self.current().revision

    @property
    def waiting(self) -> int:
        """How many queries wait for a worker."""
        return self._staff.waiting

    @property
    def running(self) -> int:
        """How many queries are being evaluated."""
        return len(self._runs)

    @property
    def deaths(self) -> Counter[str]:
        """How many workers were lost, by the code of the error that their caller heard."""
        return self._staff.deaths

    @property
    def hot_quads(self) -> int:
        """How many quads are kept in memory; 0 when queries read from disk."""
        return self._staff.hot_quads

    @property
    def hot_revision(self) -> int | None:
        """The revision that is kept in memory; it follows the newest."""
        return self._staff.hot_revision

    def inspect(self, text: str) -> Outline:
        """Return the outline of a query that may run here; raises as ``guard.inspect`` does."""
        return self._outlines.of(text)

    def run(
        self,
        request: QueryRequest,
        cancellation: Cancellation | None = None,
        *,
        outline: Outline | None = None,
    ) -> Answer:
        """Evaluate a query; return when its first bytes are there, or its end.

        ``cancellation`` gives it up from outside, also while it waits for a worker. ``outline`` is what
        ``inspect`` said of this very query, if it was asked. Raises ``SyntaxFault``
        and ``QueryRefused`` for the query, ``UnknownFormat`` for a media type that does not fit the query
        form, ``QueryFailed`` (``query-timeout``, ``query-memory``, ``query-crashed``, ``query-cancelled``,
        ``busy``, ``shutting-down``).
        """
        return self.begin(request, cancellation, outline=outline).finish()

    def begin(
        self,
        request: QueryRequest,
        cancellation: Cancellation | None = None,
        *,
        outline: Outline | None = None,
    ) -> Begun:
        """Begin to evaluate a query, without waiting for anything; otherwise as ``run``."""
        seconds = self._seconds(request)
        deadline = deadline_in(seconds)
        outline = outline or self.inspect(request.text)
        chosen = _choose_format(request, outline)
        snapshot = request.snapshot or self.current()
        cancellation = cancellation or Cancellation()
        message = _message(request, outline, chosen, self._name_of(snapshot))

        def ask(worker: WorkerProcess) -> Run:
            run = Run(self, worker, deadline, seconds, request.client)
            with self._lock:
                self._runs.add(run)
            cancellation.call(run.close)
            worker.ask(message | {"follow": self._lead(worker, snapshot)})
            return run

        def answer(run: Run, first: bytes, whole: bool) -> Answer:
            chunks = iter((first,)) if whole else run.chunks(first)
            known = first if whole else None
            return Answer(outline.form, chosen, chunks, run.close, known, snapshot.revision)

        place = self._staff.enter(Place(request.client, bool(outline.services)))
        attempt = Attempt(self._staff, place, deadline, cancellation, ask=ask, answer=answer)
        attempt.blocks = len(request.text) > _AT_ONCE
        return attempt

    def advance(self, snapshot: Snapshot) -> None:
        """Have queries that start from now on see another snapshot, which lies below ``root``."""
        self.snapshot = snapshot

    def current(self) -> Snapshot:
        """Return the snapshot that queries see which start now."""
        if self._newest is None:
            return self.snapshot
        newest = self.snapshot = self._newest()
        self._staff.follow(newest)
        return newest  # not self.snapshot, where another thread may just have put an older one

    def close(self) -> None:
        """End all workers, and the queries under way with them. May be called more than once."""
        self._closing.set()
        self._watching.join()
        self._staff.close()

    def give_back(self, run: Run) -> None:
        """Take a worker back that has answered in full."""
        with self._lock:
            self._runs.discard(run)
        self._staff.shares.note(run.client, run.taken)
        self.isolation = run.worker.isolation if not run.worker.network else self.isolation
        self._staff.give_back(run.worker)

    def replace(self, run: Run) -> None:
        """Bury a worker that was killed or died, and start another in the background."""
        with self._lock:
            self._runs.discard(run)
        self._staff.shares.note(run.client, run.taken)
        self._staff.replace(run.worker, run.ended_badly or "idle")

    def _lead(self, worker: WorkerProcess, snapshot: Snapshot) -> list[tuple[str, str]]:
        """Return what a worker is to do to its copy before it answers: it is quicker than opening a snapshot.

        Only for the newest snapshot: others may hold more than what led to their revision, or less.
        """
        if worker.copy is None or worker.copy == snapshot or snapshot != self.snapshot:
            return []
        updates = self._updates(worker.copy.revision, snapshot.revision)
        if not updates or sum(update.size for update in updates) > _MOST_FOLLOWED:
            return []
        return worker.lead(updates, snapshot)

    def _name_of(self, snapshot: Snapshot) -> str:
        """Return how workers name a snapshot; that of the last one is remembered: it takes system calls."""
        last, name = self._last_name
        if last is not snapshot:
            name = name_of(snapshot)
            self._last_name = snapshot, name
        return name

    def _seconds(self, request: QueryRequest) -> float:
        if request.timeout is None:
            return self.timeout
        if not (request.timeout > 0 and math.isfinite(request.timeout)):
            raise InputError(f"the timeout must be a positive number of seconds, not {request.timeout:g}")
        return min(request.timeout, self.timeout)

    def _watch(self) -> None:
        """End the queries that are over their time."""
        while not self._closing.wait(_TICK):
            with self._lock:
                runs = list(self._runs)
            now = time.monotonic()
            for run in runs:
                run.expire(now)


def _choose_format(request: QueryRequest, outline: Outline) -> ResultFormat:
    offered = formats_of(outline.form)
    return offered[0] if request.media_type is None else by_media_type(request.media_type, offered)


def _message(request: QueryRequest, outline: Outline, chosen: ResultFormat, snapshot: str) -> dict[str, Any]:
    """Return the message for a worker; the protocol's graphs go first (SPARQL 1.1 Protocol §2.1.4)."""
    default, named = request.default_graphs, request.named_graphs
    if not default and not named:
        default, named = outline.from_graphs, outline.from_named
    described = bool(default or named)
    return {
        "snapshot": snapshot,
        "text": request.text,
        "media_type": chosen.media_type,
        "xml": chosen.name in _XML,
        "default_graphs": list(dict.fromkeys(default)) if described else None,
        "named_graphs": list(dict.fromkeys(named)) if described else None,
    }
