"""The frames between pool and worker: one letter, a length, and so many bytes."""

from __future__ import annotations

import struct
from typing import IO

# A request; what holds in the worker; bytes of an answer and the last of them; an answer without (more) bytes
# has ended; what is wrong with the query.
REQUEST = b"Q"
READY = b"R"
BYTES = b"D"
LAST = b"L"
END = b"E"
FAULT = b"F"

_HEAD = struct.Struct(">cI")


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
