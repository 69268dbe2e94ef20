"""The pool of worker processes: every query runs in one, with a time limit and a memory limit.

A worker that is killed or dies takes one query with it and is replaced in the background. The pool may be
used from many threads at once.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from pactgraph.errors import InputError, PactgraphError, QueryFailed
from pactgraph.model import QueryRequest, Snapshot
from pactgraph.query.answer import Answer
from pactgraph.query.formats import ResultFormat, by_media_type, formats_of
from pactgraph.query.frames import BYTES, END, HEADER
from pactgraph.query.guard import Outline, inspect
from pactgraph.query.process import WorkerProcess

_XML = frozenset({"xml", "rdfxml"})


class QueryPool:
    """Runs queries on one snapshot in ``workers`` processes.

    ``timeout`` is the most seconds that one query may take, from the call to the last byte, waiting for a
    free worker included; ``memory_mb`` the most memory that its evaluation may take. ``prefixes`` need no
    declaration in a query, which may declare them otherwise.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        workers: int,
        timeout: float,
        memory_mb: int,
        prefixes: Mapping[str, str] | None = None,
    ) -> None:
        self.snapshot = snapshot
        self._prefixes = dict(prefixes or {})
        self.timeout = timeout
        self._memory_mb = memory_mb
        self._idle: list[WorkerProcess] = []
        self._wanted: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._alive: set[WorkerProcess] = set()
        self._free = threading.Condition()  # guards _idle and _alive; notified when a worker is free
        self._closing = threading.Event()
        self._starter = threading.Thread(target=self._start_workers, name="pactgraph-workers", daemon=True)
        self._starter.start()
        for _ in range(workers):
            self._wanted.put(True)

    def run(self, request: QueryRequest) -> Answer:
        """Evaluate a query; return when its first bytes are there, or its end.

        Raises ``SyntaxFault`` and ``QueryRefused`` for the query, ``UnknownFormat`` for a media type that
        does not fit the query form, ``QueryFailed`` (``query-timeout``, ``query-memory``, ``query-crashed``,
        ``busy``).
        """
        seconds = self._seconds(request)
        deadline = time.monotonic() + seconds
        outline = inspect(request.text, self._prefixes)
        chosen = _choose_format(request, outline)
        worker = self._take(deadline)
        run = _Run(self, worker, deadline, seconds)
        try:
            first = run.start({**_message(request, outline, chosen), "prefixes": self._prefixes})
        except BaseException:
            run.close()
            raise
        return Answer(outline.form, chosen, run.chunks(first), run.close)

    def close(self) -> None:
        """End all workers, and the queries under way with them. May be called more than once."""
        self._closing.set()
        self._wanted.put(False)
        self._starter.join()
        with self._free:
            workers, self._alive = self._alive, set()
            self._free.notify_all()
        for worker in workers:
            worker.kill(QueryFailed("The server is shutting down; ask again later", code="shutting-down"))
            worker.bury()

    def give_back(self, worker: WorkerProcess) -> None:
        """Take a worker back that has answered in full."""
        with self._free:
            self._idle.append(worker)
            self._free.notify()

    def replace(self, worker: WorkerProcess) -> None:
        """Bury a worker that was killed or died, and start another in the background."""
        with self._free:
            self._alive.discard(worker)
        worker.bury()
        self._wanted.put(True)

    def _seconds(self, request: QueryRequest) -> float:
        if request.timeout is None:
            return self.timeout
        if not (request.timeout > 0 and math.isfinite(request.timeout)):
            raise InputError(f"the timeout must be a positive number of seconds, not {request.timeout:g}")
        return min(request.timeout, self.timeout)

    def _take(self, deadline: float) -> WorkerProcess:
        """Return a free worker, the one used last first; it has what it read in its caches."""
        while True:
            with self._free:
                free = self._free.wait_for(
                    lambda: self._idle or self._closing.is_set(), max(deadline - time.monotonic(), 0)
                )
                if self._closing.is_set():
                    raise QueryFailed("The server is shutting down; ask again later", code="shutting-down")
                if not free:
                    message = "All workers were busy for as long as this query may take; ask again later"
                    raise QueryFailed(message, code="busy")
                worker = self._idle.pop()
            if not worker.is_dead:
                return worker
            self.replace(worker)  # it died while idle: not this query's fault

    def _start_workers(self) -> None:
        """Start a worker whenever one is wanted; this thread outlives them, as PR_SET_PDEATHSIG asks."""
        while self._wanted.get() and not self._closing.is_set():
            try:
                worker = WorkerProcess(self.snapshot, memory_mb=self._memory_mb)
            except OSError:  # the machine has no process or memory to spare now
                self._closing.wait(1)
                self._wanted.put(True)
                continue
            with self._free:
                self._alive.add(worker)
            self.give_back(worker)


