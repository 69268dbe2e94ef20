"""A process that somebody else started for us: watched and ended by a handle that means no other process."""

from __future__ import annotations

import os
import select
import signal
import threading
from contextlib import suppress
from typing import Protocol

_PATIENCE = 1000  # milliseconds until the nursery has told how a process ended that has


class Child(Protocol):
    """A process, as ``subprocess.Popen`` has it."""

    @property
    def pid(self) -> int:
        """The process id."""

    def poll(self) -> int | None:
        """Return how the process ended, or nothing while it has not; a signal is a negative number."""

    def wait(self) -> int:
        """Wait for the end."""

    def kill(self) -> None:
        """End it at once."""


class ForkedChild:
    """A child of the nursery: ``handle`` is its pidfd, ``fate`` a pipe that says how it ended."""

    def __init__(self, pid: int, handle: int, fate: int) -> None:
        self.pid = pid
        self._handle = handle
        self._fate = fate
        self._status: int | None = None
        self._lock = threading.Lock()
        self._watch = select.poll()  # of the handle, while there is no status
        self._watch.register(handle, select.POLLIN)

    def poll(self) -> int | None:
        """Return how the process ended, or nothing while it has not; a signal is a negative number."""
        with self._lock:
            if self._status is None and self._watch.poll(0):
                self._status = self._ended()
            return self._status

    def wait(self) -> int:
        """Wait for the end; all that it had is closed then."""
        with self._lock:
            if self._status is not None:
                return self._status
            # Another thread may note the end first and close the handle; its number then soon means another
            # file, on which this thread would wait in vain.
            watched = os.dup(self._handle)
        try:
            _is_readable(watched, None)
        finally:
            os.close(watched)
        status = self.poll()
        assert status is not None  # noqa: S101 — for the type checker: it has ended
        return status

    def kill(self) -> None:
        """End it at once."""
        with self._lock:
            if self._status is None:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def _ended(self) -> int:
        """Read how it ended; when the nursery has died, everything it started was killed."""
        words = os.read(self._fate, 16) if _is_readable(self._fate, _PATIENCE) else b""
        os.close(self._handle)
        os.close(self._fate)
        return int(words or -signal.SIGKILL)


def _is_readable(descriptor: int, timeout: float | None) -> bool:
    watch = select.poll()
    watch.register(descriptor, select.POLLIN)
    return bool(watch.poll(timeout))
