"""A private database that finds, groups and orders rows in bounded memory.

SQLite with an empty name is a temporary database that lives in its page cache and goes to disk when that is
full.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import islice

from pactgraph.exports.cells import without_surrogates

Row = Sequence[str | None]
_BATCH = 2048
_CACHE_KIB = 32768


class Spool:
    """One temporary database; every table in it has text columns."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for setting in (
            "journal_mode=OFF",
            "synchronous=OFF",
            "temp_store=FILE",
            f"cache_size=-{_CACHE_KIB}",
        ):
            self._database.execute(f"PRAGMA {setting}")
        self.surrogates = 0

    def fill(self, table: str, width: int, rows: Iterable[Row]) -> int:
        """Put rows into a table, made when it is not there; return how many. The columns are c0, c1 …"""
        columns = ", ".join(f"c{number}" for number in range(width))
        self._database.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
        insert = f"INSERT INTO {table} VALUES ({', '.join('?' * width)})"  # noqa: S608 — names are the code's own
        iterator = iter(rows)
        written = 0
        while chunk := list(islice(iterator, _BATCH)):
            self._database.execute("BEGIN")  # a chunk at a time: making the rows may fill other tables
            before = self._database.total_changes
            try:
                self._database.executemany(insert, chunk)
            except UnicodeEncodeError:  # rare, so it is looked for only now; the rows before it are in
                done = self._database.total_changes - before
                self._database.executemany(insert, [self._cleaned(row) for row in chunk[done:]])
            self._database.execute("COMMIT")
            written += len(chunk)
        return written

    def run(self, statement: str, values: Sequence[str] = ()) -> sqlite3.Cursor:
        """Run a statement of the code's own."""
        return self._database.execute(statement, values)

    def _cleaned(self, row: Row) -> Row:
        """Return the row without lone surrogates, and count them."""
        cells: list[str | None] = []
        for cell in row:
            text, count = (None, 0) if cell is None else without_surrogates(cell)
            self.surrogates += count
            cells.append(text)
        return cells
