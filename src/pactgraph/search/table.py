"""The index as an SQLite file: names with their trigrams (FTS5), classes, and the revision it stands at."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pactgraph.names import folded, spoken
from pactgraph.search.naming import Name, Named

LAYOUT = 1
"""Changes with the tables and with how names are folded; an index of another layout is built anew."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS stand (
    layout INTEGER NOT NULL, revision INTEGER NOT NULL, hash TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS name (
    id INTEGER PRIMARY KEY, iri TEXT NOT NULL, label TEXT NOT NULL, lang TEXT NOT NULL, weight REAL NOT NULL,
    key TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS name_by_iri ON name (iri);
CREATE INDEX IF NOT EXISTS name_by_key ON name (key);
CREATE TABLE IF NOT EXISTS kind (
    iri TEXT NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (iri, kind)
) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE IF NOT EXISTS spelling USING fts5(plain, sound, content='', tokenize='trigram');
"""
_CANDIDATES = """
SELECT name.iri, name.label, name.lang, name.weight FROM spelling JOIN name ON name.id = spelling.rowid
WHERE spelling MATCH :match AND (
    :kinds IS NULL OR name.iri IN (SELECT iri FROM kind WHERE kind IN (SELECT value FROM json_each(:kinds)))
) ORDER BY spelling.rank LIMIT :most
"""
_SAME = """
SELECT DISTINCT key, iri FROM name WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key, iri LIMIT ?
"""
_UNEVEN = """
SELECT count(*) FROM (SELECT id FROM name EXCEPT SELECT id FROM spelling_docsize)
UNION ALL SELECT count(*) FROM (SELECT id FROM spelling_docsize EXCEPT SELECT id FROM name) ORDER BY 1 DESC
"""
_STEPS = 10_000  # instructions of SQLite's machine between two looks at the clock


@dataclass(frozen=True, slots=True)
class Stand:
    """Where an index stands: a revision and its hash, which tells two histories apart."""

    revision: int
    hash: str


class Table:
    """One connection to an index; raises ``sqlite3.Error`` for a file that is damaged or not writable."""

    def __init__(self, path: Path, *, read_only: bool = False, at_rest: bool = False) -> None:
        mode = "?mode=ro&immutable=1" if at_rest else "?mode=ro" if read_only else ""
        self._db = sqlite3.connect(
            f"{path.absolute().as_uri()}{mode}", uri=True, isolation_level=None, check_same_thread=False
        )
        try:
            if not mode:
                self._db.execute("PRAGMA journal_mode=WAL").fetchone()
                self._db.execute("PRAGMA synchronous=NORMAL")  # what a crash loses, the journal has
                self._db.executescript(_SCHEMA)
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @property
    def stand(self) -> Stand | None:
        """The revision that the index is of; nothing when it is of none, or of another layout."""
        row = self._db.execute("SELECT revision, hash FROM stand WHERE layout = ?", (LAYOUT,)).fetchone()
        return None if row is None else Stand(*row)

    def replace(self, entities: Iterable[Named], stand: Stand, *, wholly: bool = False) -> None:
        """Put what these entities are called now in the place of what they were, in one transaction.

        ``wholly`` forgets everything else.
        """
        self._db.execute("BEGIN IMMEDIATE")
        try:
            if wholly:
                self._clear()
            for entity in entities:
                self._forget(entity.iri)
                self._learn(entity)
            self._db.execute("DELETE FROM stand")
            self._db.execute("INSERT INTO stand VALUES (?, ?, ?)", (LAYOUT, stand.revision, stand.hash))
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def candidates(self, trigrams: Iterable[str], kinds: Iterable[str] | None, most: int) -> list[Name]:
        """Return the names that share most trigrams; of entities of one of the ``kinds``, when given."""
        match = " OR ".join('"{}"'.format(each.replace('"', '""')) for each in sorted(trigrams))
        if not match:
            return []
        given = None if kinds is None else json.dumps(sorted(kinds))
        rows = self._db.execute(_CANDIDATES, {"match": match, "kinds": given, "most": most})
        return [Name(*row) for row in rows]

    def names_of(self, iris: Iterable[str]) -> list[Name]:
        """Return every name of these entities."""
        listed = json.dumps(sorted(iris))
        query = "SELECT iri, label, lang, weight FROM name WHERE iri IN (SELECT value FROM json_each(?))"
        return [Name(*row) for row in self._db.execute(query, (listed,))]

    def kinds_of(self, iri: str) -> list[str]:
        """Return the classes of an entity, in order."""
        return [
            row[0] for row in self._db.execute("SELECT kind FROM kind WHERE iri = ? ORDER BY kind", (iri,))
        ]

    def same_names(self, keys: Iterable[str], most: int) -> list[tuple[str, str]]:
        """Return the entities with a name that folds to one of the keys, each after its key."""
        return self._db.execute(_SAME, (json.dumps(list(keys)), most)).fetchall()

    def everything(self) -> tuple[set[Name], set[tuple[str, str]]]:
        """Return all names, and all classes with their entities."""
        names = {Name(*row) for row in self._db.execute("SELECT iri, label, lang, weight FROM name")}
        return names, set(self._db.execute("SELECT iri, kind FROM kind"))

    def check(self) -> None:
        """Check the file's own structures, in a copy in memory; raises ``sqlite3.Error`` for disorder."""
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
            self._db.backup(copy)
            found = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if found != "ok":
                raise sqlite3.DatabaseError(found)
            copy.execute("INSERT INTO spelling(spelling) VALUES ('integrity-check')")
            if copy.execute(_UNEVEN).fetchone()[0]:
                raise sqlite3.DatabaseError("names and spellings differ in number")

    def stop_when(self, is_over: Callable[[], bool]) -> None:
        """Break off a query, with ``sqlite3.OperationalError``, once ``is_over()`` is true."""
        self._db.set_progress_handler(is_over, _STEPS)

    def _clear(self) -> None:
        self._db.execute("DELETE FROM name")
        self._db.execute("DELETE FROM kind")
        self._db.execute("INSERT INTO spelling(spelling) VALUES ('delete-all')")

    def _forget(self, iri: str) -> None:
        """Take an entity out; FTS5 wants to be told what it was given."""
        for number, label in self._db.execute("SELECT id, label FROM name WHERE iri = ?", (iri,)).fetchall():
            self._db.execute(
                "INSERT INTO spelling(spelling, rowid, plain, sound) VALUES ('delete', ?, ?, ?)",
                (number, *_spelt(label)),
            )
        self._db.execute("DELETE FROM name WHERE iri = ?", (iri,))
        self._db.execute("DELETE FROM kind WHERE iri = ?", (iri,))

    def _learn(self, entity: Named) -> None:
        for name in sorted(entity.names):
            row = (name.iri, name.label, name.lang, name.weight, folded(name.label))
            done = self._db.execute(
                "INSERT INTO name (iri, label, lang, weight, key) VALUES (?, ?, ?, ?, ?)", row
            )
            self._db.execute(
                "INSERT INTO spelling(rowid, plain, sound) VALUES (?, ?, ?)",
                (done.lastrowid, *_spelt(name.label)),
            )
        self._db.executemany("INSERT INTO kind VALUES (?, ?)", [(entity.iri, kind) for kind in entity.kinds])


def _spelt(label: str) -> tuple[str, str]:
    """Return what FTS5 cuts into trigrams: the edges of a name are part of it."""
    return f" {folded(label)} ", f" {spoken(label)} "
