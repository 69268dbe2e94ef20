"""A worker process: evaluates queries on one snapshot and writes serialised answers to standard output.

Started as ``python -m pactgraph.query.worker`` with one JSON argument it imports nothing but pyoxigraph
and the standard library, so that it starts in a tenth of a second. The main thread notices the end of its
parent; one other thread, with a large stack, reads requests and evaluates them: native code cannot be
interrupted, a process can be killed.
"""

from __future__ import annotations

import json
import marshal
import os
import resource
import select
import sys
import threading
from typing import IO, Any, TypedDict

import pyoxigraph as ox

from pactgraph.isolation import isolate
from pactgraph.query.copies import Copies
from pactgraph.query.evaluation import Fault, Serialiser, evaluate
from pactgraph.query.frames import FAULT, READY, read_frame, write_frame

STACK_BYTES = 512 * 1024 * 1024  # address space, not memory: only what a query nests is touched
_STATM = "/proc/self/statm"
# What Python itself announces before it opens a file, a socket or a program (PEP 578).
_REACHING_OUT = ("open", "os.", "socket.", "subprocess.", "shutil.", "ctypes.dlopen", "import", "urllib.")


class Start(TypedDict):
    """What a worker is told when it starts; ``root`` is the folder that holds every snapshot it may read."""

    root: str
    memory_mb: int
    parent: int
    network: bool
    prologue: dict[str, Any]


def main() -> None:
    """Serve requests until standard input ends."""
    serve(json.loads(sys.argv[1]))


def serve(start: Start, copies: Copies | None = None) -> None:
    """Give up what a worker does not need, then serve requests until standard input ends.

    Queries on the snapshot of ``copies`` are evaluated there, all others on their snapshots on disk.
    """
    requests, answers = os.fdopen(0, "rb"), os.fdopen(1, "wb")
    evaluator = _Evaluator(start, answers, copies)
    isolation = isolate(start["root"], network=start["network"], parent=start["parent"])
    if not start["network"]:
        sys.addaudithook(_refuse_reaching_out)
    write_frame(answers, READY, json.dumps(isolation.to_dict()).encode())
    threading.stack_size(STACK_BYTES)
    threading.Thread(target=evaluator.run, args=(requests,), daemon=True).start()
    abandoned = select.poll()
    abandoned.register(requests, 0)  # nothing but the end of the other side
    abandoned.poll()
    os._exit(0)  # an evaluation under way has nobody left to answer


def _refuse_reaching_out(event: str, _arguments: tuple[object, ...]) -> None:
    """Let this interpreter open nothing more; where the kernel already refuses, this is the second lock."""
    if event.startswith(_REACHING_OUT):
        raise PermissionError(f"{event} is refused in a worker")


class _Evaluator:
    """Answers one request after the other, on a thread of its own."""

    def __init__(self, start: Start, answers: IO[bytes], copies: Copies | None) -> None:
        self._memory = start["memory_mb"] * 1024 * 1024
        self._prologue = start["prologue"]
        self._answers = answers
        self._copies = copies
        self._open: tuple[str, ox.Store] | None = None
        try:
            self._statm = os.open(_STATM, os.O_RDONLY)  # now, as it cannot be opened later
        except OSError:
            self._statm = -1

    def run(self, requests: IO[bytes]) -> None:
        """Serve; an error that is not the query's ends the process."""
        try:
            while (frame := read_frame(requests)) is not None:
                request = marshal.loads(frame[1])  # noqa: S302 — from the pool, which started this process
                self._follow(request)
                store = self._store(request)
                self._limit_memory()
                self._answer(store, request)
        except BaseException as fault:
            sys.stderr.write(f"{type(fault).__name__}: {fault}\n")
            sys.stderr.flush()
            os._exit(70)

    def _follow(self, request: dict[str, Any]) -> None:
        """Bring the copy to the snapshot that is asked, where the request says how."""
        if self._copies is not None and request["follow"]:
            for default, named in request["follow"]:
                self._copies.apply(default, named)
            self._copies.snapshot = request["snapshot"]

    def _store(self, request: dict[str, Any]) -> ox.Store:
        """Return what to ask; of the snapshots on disk one is kept open, the last that was asked for."""
        snapshot = request["snapshot"]
        if self._copies is not None and self._copies.snapshot == snapshot:
            return self._copies.of(request["text"], described=request["default_graphs"] is not None)
        if self._open is None or self._open[0] != snapshot:
            self._open = None
            lift_memory_limit()  # a store on disk takes room for its threads, which is not the query's
            self._open = (snapshot, ox.Store.read_only(snapshot))
        return self._open[1]

    def _answer(self, store: ox.Store, request: dict[str, Any]) -> None:
        try:
            serialiser = Serialiser(self._answers, xml=request["xml"])
            serialiser.write_results(evaluate(store, request, self._prologue), request["media_type"])
        except Fault as fault:
            write_frame(self._answers, FAULT, json.dumps(fault.report).encode())

    def _limit_memory(self) -> None:
        """Allow this query so much more than the process has now: stack and store are not the query's."""
        if self._statm >= 0:
            limit_memory(int(os.pread(self._statm, 64, 0).split()[0]), self._memory)


def limit_memory(pages: int, more: int) -> None:
    """Allow this process ``more`` bytes than the ``pages`` that it has now."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard < 0 else min(wanted, hard), hard))


def lift_memory_limit() -> None:
    """Take back ``limit_memory``."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


if __name__ == "__main__":
    main()
