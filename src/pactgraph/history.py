"""Looking back: the difference of two revisions, what is told of one, and the words that name one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Protocol

from pyoxigraph import Quad, RdfFormat, parse

from pactgraph.errors import InputError, SyntaxFault
from pactgraph.journal import Entry, Heading, Journal
from pactgraph.terms import sort_key

_NUMBER = re.compile(r"[0-9]+")
_LONGEST = 18  # digits that matter: no journal holds so many revisions
Told = dict[str, Any]
"""A revision as JSON has it."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Numbered(Protocol):
    """What tells revisions apart: a journal, or the ``Unwritten`` history of a graph that has none."""

    @property
    def head(self) -> int:
        """The number of the newest revision."""

    def at(self, moment: datetime) -> int:
        """Return the number of the newest revision at a moment; 0 when there was none."""


@dataclass(frozen=True, slots=True)
class Unwritten:
    """The history of a graph without a journal: one revision, there since the graph was opened."""

    head: int
    since: datetime

    def at(self, moment: datetime) -> int:
        """Return that revision, or 0 for a moment before it."""
        return self.head if self.since <= moment else 0


def revision_at(journal: Numbered, when: str, *, or_none: bool = False) -> int:
    """Return the number of the revision that ``when`` names: a number, a day (its end, UTC) or a moment.

    Raises ``InputError`` when it names none; with ``or_none`` a moment before the first revision gives 0.
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
    if number == 0 and not or_none:
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


def heading_json(heading: Heading) -> Told:
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


def entry_json(entry: Entry) -> Told:
    """Return a revision for programs: its heading, its parent's hash, its report, its RDF Patch."""
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
    yield from patch_body(entry.added, entry.removed)
    yield "TC ."


def patch_body(added: Iterable[Quad], removed: Iterable[Quad]) -> Iterator[str]:
    """Yield the lines of RDF Patch for quads to remove and to add."""
    yield from _lines("D", removed)
    yield from _lines("A", added)


def read_rdf_patch(lines: Iterable[str]) -> tuple[list[Quad], list[Quad]]:
    """Return the quads that the lines of an RDF Patch add and remove; raises ``SyntaxFault``."""
    added: list[str] = []
    removed: list[str] = []
    for line in lines:
        sign, _, statement = line.partition(" ")
        if sign in {"A", "D"}:
            (added if sign == "A" else removed).append(statement)
    try:
        return _quads(added), _quads(removed)
    except SyntaxError as fault:
        raise SyntaxFault(f"The RDF Patch does not parse: {fault}; fetch it again.") from None


def _quads(statements: list[str]) -> list[Quad]:
    return list(parse("\n".join(statements), format=RdfFormat.N_QUADS))


def _lines(sign: str, quads: Iterable[Quad]) -> Iterator[str]:
    for quad in sorted(quads, key=sort_key):
        yield f"{sign} {quad.subject} {quad.predicate} {quad.object} {quad.graph_name} ."