class _Run:
    """One query on one worker, from the request to the last byte."""

    def __init__(self, pool: QueryPool, worker: WorkerProcess, deadline: float, seconds: float) -> None:
        self._pool = pool
        self._worker = worker
        self._lock = threading.Lock()
        self._over = False
        message = f"The query took longer than {seconds:g} s; narrow it down or add a LIMIT"
        verdict = QueryFailed(message, code="query-timeout")
        self._timer = threading.Timer(max(deadline - time.monotonic(), 0), self._expire, [verdict])
        self._timer.daemon = True
        self._timer.start()

    def start(self, message: dict[str, Any]) -> bytes | None:
        """Send the request; return the first bytes, or nothing when there are none."""
        try:
            self._worker.ask(message)
            kind, payload = self._worker.listen()
            if kind == HEADER:
                kind, payload = self._worker.listen()
        except PactgraphError as error:
            self._finish(alive=not isinstance(error, QueryFailed))
            raise
        if kind == END:
            self._finish(alive=True)
            return None
        return payload

    def chunks(self, first: bytes | None) -> Iterator[bytes]:
        """Yield the bytes; raises ``QueryFailed`` when the evaluation is stopped midway."""
        payload = first
        try:
            while payload is not None:
                yield payload
                kind, payload = self._worker.listen()
                if kind != BYTES:
                    self._finish(alive=True)
                    return
        except PactgraphError as error:
            self._finish(alive=not isinstance(error, QueryFailed))
            if isinstance(error, QueryFailed):
                raise
            raise QueryFailed(error.message, code=error.code) from error
        finally:
            self.close()

    def close(self) -> None:
        """Give up: kill the worker unless the answer is complete."""
        if not self._over:
            self._worker.kill(QueryFailed("The answer was given up before its end", code="query-abandoned"))
        self._finish(alive=False)

    def _expire(self, verdict: QueryFailed) -> None:
        with self._lock:
            if not self._over:
                self._worker.kill(verdict)  # the reader finds the pipe closed and raises the verdict

    def _finish(self, *, alive: bool) -> None:
        with self._lock:
            if self._over:
                return
            self._over = True
        self._timer.cancel()
        if alive:
            self._pool.give_back(self._worker)
        else:
            self._pool.replace(self._worker)


def _choose_format(request: QueryRequest, outline: Outline) -> ResultFormat:
    offered = formats_of(outline.form)
    return offered[0] if request.media_type is None else by_media_type(request.media_type, offered)


def _message(request: QueryRequest, outline: Outline, chosen: ResultFormat) -> dict[str, Any]:
    """Return the message for a worker; the protocol's graphs go first (SPARQL 1.1 Protocol §2.1.4)."""
    default, named = request.default_graphs, request.named_graphs
    if not default and not named:
        default, named = outline.from_graphs, outline.from_named
    described = bool(default or named)
    return {
        "text": request.text,
        "media_type": chosen.media_type,
        "xml": chosen.name in _XML,
        "default_graphs": list(dict.fromkeys(default)) if described else None,
        "named_graphs": list(dict.fromkeys(named)) if described else None,
    }
