"""One evaluation that several callers wait for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from pactgraph.errors import PactgraphError
from pactgraph.query.answer import Answer
from pactgraph.query.cancellation import Cancellation
from pactgraph.query.waiting import cancelled


class Flight:
    """The bytes of one answer, kept while they are few enough to be shared.

    Whoever needs a byte that is not there fetches it, so that a client that reads slowly keeps nobody
    waiting. The first caller, who leads, gets the bytes as they come; the others get the whole or nothing.
    The evaluation is given up when the last caller has left.
    """

    def __init__(self, limit: int, timeout: float | None) -> None:
        self.cancellation = Cancellation()
        self.result: bytes | None = None
        """The whole answer, once it is there and short enough."""
        self._limit = limit
        self._timeout = timeout
        self._callers = 1
        self._counting = threading.Lock()
        self._fetching = threading.Lock()
        self._begun = False  # the first bytes are there, or will never be
        self._waiting: list[threading.Event] = []  # of those who wait for them
        self._pieces: list[bytes] = []
        self._size = 0
        self._answer: Answer | None = None
        self._error: PactgraphError | None = None
        self._at_end: Callable[[], None] = lambda: None
        self._ended = False

    def join(self, timeout: float | None) -> bool:
        """Become one more caller; not possible when the time limit differs or the answer is too large."""
        with self._counting:
            if self._callers == 0 or timeout != self._timeout or self._size > self._limit:
                return False
            self._callers += 1
            return True

    def leave(self) -> None:
        """Have one caller less; the last one ends the evaluation."""
        with self._counting:
            self._callers -= 1
            last = self._callers == 0
        if last:
            self.cancellation.cancel()
            if self._answer is not None:
                self._answer.close()
                self._end()

    def leave_once(self) -> Callable[[], None]:
        """Return ``leave`` as something that may be called more than once."""
        once = Cancellation()
        once.call(self.leave)
        return once.cancel

    def start(self, answer: Answer, at_end: Callable[[], None]) -> None:
        """The first bytes are there; ``at_end`` is called when the last are, or no more will come."""
        self._answer, self._at_end = answer, at_end
        if answer.whole is not None:
            self.result = answer.whole if len(answer.whole) <= self._limit else None
            self._pieces.append(answer.whole)
            self._end()
        self._wake()

    def fail(self, error: PactgraphError) -> None:
        """There are no first bytes and will be none."""
        self._error, self._ended = error, True
        self._wake()

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes to the caller who leads."""
        at = 0
        while True:
            piece = self._piece(at, last_reader=True)
            if piece is None:
                return
            yield piece
            at += 1

    def whole(self, cancellation: Cancellation) -> bytes | None:
        """Return the whole answer, or nothing when it is too large; raises what the evaluation raised."""
        with self._counting:
            woken = None if self._begun else threading.Event()
            if woken is not None:
                self._waiting.append(woken)
        if woken is not None:
            cancellation.call(woken.set)
            woken.wait()
        if cancellation.is_cancelled:
            raise cancelled()
        at = 0
        while self._size <= self._limit and self._piece(at) is not None:
            if cancellation.is_cancelled:
                raise cancelled()
            at += 1
        return self.result

    def _wake(self) -> None:
        with self._counting:
            self._begun, waiting = True, self._waiting
        for woken in waiting:
            woken.set()

    def _piece(self, at: int, *, last_reader: bool = False) -> bytes | None:
        with self._fetching:
            while at >= len(self._pieces) and not self._ended:
                self._fetch()
            if at < len(self._pieces):
                piece = self._pieces[at]
                if last_reader and self._size > self._limit:
                    self._pieces[at] = b""  # nobody else will ask for it: it is not to be shared any more
                return piece
            if self._error is not None:
                raise self._error
            return None

    def _fetch(self) -> None:
        assert self._answer is not None  # noqa: S101 — for the type checker: it has started
        try:
            piece = next(self._answer.chunks, None)
        except PactgraphError as error:
            self._error = error
            self._end()
            return
        if piece is not None:
            self._size += len(piece)
            self._pieces.append(piece)
            return
        if self._size <= self._limit:
            self.result = b"".join(self._pieces)
        self._end()

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._at_end()
