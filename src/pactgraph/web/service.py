"""What the web needs from the rest of pactgraph: a few small protocols, so that tests can bring their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from pyoxigraph import Quad

from pactgraph.config import Limits
from pactgraph.isolation import Isolation
from pactgraph.journal import Journal
from pactgraph.ledger import Ledger
from pactgraph.model import QueryRequest, Snapshot
from pactgraph.query.attempt import Audible
from pactgraph.query.cancellation import Cancellation
from pactgraph.query.formats import ResultFormat
from pactgraph.query.guard import Outline
from pactgraph.search import SearchIndex
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
    def whole(self) -> bytes | None:
        """The whole result, when it is short and here already."""

    @property
    def chunks(self) -> Iterator[bytes]:
        """The serialised result, piece by piece."""

    @property
    def revision(self) -> int | None:
        """The revision that was asked, where it is known."""

    def close(self) -> None:
        """Give the worker back; safe from any thread, also while a chunk is awaited, and more than once."""


class Begun(Protocol):
    """A query on its way to its first bytes; see ``query.attempt``."""

    @property
    def blocks(self) -> bool:
        """Whether only ``finish`` can get further."""

    def advance(self) -> Answer | None:
        """Do what can be done without waiting; return the answer once its first bytes are there."""

    def when_ready(self, action: Callable[[], object]) -> Audible | None:
        """Return who says something when it is time to advance again, or have ``action`` called then."""

    def finish(self) -> Answer:
        """Block until the first bytes."""

    def abandon(self) -> None:
        """Want no answer any more."""


class Queries(Protocol):
    """Evaluates queries; each call of ``run`` blocks its own thread only, and ``begin`` nobody."""

    def inspect(self, text: str) -> Outline:
        """Return the outline of a query that may run; raises ``SyntaxFault`` or ``QueryRefused``."""

    def run(
        self,
        request: QueryRequest,
        cancellation: Cancellation | None = None,
        *,
        outline: Outline | None = None,
    ) -> Answer:
        """Block until the first bytes; raises ``SyntaxFault``, ``QueryRefused`` or ``QueryFailed``."""

    def begin(
        self,
        request: QueryRequest,
        cancellation: Cancellation | None = None,
        *,
        outline: Outline | None = None,
    ) -> Begun:
        """Begin a query without waiting for anything; raises as ``run`` does."""


class Pool(Protocol):
    """The workers behind the queries."""

    @property
    def isolation(self) -> Isolation | None:
        """What holds in the workers, once one of them has answered."""

    def close(self) -> None:
        """End every query and every worker; safe from any thread and more than once."""


class Service(Protocol):
    """One dataset, the pool that answers queries about it, its history, and the ledger that writes it."""

    @property
    def revision(self) -> int:
        """The revision that queries see now."""

    @property
    def is_fresh(self) -> bool:
        """Whether the snapshot of that revision has been made already."""

    def snapshot(self, when: str | None = None) -> Snapshot:
        """Return the newest state, or the one at a revision or date; raises ``InputError``."""

    def state(self, when: str | None = None) -> Snapshot:
        """Return a state as ``snapshot`` does, but the empty graph before the first revision."""

    def described(self, snapshot: Snapshot, describe: Callable[[Snapshot], Iterable[Quad]]) -> Snapshot:
        """Return a state that also holds what is said about it."""

    @property
    def queries(self) -> Queries:
        """What answers queries."""

    @property
    def pool(self) -> Pool:
        """What ends with the server."""

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
        """What queries may take, and clients ask."""

    @property
    def index(self) -> SearchIndex:
        """What finds entities by name."""

    def journal(self) -> AbstractContextManager[Journal]:
        """Open the journal for reading; raises ``InputError`` when there is none."""

    def gauges(self) -> Iterable[tuple[str, str, float]]:
        """Yield figures of now: name, explanation, value."""

    def counters(self) -> Iterable[tuple[str, str, str, Mapping[str, int]]]:
        """Yield figures that only grow: name, explanation, and counts by a label, whose name comes third."""
