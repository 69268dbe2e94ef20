"""What the web needs from the rest of pactgraph: three small protocols, so that tests can bring their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from pactgraph.model import QueryRequest
from pactgraph.query.formats import ResultFormat


class Answer(Protocol):
    """A running or finished query; ``chunks`` raises ``QueryFailed`` when it is cut midway."""

    @property
    def form(self) -> str:
        """``SELECT``, ``ASK``, ``CONSTRUCT`` or ``DESCRIBE``."""

    @property
    def format(self) -> ResultFormat:
        """The format the bytes are in."""

    @property
    def chunks(self) -> Iterator[bytes]:
        """The serialised result, piece by piece."""

    def close(self) -> None:
        """Give the worker back; safe from any thread, also while a chunk is awaited, and more than once."""


class Pool(Protocol):
    """Evaluates queries; each call blocks its own thread only."""

    def run(self, request: QueryRequest) -> Answer:
        """Block until the first bytes; raises ``SyntaxFault``, ``QueryRefused`` or ``QueryFailed``."""

    def close(self) -> None:
        """End every query and every worker; safe from any thread and more than once."""


class Service(Protocol):
    """One dataset at one revision, and the pool that answers queries about it."""

    @property
    def revision(self) -> int:
        """The revision that queries see now."""

    @property
    def pool(self) -> Pool:
        """What runs the queries."""
