"""What the latest revisions did to the store, for whoever keeps a copy of it up to date."""

from __future__ import annotations

import threading
from collections import deque

from pactgraph.model import Update


class RecentUpdates:
    """The updates of the latest revisions, as many as fit into ``room`` characters. For many threads."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._size = 0
        self._lock = threading.Lock()
        self._updates: deque[Update] = deque()

    def note(self, update: Update) -> None:
        """Add that of the newest revision; the oldest make room for it."""
        with self._lock:
            self._updates.append(update)
            self._size += update.size
            while self._size > self._room:
                self._size -= self._updates.popleft().size

    def between(self, after: int, until: int) -> list[Update] | None:
        """Return what leads from one revision to a later one, in order; nothing when a part is not known.

        >>> recent = RecentUpdates(1000)
        >>> recent.note(Update(8, "INSERT DATA {}", "", 0, 0))
        >>> recent.between(7, 8), recent.between(6, 8)
        ([Update(revision=8, default='INSERT DATA {}', named='', added=0, removed=0)], None)
        """
        with self._lock:
            found = [update for update in self._updates if after < update.revision <= until]
        complete = [update.revision for update in found] == list(range(after + 1, until + 1))
        return found if complete and until >= after else None
