"""Looking back: the state at an earlier revision, the difference of two, and the words that name one."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, Quad, Store

from pactgraph import vocab
from pactgraph.errors import InputError
from pactgraph.journal import Entry, Heading, Journal
from pactgraph.model import Snapshot
from pactgraph.provenance import revision_mark
from pactgraph.store.union import plan_change, to_update
from pactgraph.terms import sort_key

KEPT = 8
_NUMBER = re.compile(r"[0-9]+")
_LONGEST = 18  # digits that matter: no journal holds so many revisions
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def revision_at(journal: Journal, when: str) -> int:
    """Return the number of the revision that ``when`` names: a number, a day (its end, UTC) or a moment.

    Raises ``InputError`` when it names none.
    """
    if _NUMBER.fullmatch(when):
        number = int(when[:_LONGEST])
        if not 1 <= number <= journal.head:
            raise InputError(
                f"There is no revision {number}; the newest is {journal.head}.",
                code="no-revision",
                status=404,
            )
        return number
    number = journal.at(_moment(when))
    if number == 0:
        raise InputError(
            f"The graph begins after {when}; ask for a later date.", code="no-revision", status=404
        )
    return number


def _moment(when: str) -> datetime:
    try:
        moment = datetime.fromisoformat(when)
    except ValueError:
        raise InputError(
            f"“{when}” is neither the number of a revision nor a date such as 2026-11-22.",
            code="bad-revision",
        ) from None
    if _DAY.fullmatch(when):
        return datetime.combine(moment.date(), time.max, UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def difference(journal: Journal, first: int, last: int) -> tuple[set[Quad], set[Quad]]:
    """Return the quads that were added and removed from one revision to another, earlier or later."""
    added: set[Quad] = set()
    removed: set[Quad] = set()
    for entry in journal.entries(min(first, last) + 1, max(first, last)):
        taken, given = set(entry.removed), set(entry.added)
        added, removed = (added - taken) | (given - removed), (removed - given) | (taken - added)
    return (added, removed) if first <= last else (removed, added)


def rewound(head: Snapshot, journal: Journal, number: int, target: Path) -> Snapshot:
    """Make the state at an earlier revision in ``target``: a checkpoint with the later patches taken back.

    The cost follows the patches since that revision. ``head`` is a snapshot of the newest.
    """
    Store.read_only(str(head.path)).backup(target)
    try:
        store = Store(target)
        gone, back = difference(journal, number, head.revision)
        described = _descriptions(store, number)
        change = plan_change(
            store, [*back, revision_mark(number)], [*gone, *described, revision_mark(head.revision)]
        )
        store.update(to_update(change))
        store.flush()
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return Snapshot(target, number)


class EarlierStates:
    """The earlier states that were asked for last, each a snapshot below the folder of snapshots.

    Thread-safe; a state is made once and kept until ``KEPT`` newer ones were asked for.
    """

    def __init__(self, snapshots: Path) -> None:
        self._folder = snapshots / "earlier"
        self._known: dict[int, Snapshot] = {}
        self._making = threading.Lock()

    def snapshot(self, head: Snapshot, journal: Journal, when: str) -> Snapshot:
        """Return the state that ``when`` names (see ``revision_at``); ``head`` is the newest.

        Raises ``InputError`` when it names none.
        """
        number = revision_at(journal, when)
        if number == head.revision:
            return head
        with self._making:
            found = self._known.pop(number, None)
            if found is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                target = self._folder / f"{number:09}"
                shutil.rmtree(target, ignore_errors=True)  # of an earlier process
                found = rewound(head, journal, number, target)
            self._known[number] = found
            for old in list(self._known)[:-KEPT]:
                shutil.rmtree(self._known.pop(old).path, ignore_errors=True)
            return found

    def clear(self) -> None:
        """Remove the states; nobody reads them any more."""
        with self._making:
            self._known.clear()
            shutil.rmtree(self._folder, ignore_errors=True)


def _descriptions(store: Store, number: int) -> Iterator[Quad]:
    """Yield what the revisions graph says of the revisions after ``number``."""
    for mark in store.quads_for_pattern(None, vocab.REVISION_NUMBER, None, vocab.REVISIONS_GRAPH):
        if isinstance(mark.object, Literal) and int(mark.object.value) > number:
            yield from store.quads_for_pattern(mark.subject, None, None, vocab.REVISIONS_GRAPH)


def heading_json(heading: Heading) -> dict[str, Any]:
    """Return a revision without its quads, for programs."""
    return {
        "revision": heading.number,
        "ended_at": heading.ended_at.isoformat(),
        "author": heading.author,
        "message": heading.message,
        "added": heading.added,
        "removed": heading.removed,
        "hash": heading.hash,
    }


def entry_json(entry: Entry) -> dict[str, Any]:
    """Return a revision for programs: its heading, its parent's hash, the report on it, its RDF Patch."""
    heading = Heading(
        entry.number,
        entry.ended_at,
        entry.author,
        entry.message,
        len(entry.added),
        len(entry.removed),
        entry.hash,
    )
    remarks = {"parent": entry.parent, "report": json.loads(entry.remarks), "patch": [*rdf_patch(entry)]}
    return {**heading_json(heading), **remarks}


def rdf_patch(entry: Entry) -> Iterator[str]:
    """Yield the lines of a revision as RDF Patch (https://afs.github.io/rdf-delta/rdf-patch.html)."""
    yield f"H id <urn:sha256:{entry.hash}> ."
    yield f"H prev <urn:sha256:{entry.parent}> ."
    yield "TX ."
    yield from _lines("D", entry.removed)
    yield from _lines("A", entry.added)
    yield "TC ."


def _lines(sign: str, quads: Iterable[Quad]) -> Iterator[str]:
    for quad in sorted(quads, key=sort_key):
        yield f"{sign} {quad.subject} {quad.predicate} {quad.object} {quad.graph_name} ."
