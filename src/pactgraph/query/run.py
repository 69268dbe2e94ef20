"""One query on one worker, from the request to the last byte."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Protocol

from pactgraph.errors import PactgraphError, QueryFailed
from pactgraph.query.frames import BYTES
from pactgraph.query.process import WorkerProcess
from pactgraph.query.waiting import cancelled

_AT_ONCE = 0.1  # seconds


class Owner(Protocol):
    """Where the worker goes when the query is over."""

    def give_back(self, run: Run) -> None:
        """Take a worker back that has answered in full."""

    def replace(self, run: Run) -> None:
        """Bury a worker that was killed or died."""


class Run:
    """One query under way. Its methods may be called from any thread."""

    def __init__(
        self, owner: Owner, worker: WorkerProcess, deadline: float, seconds: float, client: str
    ) -> None:
        self.worker = worker
        self.client = client
        self.deadline = deadline
        self.ended_badly: str | None = None
        self._seconds = seconds
        self._since = time.monotonic()
        self._owner = owner
        self._lock = threading.Lock()
        self._over = False

    @property
    def taken(self) -> float:
        """How many seconds it has had the worker."""
        return time.monotonic() - self._since

    @property
    def was_dying(self) -> bool:
        """Whether the worker was killed by somebody else just before it was asked: not this query's fault.

        A process that is killed is seen to be dead only when the last of its threads is.
        """
        at_once = self.taken < _AT_ONCE
        return self.ended_badly == "query-crashed" and at_once and self.worker.was_killed

    def first(self, *, wait: bool = True) -> tuple[bytes, bool] | None:
        """Return the first bytes, and whether they are all; without ``wait`` nothing while there are none.

        Raises what the worker reports, or ``QueryFailed``; without ``wait``, ``EOFError`` when it died.
        """
        try:
            frame = self.worker.listen() if wait else self.worker.hear(wait=False)
        except PactgraphError as error:
            self._fail(error)
            raise
        if frame is None:
            return None
        kind, payload = frame
        if kind != BYTES:
            self._finish(alive=True)
        return payload, kind != BYTES

    def chunks(self, first: bytes) -> Iterator[bytes]:
        """Yield the bytes; raises ``QueryFailed`` when the evaluation is stopped midway."""
        try:
            yield first
            while not self._over:
                kind, payload = self.worker.listen()
                if kind != BYTES:
                    self._finish(alive=True)
                if payload:
                    yield payload
            if self.ended_badly is not None:
                raise self.worker.cause_of_death()
        except PactgraphError as error:
            self._fail(error)
            if isinstance(error, QueryFailed):
                raise
            raise QueryFailed(error.message, code=error.code) from error
        finally:
            self.close()

    def close(self) -> None:
        """Give up: kill the worker unless the answer is complete."""
        with self._lock:
            if self._over:
                return
            self.worker.kill(cancelled())
        self.ended_badly = self.ended_badly or "query-cancelled"
        self._finish(alive=False)

    def expire(self, now: float) -> bool:
        """Kill the worker when its time is over; return whether it was."""
        with self._lock:
            if self._over or now < self.deadline:
                return False
            message = f"The query took longer than {self._seconds:g} s; narrow it down or add a LIMIT"
            self.worker.kill(QueryFailed(message, code="query-timeout"))
            return True  # the reader finds the pipe closed and raises the verdict

    def _fail(self, error: PactgraphError) -> None:
        failed = isinstance(error, QueryFailed)
        if failed:
            self.ended_badly = self.ended_badly or error.code
        self._finish(alive=not failed)

    def _finish(self, *, alive: bool) -> None:
        with self._lock:
            if self._over:
                return
            self._over = True
        if alive:
            self._owner.give_back(self)
        else:
            self._owner.replace(self)


def deadline_in(seconds: float) -> float:
    """Return the moment, on the clock of ``Run``, that lies so many seconds ahead."""
    return time.monotonic() + seconds
