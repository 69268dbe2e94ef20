"""A worker process: evaluates queries on one snapshot and writes serialised answers to standard output.

It is started as ``python -m pactgraph.query.worker SNAPSHOT MEMORY_MB`` and imports nothing but pyoxigraph
and the standard library, so that it starts in a tenth of a second. The main thread reads requests and notices
the end of its parent; one other thread, with a large stack, evaluates: native code cannot be interrupted, a
process can be killed.
"""

from __future__ import annotations

import ctypes
import json
import os
import queue
import resource
import signal
import sys
import threading
from pathlib import Path
from typing import IO, Any

import pyoxigraph as ox

from pactgraph.query.evaluation import Fault, Serialiser, evaluate
from pactgraph.query.frames import END, FAULT, HEADER, read_frame, write_frame

STACK_BYTES = 512 * 1024 * 1024  # address space, not memory: only what a query nests is touched
_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


def main() -> None:
    """Serve requests until standard input ends."""
    snapshot, memory_mb, parent = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    confine(parent)
    waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.stack_size(STACK_BYTES)
    threading.Thread(target=_evaluate_all, args=(snapshot, memory_mb, waiting, answers), daemon=True).start()
    while (frame := read_frame(requests)) is not None:
        waiting.put(json.loads(frame[1]))
    os._exit(0)  # an evaluation under way has nobody left to answer


def confine(parent: int) -> None:
    """Give up what a query does not need: core dumps, the network, and life after the parent."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C at a terminal is for the parent, which ends its workers
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None)
    libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)  # best effort: the guard has refused SERVICE and LOAD before
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before it could be watched
        os._exit(0)


def _evaluate_all(
    snapshot: str, memory_mb: int, waiting: queue.SimpleQueue[dict[str, Any]], answers: IO[bytes]
) -> None:
    """Answer one request after the other; an error that is not the query's ends the process."""
    try:
        store = ox.Store.read_only(snapshot)
        while True:
            request = waiting.get()
            if request["snapshot"] != snapshot:  # there is a newer revision, or an older one is asked for
                snapshot = request["snapshot"]
                store = ox.Store.read_only(snapshot)
            limit_memory(memory_mb)
            _answer(store, request, answers)
    except BaseException as fault:
        sys.stderr.write(f"{type(fault).__name__}: {fault}\n")
        sys.stderr.flush()
        os._exit(70)


def _answer(store: ox.Store, request: dict[str, Any], answers: IO[bytes]) -> None:
    try:
        serialiser = Serialiser(answers, xml=request["xml"])
        results = evaluate(store, request)
        write_frame(answers, HEADER)
        serialiser.write_results(results, request["media_type"])
    except Fault as fault:
        write_frame(answers, FAULT, json.dumps(fault.report).encode())
    else:
        write_frame(answers, END)


def _address_space() -> int | None:
    """The address space of this process in bytes, where the system tells."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    except OSError:
        return None
    return int(pages) * resource.getpagesize()


def limit_memory(memory_mb: int) -> None:
    """Allow this query so much more than the process has now: stack and store are not the query's."""
    now = _address_space()
    if now is not None:
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        wanted = now + memory_mb * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (wanted if hard < 0 else min(wanted, hard), hard))


if __name__ == "__main__":
    main()
