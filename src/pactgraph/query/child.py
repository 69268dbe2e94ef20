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

    def poll(self) -> int | None:
        """Return how the process ended, or nothing while it has not; a signal is a negative number."""
        return self._look(0)

    def wait(self) -> int:
        """Wait for the end; all that it had is closed then."""
        status = self._look(None)
        assert status is not None  # noqa: S101 — for the type checker: there was no time limit
        return status

    def kill(self) -> None:
        """End it at once."""
        with self._lock:
            if self._status is None:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def _look(self, timeout: float | None) -> int | None:
        """Return how it ended, within so many milliseconds."""
        if self._status is None and _is_readable(self._handle, timeout):
            with self._lock:
                if self._status is None:
                    self._status = self._ended()
        return self._status

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
