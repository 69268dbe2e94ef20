"""The ledger: the one door for writes. A patch enters whole or not at all; when acknowledged, it is durable.

The order of steps and why it is so: docs/decisions/20261122-ledger.md.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pyoxigraph import DefaultGraph, Quad

from pactgraph import vocab
from pactgraph.admission import has_room, refuse_absent, refuse_protected, require_space
from pactgraph.errors import DataDirectoryError, InputError, PactgraphError
from pactgraph.journal import Entry, Journal
from pactgraph.judges import BulkJudge, Follower, Judge, Verdict
from pactgraph.replay import described, reconcile, replay
from pactgraph.store import EmbeddedDataset
from pactgraph.store.staging import Staging
from pactgraph.terms import sort_key

JOURNAL = "journal.sqlite"
SEED_AUTHOR = "pactgraph"
SEED_MESSAGE = "The shipped ontology, topics and facts"
ATTEMPTS = 3
"""How often a patch is made beside other writers before it is made while they wait."""


@dataclass(frozen=True, slots=True)
class Patch:
    """Quads of named graphs to add and to remove.

    A ``strict`` patch may not remove what is not there; one that comes from SPARQL Update may (§3.1.2).
    """

    added: tuple[Quad, ...] = ()
    removed: tuple[Quad, ...] = ()
    strict: bool = True


class Refused(PactgraphError):
    """A patch that the shapes refuse; ``report`` says why, in words. Nothing was changed."""

    code = "does-not-conform"
    exit_code = 1
    status = 422

    def __init__(self, report: Verdict) -> None:
        super().__init__("The facts do not conform to the shapes; see the report and submit them mended.")
        self.report = report


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a patch; without a ``revision`` it changed nothing, or was only tried."""

    revision: int | None
    added: int
    removed: int
    report: Verdict | None = None
    dry_run: bool = field(default=False)


class Ledger:
    """The guarded write path of one dataset. Thread-safe: one writer at a time."""

    is_plain = False
    """Whether the dataset is one without our rules, for test suites; see ``conformance``."""

    def __init__(
        self, dataset: EmbeddedDataset, journal: Journal, judge: Judge, *, clock: Callable[[], datetime]
    ) -> None:
        self.dataset = dataset
        self.journal = journal
        self._judge = judge
        self._clock = clock
        self._writing = threading.RLock()
        self.follower: Follower | None = None

    def commit(self, patch: Patch, *, author: str, message: str, dry_run: bool = False) -> Receipt:
        """Validate the state after a patch, and let the patch in as the next revision.

        Atomic and durable: when this returns, the revision survives the death of the process. Raises
        ``Refused`` with the report, and ``InputError`` for a removal of what is not there and for statements
        in the graphs of a release or of the revisions; nothing is changed then.
        """
        refuse_protected((*patch.added, *patch.removed))
        with self._writing:
            self._catch_up()
            change = self.dataset.plan(patch.added, patch.removed)
            if patch.strict:
                refuse_absent(patch.removed, change.removed)
            added, removed = _stated(change.added), _stated(change.removed)
            if not added and not removed:
                return Receipt(None, 0, 0, dry_run=dry_run)
            now = self._clock()
            report = self._judge.judge(self.dataset, change.added, change.removed, now)
            if not report.conforms:
                raise Refused(report)
            if dry_run:
                return Receipt(None, len(added), len(removed), report, dry_run=True)
            require_space(self.dataset.path, len(added) + len(removed))
            entry = self.journal.append(
                Entry(self.journal.head + 1, now, author, message, added, removed, report.to_json())
            )
            self._apply(entry)
            return Receipt(entry.number, len(added), len(removed), report)

    def transform(
        self,
        make: Callable[[EmbeddedDataset], Patch],
        *,
        author: str,
        message: str,
        dry_run: bool = False,
        apart: bool = False,
    ) -> Receipt:
        """Commit the patch that ``make`` reads off the current state, with no other writer in between.

        ``apart`` lets other writers go on while ``make`` works: when one was faster it is asked again, and
        after ``ATTEMPTS`` while they all wait, so that it comes to an end. It must bound its own time.
        """
        for _ in range(ATTEMPTS if apart else 0):
            revision = self.dataset.revision
            patch = make(self.dataset)
            with self._writing:
                self._catch_up()
                if self.dataset.revision == revision:
                    return self.commit(patch, author=author, message=message, dry_run=dry_run)
        with self._writing:
            return self.commit(make(self.dataset), author=author, message=message, dry_run=dry_run)

    def load(
        self, batches: Iterable[Iterable[Quad]], judge: BulkJudge, *, author: str, message: str
    ) -> Receipt:
        """Let many quads in as one revision, validated once, as a whole, and adopted in one step.

        For amounts at which judging each affected node costs more than judging the graph. The batches fill a
        copy of the store; nobody sees it before the revision is in the journal. Memory follows the revision,
        which the journal holds whole, not the graph. Raises as ``commit`` does; nothing is changed then.
        """
        with self._writing, self._staged() as staging:
            added: list[Quad] = []
            for batch in batches:
                quads = list(batch)
                refuse_protected(quads)
                added.extend(staging.add(quads))
            if not added:
                return Receipt(None, 0, 0)
            now = self._clock()
            report = judge.judge(self.dataset.snapshot(), staging.store, _one_of_each_graph(added), now)
            if not report.conforms:
                raise Refused(report)
            entry = self.journal.append(
                Entry(self.journal.head + 1, now, author, message, tuple(added), (), report.to_json())
            )
            self.dataset.adopt(staging, revision=entry.number, description=described(entry))
            self._follow(entry)
            return Receipt(entry.number, len(added), 0, report)

    def _apply(self, entry: Entry) -> None:
        try:
            self._replay(entry)
        except OSError as fault:
            raise DataDirectoryError(
                f"Revision {entry.number} is safe in the journal, but the store could not take it ({fault}); "
                "free space: the next write or start brings it in.",
                code="store-behind",
            ) from fault
        self._follow(entry)

    def _replay(self, entry: Entry) -> None:
        """Apply a revision; after a full disk the engine takes no write before it is opened anew."""
        try:
            replay(self.dataset, entry)
        except OSError:
            if not has_room(self.dataset.path):
                raise
            self.dataset.reopen()
            replay(self.dataset, entry)

    def _follow(self, entry: Entry) -> None:
        if self.follower is not None:
            self.follower.follow(entry)

    def _catch_up(self) -> None:
        """Bring the store to the newest revision, if it could not take that when it was made."""
        if self.dataset.revision < self.journal.head:
            self.dataset.reopen()
            for entry in self.journal.entries(self.dataset.revision + 1):
                self._apply(entry)

    @contextmanager
    def _staged(self) -> Iterator[Staging]:
        self._catch_up()
        with self.dataset.staged() as staging:
            yield staging

    def close(self) -> None:
        """Close the journal, the dataset and what follows it."""
        if self.follower is not None:
            self.follower.close()
        self.journal.close()
        self.dataset.close()

    def revert(self, number: int, *, author: str, message: str) -> Receipt:
        """Take back one revision, as a revision of its own that passes the same shapes.

        Raises ``InputError`` when there is no such revision, or when later ones changed what it did.
        """
        entry = self.journal.read(number)
        if entry is None:
            raise InputError(
                f"There is no revision {number}; the newest is {self.journal.head}.",
                code="no-revision",
                status=404,
            )
        return self.commit(Patch(entry.removed, entry.added), author=author, message=message)


