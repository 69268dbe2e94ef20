"""The caller of a flight who evaluates for all: its answer passes through the flight on its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pactgraph.errors import PactgraphError, QueryFailed
from pactgraph.query.answer import Answer
from pactgraph.query.attempt import Audible, Begun
from pactgraph.query.flight import Flight

_T = TypeVar("_T")


class Leading:
    """A query whose bytes, or failure, others get as well; ``land`` is called when no more will come."""

    def __init__(self, flight: Flight, leave: Callable[[], None], land: Callable[[], None]) -> None:
        self._flight = flight
        self._leave = leave
        self._land = land
        self._begun: Begun | None = None

    def begin(self, start: Callable[[], Begun]) -> Begun:
        """Begin; return itself."""
        self._begun = self._failing_for_all(start)
        return self

    @property
    def blocks(self) -> bool:
        """Whether only ``finish`` can get further."""
        return self._inner.blocks

    def advance(self) -> Answer | None:
        """Do what can be done now; return the answer once its first bytes are there."""
        answer = self._failing_for_all(self._inner.advance)
        return None if answer is None else self._shared(answer)

    def when_ready(self, action: Callable[[], object]) -> Audible | None:
        """Say when to advance again."""
        return self._inner.when_ready(action)

    def finish(self) -> Answer:
        """Wait for the first bytes."""
        return self._shared(self._failing_for_all(self._inner.finish))

    def abandon(self) -> None:
        """Want no answer any more; whoever follows hears that it was cancelled."""
        self._inner.abandon()
        self._flight.fail(QueryFailed("The query was given up; ask it again", code="query-cancelled"))
        self._land()

    @property
    def _inner(self) -> Begun:
        assert self._begun is not None  # noqa: S101 — for the type checker: it has begun
        return self._begun

    def _shared(self, answer: Answer) -> Answer:
        self._flight.start(answer, self._land)
        chunks = self._flight.chunks()
        return Answer(answer.form, answer.format, chunks, self._leave, answer.whole, answer.revision)

    def _failing_for_all(self, step: Callable[[], _T]) -> _T:
        try:
            return step()
        except PactgraphError as error:
            self._flight.fail(error)
            self._land()
            raise
        except BaseException:
            self._flight.fail(QueryFailed("The evaluation of this query ended unexpectedly; ask it again"))
            self._land()
            raise
