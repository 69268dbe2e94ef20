"""The pipes of workers that an event loop watches, from one query to the next.

To begin watching a pipe and to end it costs more than the rest of waiting for a small query.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from pactgraph.query.attempt import Audible

_PATIENCE = 3  # times that a pipe may have something to say to nobody


@dataclass(slots=True)
class _Watched:
    descriptor: int
    listener: Callable[[bool], None] | None = None
    unheard: int = 0


class Watches:
    """Tells who waits when a worker says something; for the thread of one event loop.

    A pipe to which nobody listens any more, because a thread reads a long answer or the other side is gone,
    is watched no longer.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._watched: dict[Audible, _Watched] = {}

    def __len__(self) -> int:
        """Count the pipes that are watched."""
        return len(self._watched)

    def listen(self, to: Audible, listener: Callable[[bool], None]) -> None:
        """Have ``listener`` called once, with True, when there is something to read; raises ``EOFError``."""
        watched = self._watched.get(to)
        if watched is None:
            watched = self._watched[to] = _Watched(to.descriptor())
            self._loop.add_reader(watched.descriptor, self._heard, to)
        watched.listener, watched.unheard = listener, 0

    def ignore(self, whom: Audible) -> None:
        """Do not listen any more; it is still watched, as it is soon listened to again."""
        watched = self._watched.get(whom)
        if watched is not None:
            watched.listener = None

    def _heard(self, from_: Audible) -> None:
        watched = self._watched[from_]
        listener, watched.listener = watched.listener, None
        if listener is not None:
            listener(True)
            return
        watched.unheard += 1
        if watched.unheard >= _PATIENCE:
            del self._watched[from_]
            self._loop.remove_reader(watched.descriptor)
            os.close(watched.descriptor)


_of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, Watches] = WeakKeyDictionary()


def watches_of(loop: asyncio.AbstractEventLoop) -> Watches:
    """Return what a loop watches."""
    watches = _of_loops.get(loop)
    if watches is None:
        watches = _of_loops[loop] = Watches(loop)
    return watches
