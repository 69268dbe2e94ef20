"""What the web needs from the rest of pactgraph: small protocols, so that tests can bring their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from pactgraph.config import Limits
from pactgraph.journal import Journal
from pactgraph.ledger import Ledger
from pactgraph.model import QueryRequest, Snapshot
from pactgraph.query.formats import ResultFormat
from pactgraph.store import EmbeddedDataset
from pactgraph.tokens import Tokens


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

    @property
    def revision(self) -> int | None:
        """The revision that was asked, where it is known."""

    def close(self) -> None:
        """Give the worker back; safe from any thread, also while a chunk is awaited, and more than once."""


class Pool(Protocol):
    """Evaluates queries; each call blocks its own thread only."""

    def run(self, request: QueryRequest) -> Answer:
        """Block until the first bytes; raises ``SyntaxFault``, ``QueryRefused`` or ``QueryFailed``."""

    def close(self) -> None:
        """End every query and every worker; safe from any thread and more than once."""


class Service(Protocol):
    """One dataset, the pool that answers queries about it, its history, and the ledger that writes it."""

    @property
    def revision(self) -> int:
        """The revision that queries see now."""

    @property
    def pool(self) -> Pool:
        """What runs the queries."""

    @property
    def dataset(self) -> EmbeddedDataset:
        """What is stored now."""

    @property
    def ledger(self) -> Ledger | None:
        """The one door for writes; nothing when they are refused."""

    @property
    def tokens(self) -> Tokens:
        """Who may write."""

    @property
    def limits(self) -> Limits:
        """What evaluations may take."""

    def at(self, when: str) -> Snapshot:
        """Return the state at a revision or date; raises ``InputError`` when there was none."""

    def journal(self) -> AbstractContextManager[Journal]:
        """Open the journal for reading; raises ``InputError`` when there is none."""
