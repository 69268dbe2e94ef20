"""The frames between pool, workers and nursery: one letter, a length, and so many bytes."""

from __future__ import annotations

import socket
import struct
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


def send_frame(
    control: socket.socket, kind: bytes, payload: bytes = b"", descriptors: Sequence[int] = ()
) -> None:
    """Send one frame over a Unix socket, and open files with it."""
    head = _HEAD.pack(kind, len(payload))
    if descriptors:
        socket.send_fds(control, [head], list(descriptors))
    else:
        control.sendall(head)
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
