"""Word from outside that nobody waits for an answer any more."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Cancellation:
    """Says once, from any thread, that a query is to be given up; what was registered is then called."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._actions: list[Callable[[], object]] = []
        self._cancelled = False
        self._settled = False

    @property
    def is_cancelled(self) -> bool:
        """Whether ``cancel`` has been called."""
        return self._cancelled

    def cancel(self) -> None:
        """Give up; a second call does nothing."""
        with self._lock:
            if self._cancelled:
                return
            self._cancelled = True
            actions, self._actions = self._actions, []
        for action in actions:
            action()

    def settle(self) -> None:
        """Forget what was to be called, and all that it holds: the query is over."""
        with self._lock:
            self._actions, self._settled = [], True

    def call(self, action: Callable[[], object]) -> None:
        """Have ``action`` called on ``cancel``, or at once when that has been; it must not raise or block.

        After ``settle`` it is not called any more.
        """
        with self._lock:
            if self._settled:
                return
            if not self._cancelled:
                self._actions.append(action)
                return
        action()
