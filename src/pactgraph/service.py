"""One dataset as the edges see it: its queries, its history, its names, and the ledger where there is one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime

from pyoxigraph import Quad

from pactgraph import vocab
from pactgraph.config import Limits
from pactgraph.earlier import FARTHEST, EarlierStates
from pactgraph.errors import InputError
from pactgraph.history import Unwritten, revision_at
from pactgraph.journal import Journal
from pactgraph.ledger import JOURNAL, Ledger
from pactgraph.model import Snapshot
from pactgraph.query.pool import QueryPool
from pactgraph.query.reuse import Reuse
from pactgraph.search import SearchIndex
from pactgraph.search.opening import index_for_reading
from pactgraph.store import EmbeddedDataset
from pactgraph.store.described import DescribedStates
from pactgraph.tokens import Tokens

_LAST_BYTES = 10.0  # seconds that a query may still read its snapshot after its time is over


class Service:
    """What the edges get: the dataset, the pool of query workers, the ledger where there is one."""

    def __init__(self, dataset: EmbeddedDataset, limits: Limits, ledger: Ledger | None = None) -> None:
        self.dataset = dataset
        self.ledger = ledger
        self.limits = limits
        self.started = datetime.now(UTC)
        self.earlier = EarlierStates(
            dataset.snapshots,
            reading=limits.timeout + _LAST_BYTES,
            farthest=FARTHEST,
        )
        self._described = DescribedStates(dataset.snapshots)
        dataset.keep_snapshots(limits.timeout + _LAST_BYTES)
        self.pool = QueryPool(
            dataset.snapshot(),
            workers=limits.workers,
            reserve=limits.reserve,
            timeout=limits.timeout,
            memory_mb=limits.memory_mb,
            prefixes=vocab.prefixes(),
            newest=dataset.snapshot,
            base=vocab.BASE,
            root=dataset.snapshots,
            services=limits.services,
            most_waiting=limits.most_waiting,
            updates=dataset.updates,
            hot_quads=limits.hot_quads,
        )
        self.queries = Reuse(self.pool, limit=limits.cache_mb * 1024 * 1024 // 2)
        self._index: SearchIndex | None = None
        self._indexing = threading.Lock()
        self._resources = ExitStack()  # closed last to first: the pool before the dataset that it reads
        self._resources.callback(ledger.close if ledger is not None else dataset.close)
        self._resources.callback(self.earlier.clear)
        self._resources.callback(self._described.clear)
        self._resources.callback(self.pool.close)

    @property
    def revision(self) -> int:
        """The newest revision."""
        return self.dataset.revision

    def gauges(self) -> Iterable[tuple[str, str, float]]:
        """Yield figures of now: name, explanation, value."""
        yield "revision", "The revision that queries see", self.revision
        yield "queries_running", "Queries under evaluation", self.pool.running
        yield "queries_waiting", "Queries that wait for a worker", self.pool.waiting
        yield "hot_quads", "Quads kept in memory; 0 when queries read from disk", self.pool.hot_quads
        yield "cache_bytes", "Bytes of answers kept for reuse", self.queries.size

    def counters(self) -> Iterable[tuple[str, str, str, Mapping[str, int]]]:
        """Yield figures that only grow: name, explanation, name of the label, counts by label."""
        yield "answers", "Answers by where they came from", "source", self.queries.counts
        yield "worker_deaths", "Workers killed or crashed", "reason", self.pool.deaths

    @property
    def read_only(self) -> bool:
        """Whether writes are refused."""
        return self.ledger is None

    @property
    def is_fresh(self) -> bool:
        """Whether the snapshot of the newest revision has been made."""
        return self.pool.snapshot.revision == self.dataset.revision

    def snapshot(self, when: str | None = None) -> Snapshot:
        """Return the newest state, or the one at a revision or date; raises ``InputError`` for none."""
        return self.pool.current() if when is None else self.at(when)

    def described(self, snapshot: Snapshot, describe: Callable[[Snapshot], Iterable[Quad]]) -> Snapshot:
        """Return a state that also holds what ``describe`` says about it; made once for each."""
        return self._described.snapshot(snapshot, describe)

    def at(self, when: str) -> Snapshot:
        """Return the state at a revision or date; raises ``InputError`` when there was none."""
        with self.journal() as journal:
            return self.earlier.snapshot(self.dataset.snapshot(), journal, when)

    def state(self, when: str | None = None) -> Snapshot:
        """Return a state as ``snapshot`` does, but the empty graph (revision 0) before the first revision.

        The shipped graph has one revision, there since it was opened. Raises ``InputError`` for a number that
        no revision has, and for what is no date.
        """
        if when is None:
            return self.snapshot()
        head = self.dataset.snapshot()
        if not (self.dataset.path / JOURNAL).is_file():
            history = Unwritten(head.revision, self.started)
            return self.earlier.numbered(head, None, revision_at(history, when, or_none=True))
        with self.journal() as journal:
            return self.earlier.numbered(head, journal, revision_at(journal, when, or_none=True))

    @contextmanager
    def journal(self) -> Iterator[Journal]:
        """Open the journal for reading, beside whoever writes; raises ``InputError`` when there is none."""
        path = self.dataset.path / JOURNAL
        if not path.is_file():
            raise InputError(
                "There is no history here: the shipped graph is read without a data directory.",
                code="no-history",
                status=404,
            )
        with closing(Journal(path, read_only=True, at_rest=self.dataset.read_only)) as journal:
            yield journal

    @property
    def index(self) -> SearchIndex:
        """The index of names: the ledger's, or the directory's, or one made when first asked for."""
        if self.ledger is not None and isinstance(self.ledger.follower, SearchIndex):
            return self.ledger.follower
        with self._indexing:
            if self._index is None:
                journal = self.dataset.path / JOURNAL
                self._index = index_for_reading(self.dataset, journal if journal.is_file() else None)
                self._resources.callback(self._index.close)
            return self._index

    @property
    def tokens(self) -> Tokens:
        """Who may write over HTTP."""
        return Tokens(self.dataset.path)

    def close(self) -> None:
        """End the workers, close the dataset. May be called more than once."""
        self._resources.close()

    def __enter__(self) -> Service:
        """Return itself; to be used in a ``with`` statement."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()
