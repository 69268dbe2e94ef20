"""How much of the workers' time each client has had lately: who had less, comes first."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

HALF_LIFE = 10.0
"""Seconds after which half of what a client had is forgotten."""
_MOST = 1000  # clients that are remembered


class Shares:
    """Seconds of workers by client, fading with time. For many threads; ``now`` is a clock in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._had: OrderedDict[str, tuple[float, float]] = OrderedDict()  # seconds, and as of when

    def note(self, client: str, seconds: float) -> None:
        """Add what a client has had; who had something longest ago is forgotten when they are too many."""
        with self._lock:
            self._had[client] = (self.of(client) + seconds, self._now())
            self._had.move_to_end(client)
            if len(self._had) > _MOST:
                self._had.popitem(last=False)

    def of(self, client: str) -> float:
        """Return how many seconds a client has had, as far as they are remembered.

        >>> clock = iter([0.0, HALF_LIFE])
        >>> shares = Shares(lambda: next(clock))
        >>> shares.note("192.0.2.1", 4.0)
        >>> shares.of("192.0.2.1"), shares.of("192.0.2.2")
        (2.0, 0.0)
        """
        known = self._had.get(client)
        if known is None:
            return 0.0
        seconds, then = known
        return float(seconds * 0.5 ** ((self._now() - then) / HALF_LIFE))
