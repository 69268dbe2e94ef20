"""A private database that sorts rows and finds nodes in bounded memory.

SQLite with an empty name is a temporary database that lives in its page cache and goes to disk when that is full.
Cells are text until they are read; then a whole column becomes what its kind says.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc

from pactgraph.errors import InputError
from pactgraph.exports.cells import without_surrogates
from pactgraph.exports.network import ARROW, Column

Row = Sequence[str | None]
_BATCH = 2048
_CACHE_KIB = 65536
_MOST_COLUMNS = 900


class Spool:
    """One temporary database; every table in it has text columns."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for setting in ("journal_mode=OFF", "synchronous=OFF", "temp_store=FILE", f"cache_size=-{_CACHE_KIB}"):
            self._database.execute(f"PRAGMA {setting}")
        self.surrogates = 0

    def fill(self, table: str, width: int, rows: Iterable[Row]) -> int:
        """Put rows into a table, made when it is not there; return how many. The columns are c0, c1 …"""
        if width > _MOST_COLUMNS:
            raise InputError(f"{width} columns are too many; export with a query that selects fewer")
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


class SpooledRows:
    """Sorted rows of a spool's table, with the columns cast to their kinds."""

    def __init__(
        self, spool: Spool, table: str, columns: tuple[Column, ...], *, distinct: bool = False
    ) -> None:
        self.columns = columns
        names = ", ".join(f"c{number}" for number in range(len(columns)))
        self._spool = spool
        self._from = f"SELECT {'DISTINCT ' if distinct else ''}{names} FROM {table}"  # noqa: S608 — as above
        self._order = f" ORDER BY {names}"
        self._count: int = spool.run(f"SELECT count(*) FROM ({self._from})").fetchone()[0]  # noqa: S608 — as above

    def __len__(self) -> int:
        return self._count

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows in the order of their cells."""
        cursor = self._spool.run(self._from + self._order)
        while chunk := cursor.fetchmany(_BATCH):
            yield batch_of(self.columns, zip(*chunk, strict=True))


def batch_of(columns: Sequence[Column], cells: Iterable[Sequence[str | None]]) -> pa.RecordBatch:
    """Return columns of text as a batch of their kinds."""
    arrays = []
    for column, values in zip(columns, cells, strict=True):
        text = pa.array(values, pa.string())
        arrays.append(text if ARROW[column.kind] == pa.string() else pc.cast(text, ARROW[column.kind]))
    return pa.RecordBatch.from_arrays(arrays, names=[column.name for column in columns])
