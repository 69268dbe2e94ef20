"""A query on its way to its first bytes: by steps that never block, or in one go that does.

The event loop of a server takes the steps while they follow one another quickly, and hands what is slower to
a thread, so that small queries cost no thread and large ones no patience of others.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

from pactgraph.errors import QueryFailed
from pactgraph.query.answer import Answer
from pactgraph.query.cancellation import Cancellation
from pactgraph.query.process import WorkerProcess
from pactgraph.query.run import Run
from pactgraph.query.staff import Staff
from pactgraph.query.waiting import Place


class Audible(Protocol):
    """Who will say something on a pipe."""

    def descriptor(self) -> int:
        """Return a descriptor that can be read then, for the caller to close; ``EOFError`` when gone."""


class Begun(Protocol):
    """A query that has been begun; every method raises what ``QueryPool.run`` raises."""

    @property
    def blocks(self) -> bool:
        """Whether only ``finish`` can get further."""

    def advance(self) -> Answer | None:
        """Do what can be done now; return the answer once its first bytes are there."""

    def when_ready(self, action: Callable[[], object]) -> Audible | None:
        """Say when to advance again: once there is something to hear.

        When nothing is returned, ``action`` is called then, on any thread, perhaps at once.
        """

    def finish(self) -> Answer:
        """Wait for the first bytes."""

    def abandon(self) -> None:
        """Want no answer any more; instead of any other call, and once."""


class Blocking:
    """What is got by waiting alone."""

    blocks = True

    def __init__(self, finish: Callable[[], Answer]) -> None:
        self.finish = finish

    def advance(self) -> Answer | None:
        """Return nothing."""
        return None

    def when_ready(self, action: Callable[[], object]) -> Audible | None:
        """Never call the action."""
        return None

    def abandon(self) -> None:
        """Do nothing: nothing has been done yet."""


class Arrived:
    """An answer that is there already."""

    blocks = False

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def advance(self) -> Answer | None:
        """Return the answer."""
        return self._answer

    def when_ready(self, action: Callable[[], object]) -> Audible | None:
        """Call the action."""
        action()
        return None

    def finish(self) -> Answer:
        """Return the answer."""
        return self._answer

    def abandon(self) -> None:
        """Give up what has not been read."""
        self._answer.close()


class Attempt:
    """A query that waits for a worker of ``staff``, or for what the worker says first.

    ``ask`` sends the query to a worker and returns the run; ``answer`` makes an answer of the first bytes.
    """

    def __init__(
        self,
        staff: Staff,
        place: Place,
        deadline: float,
        cancellation: Cancellation,
        *,
        ask: Callable[[WorkerProcess], Run],
        answer: Callable[[Run, bytes, bool], Answer],
    ) -> None:
        self.blocks = False
        self._staff = staff
        self._place = place
        self._deadline = deadline
        self._cancellation = cancellation
        self._ask = ask
        self._answer = answer
        self._run: Run | None = None
        self._turn = threading.Lock()
        self._finishing = False

    def advance(self) -> Answer | None:
        """Ask a worker if there is one; return the answer if the worker has begun it."""
        if self._run is None:
            worker = self._place.worker
            if worker is None:
                return None
            if worker.is_dead:
                self.blocks = True
                return None
            self._place.worker = None
            self._run = self._ask(worker)
            return None  # it has just begun
        try:
            first = self._run.first(wait=False)
        except EOFError:  # it died; why, takes a while to find out
            self.blocks = True
            return None
        return None if first is None else self._answer(self._run, *first)

    def when_ready(self, action: Callable[[], object]) -> Audible | None:
        """Say when to advance again."""
        if self._run is None:
            self._staff.when_woken(self._place, partial(self._woken, threading.get_ident(), action))
            return None
        return self._run.worker

    def _woken(self, waiting: int, action: Callable[[], object]) -> None:
        """Ask the worker that has come before anything else is done, so that it does not wait, too.

        Only on the thread that waits, and while it does: another one could give up at the same time.
        """
        with self._turn:
            if threading.get_ident() == waiting and not self._finishing:
                self.advance()
        action()

    def abandon(self) -> None:
        """Want no answer any more."""
        if self._run is not None:
            self._run.close()
        else:
            self._staff.leave(self._place)

    def finish(self) -> Answer:
        """Wait for a worker and its first bytes; for another worker when that one was dying already."""
        with self._turn:
            self._finishing = True
        while True:
            run = self._run = self._run or self._ask(self._worker())
            try:
                first = run.first()
                assert first is not None  # noqa: S101 — for the type checker: it has waited
                return self._answer(run, *first)
            except QueryFailed:
                if not run.was_dying or time.monotonic() > self._deadline:
                    raise
            except BaseException:
                run.close()
                raise
            self._place, self._run = self._staff.enter(self._place), None

    def _worker(self) -> WorkerProcess:
        return self._staff.wait(self._place, self._deadline, self._cancellation)
