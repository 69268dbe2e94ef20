"""One worker process as the pool sees it: started, asked, listened to, killed."""

from __future__ import annotations

import fcntl
import json
import marshal
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from pactgraph.errors import InputError, PactgraphError, QueryFailed, QueryRefused, SyntaxFault, UnknownFormat
from pactgraph.isolation import Isolation, module_environment
from pactgraph.model import Snapshot, Update
from pactgraph.query.child import Child
from pactgraph.query.frames import FAULT, READY, REQUEST, FrameStream, write_frame

_PIPE = 1024 * 1024
OUT_OF_MEMORY = (
    b"memory allocation of",
    b"bad_alloc",
    b"MemoryError",
    b"Cannot allocate memory",
    b"Resource temporarily unavailable",  # the engine starts a thread and there is no room for its stack
)


def start_worker(
    root: Path, *, memory_mb: int, prologue: Mapping[str, Any], network: bool = False
) -> WorkerProcess:
    """Start a worker that reads snapshots below ``root``.

    Call it on a thread that lives as long as the pool: Linux kills the child when the *thread* that started
    it ends.
    """
    log = tempfile.TemporaryFile()  # noqa: SIM115 — lives as long as the process
    start = start_of(root, memory_mb=memory_mb, prologue=prologue, network=network)
    process = subprocess.Popen(  # noqa: S603 — this interpreter, our own module, no shell
        [sys.executable, "-P", "-m", "pactgraph.query.worker", json.dumps(start)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        env=module_environment(),
        cwd=Path(root.anchor),
    )
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 — for the type checker
    widen(process.stdout.fileno())
    files = os.dup(process.stdin.fileno()), os.dup(process.stdout.fileno())
    process.stdin.close()
    process.stdout.close()
    return WorkerProcess(process, files, log, network=network)


def widen(pipe: int) -> None:
    """Have a pipe take some frames at a time, where the system offers that."""
    with suppress(OSError, AttributeError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


def start_of(
    root: Path, *, memory_mb: int, prologue: Mapping[str, Any], network: bool = False
) -> dict[str, Any]:
    """Return what a worker is told when it starts."""
    start = {"root": str(root), "memory_mb": memory_mb, "parent": os.getpid(), "network": network}
    return {**start, "prologue": dict(prologue)}


class WorkerProcess:
    """A child process that answers one query at a time.

    ``files`` are where it reads requests and where it writes answers, ``log`` where it writes its last words.
    ``copy`` is the snapshot that it has in memory; it can follow to later ones (see ``lead``).
    """

    def __init__(
        self,
        process: Child,
        files: tuple[int, int],
        log: IO[bytes],
        *,
        network: bool = False,
        copy: Snapshot | None = None,
    ) -> None:
        self.network = network
        self.copy = copy
        self.has_followed = False
        self.isolation: Isolation | None = None  # until it says what holds
        self._process = process
        self._requests, self._answers = os.fdopen(files[0], "wb"), FrameStream(files[1])
        self._log = log
        self._verdict: QueryFailed | None = None
        self._lock = threading.Lock()

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
        """Send a request; when the process is gone, ``listen`` will say so."""
        with suppress(OSError, ValueError):  # ValueError: closed by another thread
            write_frame(self._requests, REQUEST, marshal.dumps(request))

    def lead(self, updates: Sequence[Update], snapshot: Snapshot) -> list[tuple[str, str]]:
        """Have its copy be of a later snapshot; return what the next request is to tell it."""
        self.copy, self.has_followed = snapshot, True
        return [(update.default, update.named) for update in updates]

    def listen(self) -> tuple[bytes, bytes]:
        """Return the next frame; raises what the worker reports, or ``QueryFailed`` when it died."""
        try:
            frame = self.hear(wait=True)
        except EOFError:
            raise self.cause_of_death() from None
        assert frame is not None  # noqa: S101 — for the type checker: it has waited
        return frame

    def hear(self, *, wait: bool) -> tuple[bytes, bytes] | None:
        """Return the next frame; without ``wait`` nothing when it is not there yet.

        Raises what the worker reports, and ``EOFError`` when it died.
        """
        while (frame := self._answers.next(wait=wait)) is not None and frame[0] == READY:
            self.isolation = Isolation(**json.loads(frame[1]))
        if frame is not None and frame[0] == FAULT:
            raise _reported(json.loads(frame[1]))
        return frame

    def descriptor(self) -> int:
        """Return a descriptor that can be read when there is something to hear; the caller closes it."""
        return self._answers.duplicate()

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
        self._answers.close()
        for stream in (self._requests, self._log):
            with suppress(OSError):  # an unsent request; nobody waits for it
                stream.close()


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
