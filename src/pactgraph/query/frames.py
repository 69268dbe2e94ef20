"""The frames between pool, workers and nursery: one letter, a length, and so many bytes."""

from __future__ import annotations

import os
import select
import socket
import struct
import threading
from collections.abc import Sequence
from typing import IO

# A request; what holds in the worker; bytes of an answer and the last of them; an answer without (more) bytes
# has ended; what is wrong with the query.
REQUEST = b"Q"
READY = b"R"
BYTES = b"D"
LAST = b"L"
END = b"E"
FAULT = b"F"
# What the nursery is asked: another worker, on the files that come along; the next revision. It is done.
FORK = b"W"
APPLY = b"A"
DONE = b"K"

_HEAD = struct.Struct(">cI")
_MOST_FILES = 4
_PIECE = 1024 * 1024
_SHORT = 64 * 1024  # as much as most answers have: room for more costs more than reading it


def write_frame(stream: IO[bytes], kind: bytes, payload: bytes = b"") -> None:
    """Write one frame and flush it."""
    stream.write(_HEAD.pack(kind, len(payload)) + payload)
    stream.flush()


def read_frame(stream: IO[bytes]) -> tuple[bytes, bytes] | None:
    """Return kind and payload of the next frame, or nothing when the other side is gone."""
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    kind, size = _HEAD.unpack(head)
    payload = stream.read(size)
    return (kind, payload) if len(payload) == size else None


class FrameStream:
    """Reads frames from a pipe, from one thread at a time; it may be closed from another."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._buffer = bytearray()
        self._room = _SHORT
        self._lock = threading.Lock()
        self._open = True
        os.set_blocking(descriptor, False)  # as an event loop that watches it does anyway
        self._watch = select.poll()
        self._watch.register(descriptor, select.POLLIN)

    def next(self, *, wait: bool = True) -> tuple[bytes, bytes] | None:
        """Return kind and payload of the next frame; without ``wait`` nothing when it is not all there.

        Raises ``EOFError`` when the other side is gone, or this one closed.
        """
        while (frame := self._complete()) is None:
            with self._lock:
                if not self._open:
                    raise EOFError
                piece = self._read()
                while piece is None:
                    if not wait:
                        return None
                    self._watch.poll()
                    piece = self._read()
            if not piece:
                raise EOFError
            self._room = _PIECE if len(piece) >= _SHORT else _SHORT
            self._buffer += piece
        return frame

    def _read(self) -> bytes | None:
        try:
            return os.read(self._descriptor, self._room)
        except BlockingIOError:
            return None

    def duplicate(self) -> int:
        """Return another descriptor of the pipe, for the caller to close; raises ``EOFError`` when closed."""
        with self._lock:
            if not self._open:
                raise EOFError
            return os.dup(self._descriptor)

    def close(self) -> None:
        """Close the pipe, as soon as nobody reads it: the other side is to be gone."""
        with self._lock:
            if self._open:
                self._open = False
                os.close(self._descriptor)

    def _complete(self) -> tuple[bytes, bytes] | None:
        if len(self._buffer) < _HEAD.size:
            return None
        kind, size = _HEAD.unpack_from(self._buffer)
        end = _HEAD.size + size
        if len(self._buffer) < end:
            return None
        payload = bytes(memoryview(self._buffer)[_HEAD.size : end])
        del self._buffer[:end]
        return kind, payload


def send_frame(
    control: socket.socket, kind: bytes, payload: bytes = b"", descriptors: Sequence[int] = ()
) -> None:
    """Send one frame over a Unix socket, and open files with it."""
    head = _HEAD.pack(kind, len(payload))
    if descriptors:
        socket.send_fds(control, [head], list(descriptors))
    else:
        control.sendall(head)
    if payload:  # the other side may have closed after a head that announces nothing
        control.sendall(payload)


def receive_frame(control: socket.socket) -> tuple[bytes, bytes, list[int]] | None:
    """Return kind, payload and open files of the next frame, or nothing when the other side is gone."""
    head, descriptors = b"", []
    while len(head) < _HEAD.size:
        piece, received, _, _ = socket.recv_fds(control, _HEAD.size - len(head), _MOST_FILES)
        if not piece:
            return None
        head += piece
        descriptors += received
    kind, size = _HEAD.unpack(head)
    payload = bytearray()
    while len(payload) < size:
        piece = control.recv(min(size - len(payload), _PIECE))
        if not piece:
            return None
        payload += piece
    return kind, bytes(payload), descriptors
