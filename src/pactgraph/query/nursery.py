"""The nursery: a process that holds one revision in memory, follows the next ones, and forks workers.

A forked worker shares the graph with the nursery page by page and is there in some milliseconds. The nursery
itself has one thread, as forking asks, reads nothing but what the store holds, and evaluates nothing but the
updates that the store took. Started as ``python -m pactgraph.query.nursery`` with one JSON argument and a
socket as standard input, on which the pool asks for workers.
"""

from __future__ import annotations

import gc
import json
import os
import select
import socket
import sys
from contextlib import suppress
from typing import IO, Any, TypedDict

import pyoxigraph as ox

from pactgraph.isolation import die_with
from pactgraph.query import worker
from pactgraph.query.copies import Copies
from pactgraph.query.frames import APPLY, DONE, FAULT, FORK, READY, receive_frame, send_frame

TOO_LARGE = "too-large"
_N_QUADS, _N_TRIPLES = ox.RdfFormat.N_QUADS, ox.RdfFormat.N_TRIPLES
_NICENESS = 10  # reading the snapshot keeps nobody waiting
_OWN_FILES = 3  # standard input, output and error


class Start(TypedDict):
    """What a nursery is told when it starts: for its workers, what to hold, and how much at most."""

    worker: worker.Start
    snapshot: str
    most: int


class TooLarge(OSError):
    """The graph has more quads than may be held in memory."""


def main() -> None:
    """Load the graph, then serve until the pool closes the socket and the last worker has ended."""
    start: Start = json.loads(sys.argv[1])
    die_with(start["worker"]["parent"])
    control = socket.socket(fileno=os.dup(0))
    try:
        copies, size = load(start["snapshot"], start["most"])
    except TooLarge:
        send_frame(control, FAULT, TOO_LARGE.encode())
        return
    gc.freeze()  # what is here now is shared with every worker: nothing is to be written to it
    send_frame(control, READY, str(size).encode())
    Nursery(control, start, copies).run()


def load(snapshot: str, most: int) -> tuple[Copies, int]:
    """Read a snapshot into memory; return it and how many quads it has. Raises ``TooLarge``."""
    whole, size = _loaded(snapshot, _N_QUADS, most)
    return Copies(snapshot, whole, _loaded(snapshot, _N_TRIPLES, most)[0]), size


def _loaded(snapshot: str, form: ox.RdfFormat, most: int) -> tuple[ox.Store, int]:
    """Read all graphs of a snapshot (N-Quads) or only the default graph (N-Triples).

    Another process opens the snapshot: the engine starts threads for a store on disk, and they would be
    missing in whatever is forked.
    """
    source, sink = os.pipe()
    reader = os.fork()
    if reader == 0:
        os.close(source)
        _dump(snapshot, sink, form)
    os.close(sink)
    store = ox.Store()
    with os.fdopen(source, "rb", buffering=0) as stream:
        counted = _Counted(stream, most)
        try:
            store.bulk_load(input=counted, format=form, lenient=True)  # type: ignore[arg-type]
        except OSError:
            if counted.lines > most:
                raise TooLarge from None
            raise
        finally:
            stream.close()
            status = os.waitstatus_to_exitcode(os.waitpid(reader, 0)[1])
    if status != 0:
        raise OSError(f"the snapshot {snapshot} was not read to its end")
    return store, counted.lines


def _dump(snapshot: str, sink: int, form: ox.RdfFormat) -> None:
    """Write a snapshot out, and end this process."""
    try:
        die_with(os.getppid())
        os.nice(_NICENESS)
        with os.fdopen(sink, "wb") as stream:
            graph = ox.DefaultGraph() if form == _N_TRIPLES else None
            ox.Store.read_only(snapshot).dump(stream, form, from_graph=graph)
        os._exit(0)
    finally:
        os._exit(1)


class _Counted:
    """A stream of lines that ends with ``TooLarge`` when they are too many."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self.lines = 0
        self._stream = stream
        self._most = most

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        piece = self._stream.read(size)
        self.lines += piece.count(b"\n")
        if self.lines > self._most:
            raise OSError("too many lines")
        return piece


class Nursery:
    """Serves the pool: forks, follows revisions, tells how workers ended."""

    def __init__(self, control: socket.socket, start: Start, copies: Copies) -> None:
        self._control = control
        self._start = start["worker"]
        self._copies = copies
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)
        self._fates: dict[int, tuple[int, int]] = {}  # by pidfd: process id, and where its end is told
        self._open = True

    def run(self) -> None:
        """Serve until there is nothing left to do."""
        while self._open or self._fates:
            for descriptor, _ in self._poll.poll():
                if descriptor in self._fates:
                    self._bury(descriptor)
                elif descriptor == self._control.fileno():
                    self._obey()

    def _obey(self) -> None:
        frame = receive_frame(self._control)
        if frame is None:
            self._poll.unregister(self._control)
            self._open = False
            return
        kind, payload, descriptors = frame
        with suppress(BrokenPipeError):  # the pool let go meanwhile; the workers there are go on
            if kind == FORK:
                self._fork(descriptors)
            elif kind == APPLY:
                self._apply(json.loads(payload))

    def _apply(self, message: dict[str, Any]) -> None:
        """Follow the store to another revision; an error ends this process, as the copy is then of none."""
        for default, named in message["updates"]:
            self._copies.apply(default, named)
        self._copies.snapshot = message["snapshot"]
        send_frame(self._control, DONE)

    def _fork(self, descriptors: list[int]) -> None:
        """Start a worker on three files, in the place of standard input, output and error."""
        *files, fate = descriptors
        process = os.fork()
        if process == 0:
            self._become_worker(files)
        for descriptor in files:
            os.close(descriptor)
        handle = os.pidfd_open(process)
        self._fates[handle] = process, fate
        self._poll.register(handle, select.POLLIN)
        send_frame(self._control, DONE, str(process).encode(), [handle])

    def _become_worker(self, files: list[int]) -> None:
        """Go on as a worker, in a forked process that has nothing open but its own."""
        try:
            start = self._start | {"parent": os.getppid()}
            for number, descriptor in enumerate(files):
                os.dup2(descriptor, number)
            os.closerange(_OWN_FILES, os.sysconf("SC_OPEN_MAX"))
            worker.serve(start, self._copies)
        except BaseException as fault:
            os.write(2, f"{type(fault).__name__}: {fault}\n".encode())
        finally:
            os._exit(70)

    def _bury(self, handle: int) -> None:
        process, fate = self._fates.pop(handle)
        self._poll.unregister(handle)
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        with suppress(OSError):  # nobody wants to know any more
            os.write(fate, str(status).encode())
        for descriptor in (handle, fate):
            os.close(descriptor)


if __name__ == "__main__":
    main()
