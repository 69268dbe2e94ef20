"""An open store that many threads read, and that can be closed and opened anew when none does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pyoxigraph import Store

_CLOSING = 5.0  # seconds in which whoever has just done reading lets go
_PAUSE = 0.002


class StoreHandle:
    """Holds one store. The engine closes it when nobody refers to it, or to an iterator over it, any more.

    Only then can its path be opened again, so that whoever reads says so. An iterator must come to its end on
    the thread that made it: dropped on another one, it keeps the store open for good.
    """

    def __init__(self, store: Store) -> None:
        self._store: Store | None = store
        self._readers = 0
        self._changed = threading.Condition()

    @property
    def is_open(self) -> bool:
        """Whether there is a store to read."""
        return self._store is not None

    @property
    def store(self) -> Store:
        """The store, for the one who may exchange it; raises ``ValueError`` when it is closed."""
        if self._store is None:
            raise ValueError("the dataset is closed")
        return self._store

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """Keep the store from being exchanged; one thread may read several times at once."""
        with self._changed:
            store = self.store
            self._readers += 1
        try:
            yield store
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    def exchange(
        self, opened: Callable[[], Store], patience: float, *, between: Callable[[], object] | None = None
    ) -> bool:
        """Close the store and have what ``opened`` returns in its place; say whether it came to that.

        Waits at most ``patience`` seconds until nobody reads; others begin to read when it is over.
        ``between`` is called while no store is open. When one of the two raises, the store stays closed.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: not self._readers, patience):
                return False
            self._store = None
            if between is not None:
                _opened(opened)  # and closed at once: so nobody holds it any more, who would touch its files
                between()
            self._store = _opened(opened)
        return True

    def close(self) -> None:
        """Let the store go; may be called more than once."""
        with self._changed:
            self._store = None


def _opened(opened: Callable[[], Store]) -> Store:
    """Open a store; who has just said that he is done reading may hold the old one for a moment still."""
    end = time.monotonic() + _CLOSING
    while True:
        try:
            return opened()
        except OSError as fault:
            if "lock hold by current process" not in str(fault) or time.monotonic() > end:
                raise
        time.sleep(_PAUSE)
