"""A copy of the newest revision in memory, from which workers are forked; kept by a nursery process.

It is only ever faster, never in the way: a worker answers from the copy when the query names the snapshot
that the copy is of, and reads the snapshot itself otherwise. So nobody waits for the copy.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pactgraph.model import Snapshot, Update
from pactgraph.query.brood import NurseryGone, NurseryProcess, TooLarge
from pactgraph.query.process import WorkerProcess

AVAILABLE = sys.platform.startswith("linux")
_LOG = logging.getLogger("pactgraph.query")
_WORN = 8  # the copy is made anew when an eighth of it has been removed: the engine keeps what was there
_SHORTEST, _LONGEST = 0.2, 30.0  # seconds between two steps
_SHARE = 10  # following takes at most so small a part of the time
_AFTER_FAILURE = 60.0
_LAST_WORDS = 1.0

Updates = Callable[[int, int], Sequence[Update] | None]


class HotCopy:
    """Keeps the copy on a thread of its own, which lives as long as this object does.

    ``most`` is how many quads it may have; a larger graph is read from disk. ``updates`` tells what led from
    one revision to another, and ``renew`` is called when there is a newer copy to fork workers from.
    """

    def __init__(
        self, start: Mapping[str, Any], *, most: int, updates: Updates, renew: Callable[[], None]
    ) -> None:
        self._start = dict(start)
        self._most = most
        self._updates = updates
        self._renew = renew
        self._wanted: Snapshot | None = None
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._closing = threading.Event()
        self._nursery: NurseryProcess | None = None
        self._starting: NurseryProcess | None = None
        self._thread = threading.Thread(target=self._keep, name="keep a copy", daemon=True)
        self._thread.start()

    @property
    def snapshot(self) -> Snapshot | None:
        """The snapshot that there is a copy of now."""
        nursery = self._nursery
        return nursery.snapshot if nursery is not None else None

    @property
    def revision(self) -> int | None:
        """The revision that there is a copy of now."""
        snapshot = self.snapshot
        return snapshot.revision if snapshot is not None else None

    @property
    def size(self) -> int:
        """How many quads the copy has; 0 while there is none."""
        nursery = self._nursery
        return nursery.size if nursery is not None else 0

    def want(self, snapshot: Snapshot) -> None:
        """Have the copy follow to this snapshot, soon; returns at once."""
        if snapshot is not self._wanted:
            self._wanted = snapshot
            self._woken.set()

    def fork(self) -> WorkerProcess | None:
        """Return a new worker that shares the copy, if there is one; raises ``OSError`` as ``fork`` does."""
        nursery = self._nursery
        if nursery is None:
            return None
        try:
            return nursery.fork()
        except NurseryGone:
            self._lose(nursery)
            return None

    def stop(self) -> None:
        """Follow no more; returns at once."""
        self._closing.set()
        self._woken.set()
        starting = self._starting
        if starting is not None:
            starting.kill()

    def close(self) -> None:
        """End the nursery; its workers are to have ended before, so that it sees them off."""
        self.stop()
        self._thread.join()

    def _keep(self) -> None:
        pause = 0.0
        while not self._closing.wait(pause):
            self._woken.wait()
            self._woken.clear()
            if self._closing.is_set():
                break
            began = time.monotonic()
            try:
                self._step(self._wanted)
                pause = min(max((time.monotonic() - began) * _SHARE, _SHORTEST), _LONGEST)
            except TooLarge:
                _LOG.info("queries read from disk: the graph has over %s quads", f"{self._most:,}")
                self._lose(self._nursery)
                self._closing.wait()  # the workers of the last copy live as long as this thread does
            except OSError as error:
                if self._closing.is_set():
                    break
                _LOG.warning("queries read from disk: the copy in memory failed (%s)", error)
                self._lose(self._nursery)
                pause = _AFTER_FAILURE
        if self._nursery is not None:
            self._nursery.end(_LAST_WORDS)

    def _lose(self, nursery: NurseryProcess | None) -> None:
        """Forget a nursery that is gone, and have another made."""
        with self._lock:
            if nursery is not None and nursery is self._nursery:
                self._nursery = None
                nursery.end()
        self._woken.set()

    def _step(self, wanted: Snapshot | None) -> None:
        """Bring the copy to a snapshot, and have workers follow."""
        nursery = self._nursery
        if wanted is None or (nursery is not None and nursery.snapshot == wanted):
            return
        updates = None
        if nursery is not None and nursery.removed <= nursery.size // _WORN:
            updates = self._updates(nursery.snapshot.revision, wanted.revision)
        if nursery is None or updates is None:
            self._replace(wanted)
        else:
            nursery.apply(updates, wanted)
            if nursery.size > self._most:
                raise TooLarge
        if not self._closing.is_set():
            self._renew()

    def _replace(self, wanted: Snapshot) -> None:
        """Load a snapshot in a new nursery; the old one ends with its last worker."""
        self._starting = NurseryProcess(self._start, wanted, self._most)
        if self._closing.is_set():
            self._starting.kill()
        try:
            self._starting.wait_until_loaded()
        except OSError:
            self._starting.kill()
            self._starting.end()
            self._starting = None
            raise
        old, self._nursery, self._starting = self._nursery, self._starting, None
        if old is not None:
            old.end()
