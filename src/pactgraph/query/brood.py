"""The nursery as the pool sees it: started, asked for workers, told of revisions."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from pactgraph.isolation import module_environment
from pactgraph.model import Snapshot, Update
from pactgraph.query.child import ForkedChild
from pactgraph.query.frames import APPLY, FAULT, FORK, receive_frame, send_frame
from pactgraph.query.process import WorkerProcess, widen

# The copy is read all over: with large pages that takes a tenth less time, and forking half (glibc, Linux).
_LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


class NurseryGone(OSError):
    """The nursery has ended, and its workers with it."""


class TooLarge(OSError):
    """The graph has more quads than may be held in memory."""


class NurseryProcess:
    """One nursery. Start it on a thread that lives as long as it is needed: it ends with that thread."""

    def __init__(self, start: Mapping[str, Any], snapshot: Snapshot, most: int) -> None:
        self.snapshot = snapshot
        self.size = 0
        self.removed = 0
        self._lock = threading.Lock()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 — lives as long as the process
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        options = {"worker": start, "snapshot": name_of(snapshot), "most": most}
        with closing(theirs):
            self._process = subprocess.Popen(  # noqa: S603 — this interpreter, our own module, no shell
                [sys.executable, "-P", "-m", "pactgraph.query.nursery", json.dumps(options)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=self._log,
                env=module_environment() | _LARGE_PAGES,
                cwd=Path(start["root"]).anchor,
            )

    def wait_until_loaded(self) -> None:
        """Wait until workers can be had; raises ``TooLarge`` and ``NurseryGone``."""
        self.size = int(self._reply()[0])

    def fork(self) -> WorkerProcess:
        """Return a new worker; raises ``NurseryGone``, and ``OSError`` when there are no files to be had."""
        log = tempfile.TemporaryFile()  # noqa: SIM115 — lives as long as the worker
        (in_theirs, in_ours), (out_ours, out_theirs), (fate_ours, fate_theirs) = (
            os.pipe(),
            os.pipe(),
            os.pipe(),
        )
        widen(in_ours)
        widen(out_ours)
        theirs = [in_theirs, out_theirs, log.fileno(), fate_theirs]
        try:
            with self._lock:
                snapshot = self.snapshot
                payload, handles = self._ask(FORK, b"", theirs)
        except BaseException:
            log.close()
            for descriptor in (in_ours, out_ours, fate_ours):
                os.close(descriptor)
            raise
        finally:
            for descriptor in theirs[:2] + theirs[3:]:
                os.close(descriptor)
        child = ForkedChild(int(payload), handles[0], fate_ours)
        return WorkerProcess(child, (in_ours, out_ours), log, copy=snapshot)

    def apply(self, updates: Sequence[Update], snapshot: Snapshot) -> None:
        """Follow to a later revision; raises ``NurseryGone``."""
        message = {"updates": [(each.default, each.named) for each in updates], "snapshot": name_of(snapshot)}
        with self._lock:
            self._ask(APPLY, json.dumps(message).encode(), ())
            self.snapshot = snapshot
        self.removed += sum(update.removed for update in updates)
        self.size += sum(update.added - update.removed for update in updates)

    def kill(self) -> None:
        """End it at once, and its workers with it."""
        self._process.kill()

    def end(self, patience: float | None = None) -> None:
        """Let go of it: it ends with its last worker; with ``patience``, within so many seconds."""
        self._control.close()
        self._log.close()
        if patience is None:
            threading.Thread(target=self._process.wait, name="wait for a nursery", daemon=True).start()
            return
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ask(self, kind: bytes, payload: bytes, descriptors: Sequence[int]) -> tuple[bytes, list[int]]:
        try:
            send_frame(self._control, kind, payload, descriptors)
        except OSError as error:
            raise NurseryGone(f"the nursery has ended: {error}") from None
        return self._reply()

    def _reply(self) -> tuple[bytes, list[int]]:
        try:
            frame = receive_frame(self._control)
        except OSError:
            frame = None
        if frame is None:
            raise NurseryGone("the nursery has ended")
        if frame[0] == FAULT:
            raise TooLarge("the graph is too large")
        return frame[1], frame[2]


def name_of(snapshot: Snapshot) -> str:
    """Return how a worker names a snapshot."""
    return str(snapshot.path.resolve())
