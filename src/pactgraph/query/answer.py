"""An answer on its way: bytes that arrive while they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pactgraph.query.formats import ResultFormat


@dataclass(slots=True)
class Answer:
    """The serialised answer to one query; ``whole`` is all of it when it is short and here already.

    ``chunks`` raises ``QueryFailed`` when the evaluation is stopped midway: what came before is then
    incomplete. ``revision`` is the one that was asked, where it is known. ``close`` gives up the rest; it may
    be called at any time, from any thread, more than once.
    """

    form: str
    format: ResultFormat
    chunks: Iterator[bytes]
    _close: Callable[[], None]
    whole: bytes | None = None
    revision: int | None = None

    def close(self) -> None:
        """Give up what has not been read."""
        self._close()

    def read(self) -> bytes:
        """Return the whole answer; raises ``QueryFailed``."""
        try:
            return b"".join(self.chunks)
        finally:
            self.close()

    def __enter__(self) -> Answer:
        """Return itself; to be used in a ``with`` statement."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()