def open_ledger(
    path: Path, *, seed: Callable[[], Iterable[Quad]], judge: Judge, clock: Callable[[], datetime]
) -> Ledger:
    """Open a data directory for writing; on first use ``seed`` gives the quads of revision 1.

    What the journal has and the store lacks is replayed: after a crash the last revision, and all of them
    when the store directory is gone. Raises ``DataDirectoryError``.
    """

    def first() -> list[Quad]:
        with closing(Journal(path / JOURNAL)) as journal:
            entry = journal.read(1) or _first_entry(journal, seed(), clock())
        return [*entry.added, *described(entry)]

    dataset = EmbeddedDataset.open(path, first=first)
    try:
        journal = Journal(path / JOURNAL)
        if journal.head == 0:  # a store from before there was a journal: what it holds is revision 1
            _first_entry(journal, _held(dataset), clock())
        reconcile(dataset, journal)
    except BaseException:
        dataset.close()
        raise
    return Ledger(dataset, journal, judge, clock=clock)


def _first_entry(journal: Journal, quads: Iterable[Quad], now: datetime) -> Entry:
    return journal.append(Entry(1, now, SEED_AUTHOR, SEED_MESSAGE, _stated(quads), ()))


def _held(dataset: EmbeddedDataset) -> Iterator[Quad]:
    return (quad for quad in dataset.quads() if quad.graph_name != vocab.REVISIONS_GRAPH)


def _stated(quads: Iterable[Quad]) -> tuple[Quad, ...]:
    """Return the quads of named graphs, in a fixed order; those of the default graph only follow them."""
    return tuple(
        sorted((quad for quad in quads if not isinstance(quad.graph_name, DefaultGraph)), key=sort_key)
    )


def _one_of_each_graph(quads: Iterable[Quad]) -> list[Quad]:
    return list({quad.graph_name: quad for quad in quads}.values())
