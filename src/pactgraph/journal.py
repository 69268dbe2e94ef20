"""The journal: every revision, durable and chained. It is the truth; the store is what it says.

One SQLite file in write-ahead mode with ``synchronous=FULL``: the commit of its transaction is fsynced and is
the moment at which a revision exists. A revision holds the quads that it added and took out, as N-Quads.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, parse, serialize

from pactgraph.errors import DataDirectoryError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS revision (
    number INTEGER PRIMARY KEY,
    ended_at TEXT NOT NULL,
    author TEXT NOT NULL,
    message TEXT NOT NULL,
    added_count INTEGER NOT NULL,
    removed_count INTEGER NOT NULL,
    remarks TEXT NOT NULL,
    parent TEXT NOT NULL,
    hash TEXT NOT NULL,
    added BLOB NOT NULL,
    removed BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS mention (
    iri TEXT NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (iri, revision)
) STRICT, WITHOUT ROWID;
"""
_INSERT = "INSERT INTO revision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ENTRIES = """
SELECT number, ended_at, author, message, added, removed, remarks, parent, hash
FROM revision WHERE number BETWEEN ? AND ? ORDER BY number
"""
_HEADINGS = """
SELECT number, ended_at, author, message, added_count, removed_count, hash FROM revision
WHERE number < :before AND (:iri IS NULL OR number IN (SELECT revision FROM mention WHERE iri = :iri))
ORDER BY number DESC LIMIT :limit
"""
_STATEMENTS = "SELECT sum(added_count + removed_count) FROM revision WHERE number > ? AND number <= ?"
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One revision as the journal holds it; ``remarks`` are its warnings, as JSON."""

    number: int
    ended_at: datetime
    author: str
    message: str
    added: tuple[Quad, ...]
    removed: tuple[Quad, ...]
    remarks: str = "[]"
    parent: str = GENESIS
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A revision without its quads, for lists."""

    number: int
    ended_at: datetime
    author: str
    message: str
    added: int
    removed: int
    hash: str


class Journal:
    """An append-only list of revisions in one file.

    Not thread-safe: the ledger's lock serialises writers, and each reader opens a journal of its own.
    """

    def __init__(self, path: Path, *, read_only: bool = False, at_rest: bool = False) -> None:
        """Open the file, and make it when it is missing; raises ``DataDirectoryError`` when it is damaged.

        ``read_only`` makes nothing. A journal ``at_rest`` is one that nobody writes to while it is open, and
        that its last writer closed: reading it leaves no file behind.
        """
        mode = "?mode=ro&immutable=1" if at_rest else "?mode=ro" if read_only else ""
        try:
            self._db = sqlite3.connect(
                f"file:{path}{mode}", uri=True, isolation_level=None, check_same_thread=False
            )
            if not mode:
                self._db.execute("PRAGMA journal_mode=WAL").fetchone()
                self._db.execute("PRAGMA synchronous=FULL")
                self._db.executescript(_SCHEMA)
            self._db.execute("SELECT number FROM revision LIMIT 1").fetchone()
        except sqlite3.Error as fault:
            raise _damaged(fault) from fault

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @property
    def head(self) -> int:
        """The number of the newest revision; 0 when there is none."""
        return int(self._db.execute("SELECT coalesce(max(number), 0) FROM revision").fetchone()[0])

    def append(self, entry: Entry) -> Entry:
        """Add the next revision, chained to the one before; when this returns it is on disk.

        Raises ``ValueError`` when the number is not the next one, ``DataDirectoryError`` when the disk is
        full or the file is damaged; nothing is added then.
        """
        if entry.number != self.head + 1:
            raise ValueError(f"revision {entry.number} does not follow revision {self.head}")
        parent = self._hash_of(entry.number - 1)
        added, removed = _sorted_lines(entry.added), _sorted_lines(entry.removed)
        entry = replace(entry, parent=parent, hash=chained(parent, entry, added, removed))
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(_INSERT, (*_columns(entry), _packed(added), _packed(removed)))
            mentions = mentioned((*entry.added, *entry.removed))
            self._db.executemany(
                "INSERT OR IGNORE INTO mention VALUES (?, ?)", [(iri, entry.number) for iri in mentions]
            )
            self._db.execute("COMMIT")
        except sqlite3.Error as fault:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise _damaged(fault) from fault
        return entry

    def read(self, number: int) -> Entry | None:
        """Return one revision, or nothing when there is none of that number."""
        return next(self.entries(number, number), None)

    def entries(self, first: int = 1, last: int | None = None) -> Iterator[Entry]:
        """Yield revisions in order, one at a time; ``last`` is the newest unless given."""
        final = self.head if last is None else last
        with closing(self._db.execute(_ENTRIES, (first, final))) as rows:
            for row in rows:
                yield Entry(
                    row[0],
                    datetime.fromisoformat(row[1]),
                    row[2],
                    row[3],
                    _unpacked(row[4]),
                    _unpacked(row[5]),
                    row[6],
                    row[7],
                    row[8],
                )

    def headings(
        self, *, iri: str | None = None, limit: int = 100, before: int | None = None
    ) -> list[Heading]:
        """Return revisions without their quads, newest first; all, or those that mention one IRI."""
        final = before if before is not None else self.head + 1
        rows = self._db.execute(_HEADINGS, {"iri": iri, "before": final, "limit": limit})
        return [Heading(row[0], datetime.fromisoformat(row[1]), *row[2:]) for row in rows]

    def statements_between(self, first: int, last: int) -> int:
        """Return how many statements the revisions after ``first`` up to ``last`` added and removed."""
        return int(self._db.execute(_STATEMENTS, (first, last)).fetchone()[0] or 0)

    def at(self, moment: datetime) -> int:
        """Return the number of the last revision not after a moment; 0 when all came later."""
        return max(
            (number for number, ended in self._times() if datetime.fromisoformat(ended) <= moment), default=0
        )

    def broken_links(self) -> list[int]:
        """Return the revisions whose hash is not what their content and their parent give."""
        parent, broken = GENESIS, []
        for entry in self.entries():
            expected = chained(parent, entry, _sorted_lines(entry.added), _sorted_lines(entry.removed))
            if entry.parent != parent or entry.hash != expected:
                broken.append(entry.number)
            parent = entry.hash
        return broken

    def backup(self, path: Path) -> None:
        """Copy the journal as it is now into a new file, while it is in use."""
        with closing(sqlite3.connect(path)) as target:
            self._db.backup(target)

    def _times(self) -> list[tuple[int, str]]:
        return list(self._db.execute("SELECT number, ended_at FROM revision"))

    def _hash_of(self, number: int) -> str:
        row = self._db.execute("SELECT hash FROM revision WHERE number = ?", (number,)).fetchone()
        return str(row[0]) if row else GENESIS


def chained(parent: str, entry: Entry, added: list[bytes], removed: list[bytes]) -> str:
    """Return the hash of a revision: SHA-256 over its parent's hash, who, when, why, and its sorted quads."""
    head = [parent, entry.number, entry.ended_at.isoformat(), entry.author, entry.message, entry.remarks]
    digest = hashlib.sha256(json.dumps(head, ensure_ascii=False).encode())
    for sign, lines in ((b"+", added), (b"-", removed)):
        for line in lines:
            digest.update(sign + line)
    return digest.hexdigest()


