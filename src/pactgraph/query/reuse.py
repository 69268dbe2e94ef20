"""Answers that are known already, or on their way: the same query on the same revision is evaluated once.

An answer is known by revision, dataset, format and the query itself without comments and white space. That
is exact: a revision never changes. Queries that call ``NOW``, ``RAND`` and the like, or other endpoints, are
always evaluated.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from dataclasses import replace
from functools import partial
from typing import Protocol

from pactgraph.errors import SyntaxFault
from pactgraph.model import QueryRequest, Snapshot
from pactgraph.query.answer import Answer
from pactgraph.query.attempt import Arrived, Begun, Blocking
from pactgraph.query.cancellation import Cancellation
from pactgraph.query.dialect import in_dialect
from pactgraph.query.flight import Flight
from pactgraph.query.formats import ResultFormat, by_media_type, formats_of
from pactgraph.query.guard import Outline
from pactgraph.query.leading import Leading

Key = tuple[int, str, tuple[object, ...], str]
_OVERHEAD = 1000  # bytes that an entry takes beside key and answer
_LARGEST_SHARE = 8  # an answer may take an eighth of the room


class Evaluator(Protocol):
    """What evaluates: the pool."""

    def current(self) -> Snapshot:
        """Return the snapshot that queries see which start now."""

    def inspect(self, text: str) -> Outline:
        """Return the outline of a query that may run."""

    def run(
        self,
        request: QueryRequest,
        cancellation: Cancellation | None = None,
        *,
        outline: Outline | None = None,
    ) -> Answer:
        """Evaluate a query."""

    def begin(
        self,
        request: QueryRequest,
        cancellation: Cancellation | None = None,
        *,
        outline: Outline | None = None,
    ) -> Begun:
        """Begin to evaluate a query, without waiting for anything."""


class Reuse:
    """Answers queries as the pool does, from memory where it can; ``limit`` is in bytes, 0 keeps nothing."""

    def __init__(self, evaluator: Evaluator, *, limit: int) -> None:
        self.counts: Counter[str] = Counter()
        """How often answers were known (``hit``), shared, evaluated (``miss``) or never kept (``bypass``)."""
        self._evaluator = evaluator
        self._limit = limit
        self._largest = limit // _LARGEST_SHARE
        self._lock = threading.Lock()
        self._known: OrderedDict[Key, bytes] = OrderedDict()
        self._flights: dict[Key, Flight] = {}
        self._size = 0
        self._newest = 0

    @property
    def size(self) -> int:
        """How many bytes the known answers take."""
        return self._size

    def inspect(self, text: str) -> Outline:
        """Return the outline of a query that may run; raises as ``guard.inspect`` does."""
        return self._evaluator.inspect(text)

    def run(
        self,
        request: QueryRequest,
        cancellation: Cancellation | None = None,
        *,
        outline: Outline | None = None,
    ) -> Answer:
        """Answer a query; see ``QueryPool.run`` for what it raises."""
        return self.begin(request, cancellation, outline=outline).finish()

    def begin(
        self,
        request: QueryRequest,
        cancellation: Cancellation | None = None,
        *,
        outline: Outline | None = None,
    ) -> Begun:
        """Begin to answer a query, without waiting for anything; otherwise as ``run``."""
        outline = outline or self.inspect(request.text)
        cancellation = cancellation or Cancellation()
        if outline.volatile or not self._limit:
            self.counts["bypass"] += 1
            return self._begin(request, cancellation, outline)
        chosen = _format(request, outline)
        snapshot = request.snapshot
        if snapshot is None:
            snapshot = self._evaluator.current()
            request = replace(request, snapshot=snapshot)  # key and evaluation must mean the same revision
        key = (snapshot.revision, chosen.name, _dataset(request), outline.normalised)
        whole = self.known(key)
        if whole is None:
            return self._evaluate(key, request, cancellation, outline)
        return Arrived(_finished(outline, chosen, whole, snapshot.revision))

    def known(self, key: Key) -> bytes | None:
        """Return the answer if it is known, and count it as used."""
        with self._lock:
            whole = self._known.get(key)
            if whole is not None:
                self._known.move_to_end(key)
                self.counts["hit"] += 1
            return whole

    def _evaluate(
        self, key: Key, request: QueryRequest, cancellation: Cancellation, outline: Outline
    ) -> Begun:
        with self._lock:
            flight = self._flights.get(key)
            joined = flight is not None and flight.join(request.timeout)
            if not joined:
                flight = Flight(self._largest, request.timeout)
                self._flights[key] = flight
        assert flight is not None  # noqa: S101 — for the type checker: either joined or new
        if joined:
            return Blocking(partial(self._follow, key, flight, request, cancellation, outline))
        self.counts["miss"] += 1
        leave = flight.leave_once()
        cancellation.call(leave)
        leading = Leading(flight, leave, partial(self._land, key, flight))
        return leading.begin(partial(self._begin, request, flight.cancellation, outline))

    def _begin(self, request: QueryRequest, cancellation: Cancellation, outline: Outline) -> Begun:
        """Begin to evaluate, in the engine's dialect where that is another text."""
        text = in_dialect(request.text)
        if text == request.text:
            return self._evaluator.begin(request, cancellation, outline=outline)
        return Blocking(partial(self._translated, text, request, cancellation, outline))

    def _translated(
        self, text: str, request: QueryRequest, cancellation: Cancellation, outline: Outline
    ) -> Answer:
        """Evaluate; what is wrong with a query is said of it as it was sent, not of it in the dialect."""
        try:
            self._evaluator.inspect(text)  # it may have become longer: the limits hold for what is evaluated
            return self._evaluator.run(replace(request, text=text), cancellation, outline=outline)
        except SyntaxFault:
            return self._evaluator.run(request, cancellation, outline=outline)

    def _follow(
        self,
        key: Key,
        flight: Flight,
        request: QueryRequest,
        cancellation: Cancellation,
        outline: Outline,
    ) -> Answer:
        """Wait for the answer of another caller; evaluate after all when it is too large to be shared."""
        leave = flight.leave_once()
        cancellation.call(leave)
        try:
            whole = flight.whole(cancellation)
        finally:
            leave()
        if whole is not None:
            self.counts["shared"] += 1
            return _finished(outline, _format(request, outline), whole, key[0])
        self.counts["miss"] += 1
        return self._begin(request, cancellation, outline).finish()

    def _land(self, key: Key, flight: Flight) -> None:
        """Forget a flight that has ended; keep its answer when it came whole."""
        with self._lock:
            if self._flights.get(key) is flight:
                del self._flights[key]
            whole = flight.result
            if whole is None or key in self._known or len(whole) > self._largest:
                return
            self._forget_superseded(key[0])
            self._known[key] = whole
            self._size += _weight(key, whole)
            while self._size > self._limit:
                old, value = self._known.popitem(last=False)
                self._size -= _weight(old, value)

    def _forget_superseded(self, revision: int) -> None:
        """When there is a newer revision, keep nothing of the one that was the newest.

        Answers of revisions that were not the newest when they were asked stay: they were asked by number.
        """
        if revision <= self._newest:
            return
        for key in [key for key in self._known if key[0] == self._newest]:
            self._size -= _weight(key, self._known.pop(key))
        self._newest = revision


def _weight(key: Key, whole: bytes) -> int:
    return len(whole) + len(str(key[-1])) + _OVERHEAD


def _format(request: QueryRequest, outline: Outline) -> ResultFormat:
    offered = formats_of(outline.form)
    return offered[0] if request.media_type is None else by_media_type(request.media_type, offered)


def _dataset(request: QueryRequest) -> tuple[object, ...]:
    """Return what is asked of a revision; one may be there twice, with its description and without."""
    place = request.snapshot.path if request.snapshot is not None else None
    return (request.default_graphs, request.named_graphs, place)


def _finished(outline: Outline, chosen: ResultFormat, whole: bytes, revision: int) -> Answer:
    return Answer(outline.form, chosen, iter((whole,)), lambda: None, whole, revision)
