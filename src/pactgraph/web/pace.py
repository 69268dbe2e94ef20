"""How slowly a client may send: so that dribbled bytes hold no connection for ever.

A head must be whole some seconds after its first byte, or after the connection was made. A body may take its
time, but not crawl: after a while it must have come at some bytes a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

HEAD_SECONDS = 15.0
BODY_SECONDS = 15.0
SLOWEST = 1024
"""Bytes a second that a body must have come at, once ``BODY_SECONDS`` are over."""


class Pace:
    """Watches one connection; ``give_up`` is called when the client is too slow.

    ``is_held_up`` says whether it is us who do not read.
    """

    def __init__(
        self,
        give_up: Callable[[], None],
        is_held_up: Callable[[], bool],
        *,
        head_seconds: float = HEAD_SECONDS,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._give_up = give_up
        self._is_held_up = is_held_up
        self._head_seconds = head_seconds
        self._body_seconds = body_seconds
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._began = 0.0
        self._received = 0

    def expect_head(self) -> None:
        """A head is due from now on."""
        self._after(self._head_seconds, self._give_up)

    def expect_body(self) -> None:
        """The head is here; a body may follow."""
        self._began, self._received = self._loop.time(), 0
        self._after(self._body_seconds, self._check_body)

    def note(self, size: int) -> None:
        """So many bytes of the body have come."""
        self._received += size

    def rest(self) -> None:
        """Nothing is due: the request is whole, or the connection gone."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        self.rest()
        self._timer = self._loop.call_later(seconds, act)

    def _check_body(self) -> None:
        if self._is_held_up():
            self._began = self._loop.time()  # what was not read for a while counts from here
            self._received = 0
        elif self._received < (self._loop.time() - self._began) * SLOWEST:
            self._give_up()
            return
        self._after(self._body_seconds, self._check_body)