def mentioned(quads: Iterable[Quad]) -> set[str]:
    """Return the IRIs that stand as subject, object or graph of a quad: those that have a story."""
    return {
        term.value
        for quad in quads
        for term in (quad.subject, quad.object, quad.graph_name)
        if isinstance(term, NamedNode)
    }


def _sorted_lines(quads: Iterable[Quad]) -> list[bytes]:
    return sorted(serialize(quads, format=RdfFormat.N_QUADS).splitlines(keepends=True))  # type: ignore[union-attr]  # bytes without an output


def _columns(entry: Entry) -> tuple[object, ...]:
    return (
        entry.number,
        entry.ended_at.isoformat(),
        entry.author,
        entry.message,
        len(entry.added),
        len(entry.removed),
        entry.remarks,
        entry.parent,
        entry.hash,
    )


def _packed(lines: list[bytes]) -> bytes:
    return zlib.compress(b"".join(lines), 1)


def _unpacked(blob: bytes) -> tuple[Quad, ...]:
    return tuple(parse(zlib.decompress(blob), format=RdfFormat.N_QUADS))


def _damaged(fault: sqlite3.Error) -> DataDirectoryError:
    if "full" in str(fault):
        return DataDirectoryError(
            "The disk is full; free space and submit again. Nothing was changed.", code="disk-full"
        )
    return DataDirectoryError(
        f"The journal cannot be used ({fault}); restore a backup, or run 'pactgraph doctor'.",
        code="journal-damaged",
    )
