"""Large writes take turns: each holds fifty times its size in memory until it is let in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pactgraph.web.problems import Unservable

PATIENCE = 30.0
"""Seconds that a large write waits for its turn."""
LARGE = 64 * 1024
"""Bytes of a body; smaller ones do not wait."""
_turn = threading.Lock()  # one is let in at a time anyway


@contextmanager
def turn(size: int) -> Iterator[None]:
    """Wait until it is the turn of a body of so many bytes, from its reading to its end.

    Raises ``Unservable`` with 503 when that takes more than ``PATIENCE`` seconds.
    """
    if size <= LARGE:
        yield
        return
    if not _turn.acquire(timeout=PATIENCE):
        text = "other large writes are under way; send yours again in a moment"
        raise Unservable(text, code="busy", status=503, headers={"Retry-After": "10"})
    try:
        yield
    finally:
        _turn.release()
