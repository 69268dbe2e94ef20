"""Who gets the next free worker: callers wait in a bounded queue, and clients take turns.

Whose queries took least of the workers lately comes first, then who waited longest; the last workers are kept
for those who took next to nothing. So a client that sends a hundred queries, or endless ones, delays itself,
and one that sends a short one now and then does not wait for it.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from pactgraph.errors import QueryFailed
from pactgraph.query.cancellation import Cancellation
from pactgraph.query.process import WorkerProcess
from pactgraph.query.shares import Shares

MODEST = 0.5
"""Who took fewer seconds of the workers lately than this may have those in reserve."""


@dataclass(slots=True, eq=False)
class Place:
    """One caller: in the queue, or with a worker."""

    client: str
    network: bool = False
    worker: WorkerProcess | None = None
    action: Callable[[], object] | None = None


class IdleWorkers:
    """The workers that have nothing to do, or the callers that wait for one; for many threads.

    ``shares`` say what each client had lately; ``reserve`` workers are kept for those who had little.
    """

    def __init__(self, most_waiting: int, shares: Shares | None = None, reserve: int = 0) -> None:
        self._most_waiting = most_waiting
        self._reserve = reserve
        self._shares = shares or Shares()
        self._lock = threading.Lock()
        self._idle: list[WorkerProcess] = []  # the last one in is the warmest
        self._queues: OrderedDict[str, deque[Place]] = OrderedDict()
        self._waiting = 0
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many callers wait."""
        return self._waiting

    @property
    def idle(self) -> int:
        """How many workers have nothing to do."""
        return len(self._idle)

    def put(self, worker: WorkerProcess) -> None:
        """Hand a worker to the client whose turn it is, or keep it."""
        with self._lock:
            self._idle.append(worker)
            place = self._next()
            if place is None:
                return
            place.worker = self._idle.pop()
            action = place.action
        if action is not None:
            action()

    def _next(self) -> Place | None:
        """Take the caller whose turn it is out of the queue, if one may have an idle worker."""
        client = min(self._queues, key=self._shares.of, default=None)
        if client is None or not self._may_have_one(client):
            return None
        queue = self._queues.pop(client)
        place = queue.popleft()
        if queue:
            self._queues[client] = queue  # at the end: the others come first
        self._waiting -= 1
        return place

    def _may_have_one(self, client: str) -> bool:
        idle = len(self._idle)
        return idle > self._reserve or (idle > 0 and self._shares.of(client) < MODEST)

    def take_one(self, is_wanted: Callable[[WorkerProcess], bool]) -> WorkerProcess | None:
        """Return an idle worker of a kind, if there is one."""
        with self._lock:
            for worker in self._idle:
                if is_wanted(worker):
                    self._idle.remove(worker)
                    return worker
        return None

    def take(self, deadline: float, client: str, cancellation: Cancellation) -> WorkerProcess:
        """Return a worker, waiting for one until ``deadline`` (of ``time.monotonic``).

        Raises ``QueryFailed`` as ``enter`` and ``wait`` do.
        """
        return self.wait(self.enter(Place(client)), deadline, cancellation)

    def enter(self, place: Place) -> Place:
        """Give a caller a worker, or a place in the queue; returns at once.

        Raises ``QueryFailed``: ``busy`` when the queue is full, ``shutting-down``.
        """
        place.action = None
        with self._lock:
            if self._closed:
                raise shutting_down()
            if self._may_have_one(place.client):
                place.worker = self._idle.pop()
                return place
            if self._waiting >= self._most_waiting:
                raise QueryFailed("Too many queries are waiting here; ask again in a moment", code="busy")
            self._queues.setdefault(place.client, deque()).append(place)
            self._waiting += 1
            return place

    def when_woken(self, place: Place, action: Callable[[], object]) -> None:
        """Have ``action`` called when there is a worker for a caller, or never will be; perhaps at once."""
        with self._lock:
            place.action = action
            woken = place.worker is not None or self._closed
        if woken:
            action()

    def wait(self, place: Place, deadline: float, cancellation: Cancellation) -> WorkerProcess:
        """Return the worker of a caller, waiting for it until ``deadline``; the place is void then.

        Raises ``QueryFailed``: ``busy`` when the time is over, ``query-cancelled``, ``shutting-down``.
        """
        if place.worker is None:
            woken = threading.Event()
            self.when_woken(place, woken.set)
            cancellation.call(woken.set)
            woken.wait(max(deadline - time.monotonic(), 0))
        return self._leave(place, cancellation)

    def close(self) -> None:
        """Wake everybody who waits; they are told that the server is shutting down."""
        with self._lock:
            self._closed = True
            actions = [place.action for queue in self._queues.values() for place in queue]
        for action in actions:
            if action is not None:
                action()

    def leave(self, place: Place) -> None:
        """Give up a place, and the worker that came for it."""
        with self._lock:
            worker = self._remove(place)
        if worker is not None:
            self.put(worker)

    def _leave(self, place: Place, cancellation: Cancellation) -> WorkerProcess:
        with self._lock:
            worker = self._remove(place)
        if worker is not None and not cancellation.is_cancelled:
            return worker
        if worker is not None:
            self.put(worker)
        raise self._reason(cancellation)

    def _remove(self, place: Place) -> WorkerProcess | None:
        """Take a caller out of the queue; return the worker that came for it, if one did."""
        worker, place.worker = place.worker, None
        queue = self._queues.get(place.client)
        if worker is None and queue is not None and place in queue:
            queue.remove(place)
            if not queue:
                del self._queues[place.client]
            self._waiting -= 1
        return worker

    def _reason(self, cancellation: Cancellation) -> QueryFailed:
        if cancellation.is_cancelled:
            return cancelled()
        if self._closed:
            return shutting_down()
        message = "All workers were busy for as long as this query may take; ask again later"
        return QueryFailed(message, code="busy")


def shutting_down() -> QueryFailed:
    """Return what callers hear when the pool closes."""
    return QueryFailed("The server is shutting down; ask again later", code="shutting-down")


def cancelled() -> QueryFailed:
    """Return what the caller of a cancelled query hears."""
    return QueryFailed("The query was cancelled; ask it again if it is still wanted", code="query-cancelled")
