"""One worker process as the pool sees it: started, asked, listened to, killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from pactgraph.errors import InputError, PactgraphError, QueryFailed, QueryRefused, SyntaxFault, UnknownFormat
from pactgraph.isolation import Isolation, module_environment
from pactgraph.query.frames import FAULT, READY, REQUEST, read_frame, write_frame

OUT_OF_MEMORY = (
    b"memory allocation of",
    b"bad_alloc",
    b"MemoryError",
    b"Cannot allocate memory",
    b"Resource temporarily unavailable",  # the engine starts a thread and there is no room for its stack
)


class WorkerProcess:
    """A child process that answers one query at a time.

    Start it on a thread that lives as long as the pool: Linux kills the child when the *thread* that started
    it ends.
    """

    def __init__(
        self, root: Path, *, memory_mb: int, prologue: Mapping[str, Any], network: bool = False
    ) -> None:
        self.network = network
        self.isolation: Isolation | None = None  # until it says what holds
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 — lives as long as the process
        self._verdict: QueryFailed | None = None
        self._lock = threading.Lock()
        module = ["-P", "-m", "pactgraph.query.worker"]
        start = {"root": str(root), "memory_mb": memory_mb, "parent": os.getpid(), "network": network}
        start["prologue"] = dict(prologue)
        self._process = subprocess.Popen(  # noqa: S603 — this interpreter, our own module, no shell
            [sys.executable, *module, json.dumps(start)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=module_environment(),
            cwd=Path(root.anchor),
        )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def is_dead(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    @property
    def was_killed(self) -> bool:
        """Whether somebody killed it, who left no word why."""
        return self._process.poll() == -signal.SIGKILL and self._verdict is None

    def ask(self, request: dict[str, Any]) -> None:
        """Send a request; raises ``QueryFailed`` when the process is gone."""
        try:
            write_frame(self._in, REQUEST, json.dumps(request).encode())
        except (OSError, ValueError):  # ValueError: closed by another thread
            raise self.cause_of_death() from None

    def listen(self) -> tuple[bytes, bytes]:
        """Return the next frame; raises what the worker reports, or ``QueryFailed`` when it died."""
        try:
            frame = read_frame(self._out)
        except (OSError, ValueError):  # ValueError: closed by another thread
            frame = None
        if frame is None:
            raise self.cause_of_death()
        if frame[0] == FAULT:
            raise _reported(json.loads(frame[1]))
        if frame[0] == READY:
            self.isolation = Isolation(**json.loads(frame[1]))
            return self.listen()
        return frame

    def kill(self, verdict: QueryFailed | None = None) -> None:
        """End the process at once; ``verdict`` is what the query under way will hear."""
        with self._lock:
            if self._verdict is None:
                self._verdict = verdict
        self._process.kill()

    def cause_of_death(self) -> QueryFailed:
        """Return why the process ended: the verdict of who killed it, or what it wrote last."""
        self._process.kill()  # if it only closed its pipe
        self._process.wait()
        if self._verdict is not None:
            return self._verdict
        self._log.seek(0)
        words = self._log.read(64 * 1024)
        if any(sign in words for sign in OUT_OF_MEMORY):
            message = "The query needs more memory than one query may have; ask for less at a time"
            return QueryFailed(message, code="query-memory")
        return QueryFailed(
            "The evaluation of this query ended unexpectedly; simplify the query", code="query-crashed"
        )

    def bury(self) -> None:
        """Kill the process, wait for its end and close the pipes."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._log):
            if stream is not None:
                with suppress(OSError):  # an unsent request; nobody waits for it
                    stream.close()

    @property
    def _in(self) -> IO[bytes]:
        assert self._process.stdin is not None  # noqa: S101 — for the type checker: Popen was asked for a pipe
        return self._process.stdin

    @property
    def _out(self) -> IO[bytes]:
        assert self._process.stdout is not None  # noqa: S101 — as above
        return self._process.stdout


def _reported(report: dict[str, Any]) -> PactgraphError:
    """Return the error that a worker reports."""
    code, message = report["code"], report["message"]
    if code == "query-syntax":
        return SyntaxFault(message, line=report["line"], column=report["column"], code=code)
    if code == "not-xml":
        return UnknownFormat(message, code=code)
    if code == "query-refused":
        return QueryRefused(message, code=code)
    return InputError(message, code=code)
