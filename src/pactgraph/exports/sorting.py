"""Sorts rows of text in bounded memory: ten million edges come in any order and go out in one.

Rows are written down as they come. When they are more than fit, they are dealt out to ranges whose limits a
sample of the rows tells; each range is sorted in memory, and the ranges follow one another. The order is that
of the
bytes of the cells, first cell first, so it does not depend on the sample.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pactgraph.exports.cells import without_surrogates
from pactgraph.exports.network import ARROW, Column

Row = Sequence[str | None]
_CHUNK = 4096
_BATCH_BYTES = 8_000_000
_BATCH_ROWS = 32_768
_IN_MEMORY = 32_000_000
_RANGE_BYTES = 16_000_000
_KEY_BYTES = 256
_SAMPLED = 64


class Sorter:
    """Takes rows of text, then gives them back sorted."""

    def __init__(self, width: int) -> None:
        self._schema = pa.schema([(f"c{number}", pa.string()) for number in range(width)])
        self._raw = _Pile(self._schema)
        self._sample: list[bytes] = []
        self.surrogates = 0

    def fill(self, rows: Iterable[Row]) -> None:
        """Take rows."""
        iterator = iter(rows)
        while chunk := list(islice(iterator, _CHUNK)):
            batch = self._batch(chunk)
            self._raw.add(batch)
            self._sample += _keys(batch)[::_SAMPLED].tolist()

    def _batch(self, chunk: list[Row]) -> pa.RecordBatch:
        try:
            arrays = [pa.array(cells, pa.string()) for cells in zip(*chunk, strict=True)]
        except UnicodeEncodeError:  # rare, so it is looked for only now
            cleaned = [[self._clean(cell) for cell in row] for row in chunk]
            arrays = [pa.array(cells, pa.string()) for cells in zip(*cleaned, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)

    def _clean(self, cell: str | None) -> str | None:
        if cell is None:
            return None
        text, count = without_surrogates(cell)
        self.surrogates += count
        return text

    def finish(self, *, distinct: bool = False) -> SortedText:
        """Return the rows sorted, and with ``distinct`` each once."""
        out = _Pile(self._schema)
        for table in self._ranges():
            keys = [(name, "ascending", "at_start") for name in self._schema.names]
            ordered = table.take(pc.sort_indices(table, sort_keys=keys))
            out.add_table(_once(ordered) if distinct else ordered)
        self._raw.close()
        return SortedText(out)

    def _ranges(self) -> Iterator[pa.Table]:
        size = self._raw.finish()
        if size <= _IN_MEMORY:
            yield pa.Table.from_batches(list(self._raw.batches()), self._schema)
            return
        parts = math.ceil(size / _RANGE_BYTES)
        self._sample.sort()
        step = len(self._sample) / parts
        limits = np.array(sorted({self._sample[int(step * number)] for number in range(1, parts)}), dtype="S")
        self._sample = []
        share = _BATCH_BYTES // len(limits) if len(limits) else _BATCH_BYTES
        piles = [_Pile(self._schema, share) for _ in range(len(limits) + 1)]
        for batch in self._raw.batches():
            places = np.searchsorted(limits, _keys(batch), side="right")
            order = np.argsort(places, kind="stable")
            dealt = batch.take(pa.array(order))
            ends = np.searchsorted(places[order], np.arange(len(piles)), side="right")
            start = 0
            for pile, end in zip(piles, ends.tolist(), strict=True):
                if end > start:
                    pile.add(dealt.slice(start, end - start))
                start = end
        for pile in piles:
            pile.finish()
            yield pa.Table.from_batches(list(pile.batches()), self._schema)
            pile.close()


class SortedText:
    """Sorted rows of text on disk."""

    def __init__(self, pile: _Pile) -> None:
        pile.finish()
        self._pile = pile

    def __len__(self) -> int:
        """Count the rows."""
        return self._pile.rows

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows as text."""
        return self._pile.batches()

    def cells(self) -> Iterator[tuple[str | None, ...]]:
        """Yield the rows one by one."""
        for batch in self.batches():
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


class SortedRows:
    """Sorted rows with the columns cast to their kinds."""

    def __init__(self, text: SortedText, columns: tuple[Column, ...]) -> None:
        self.columns = columns
        self._text = text

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._text)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows."""
        names = [column.name for column in self.columns]
        types = [ARROW[column.kind] for column in self.columns]
        for batch in self._text.batches():
            arrays = [
                column if kind == pa.string() else pc.cast(column, kind)
                for column, kind in zip(batch.columns, types, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(arrays, names=names)


class _Pile:
    """Record batches in a temporary file, joined to batches of a fair size."""

    def __init__(self, schema: pa.Schema, batch_bytes: int = _BATCH_BYTES) -> None:
        self._schema = schema
        self._batch_bytes = batch_bytes
        self._file: Any = TemporaryFile()  # noqa: SIM115 — closed by close, or when nobody has this object
        weakref.finalize(self, self._file.close)
        self._writer = pa.ipc.new_stream(self._file, schema)
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_bytes = self._waiting_rows = 0
        self._written = 0
        self.rows = 0

    def add(self, batch: pa.RecordBatch) -> None:
        self._waiting.append(batch)
        self._waiting_bytes += batch.nbytes
        self._waiting_rows += len(batch)
        self.rows += len(batch)
        if self._waiting_bytes >= self._batch_bytes or self._waiting_rows >= _BATCH_ROWS:
            self._flush()

    def add_table(self, table: pa.Table) -> None:
        rows = max(64, min(_CHUNK, _BATCH_BYTES * max(len(table), 1) // max(table.nbytes, 1)))
        for batch in table.combine_chunks().to_batches(max_chunksize=rows):
            self._writer.write_batch(batch)
            self._written += batch.nbytes
            self.rows += len(batch)

    def _flush(self) -> None:
        if self._waiting:
            for batch in pa.Table.from_batches(self._waiting, self._schema).combine_chunks().to_batches():
                self._writer.write_batch(batch)
            self._written += self._waiting_bytes
        self._waiting, self._waiting_bytes, self._waiting_rows = [], 0, 0

    def finish(self) -> int:
        """Write what waits; return the number of bytes."""
        self._flush()
        self._writer.close()
        self._file.flush()
        return self._written

    def batches(self) -> Iterator[pa.RecordBatch]:
        self._file.seek(0)
        place = 0
        with pa.ipc.open_stream(pa.PythonFile(self._file, mode="r")) as reader:
            while True:
                try:
                    batch = reader.read_next_batch()
                except StopIteration:
                    return
                place = self._file.tell()
                yield batch
                self._file.seek(place)  # two readers may take turns

    def close(self) -> None:
        self._file.close()


def _keys(batch: pa.RecordBatch) -> np.ndarray[Any, Any]:
    """Return the beginnings of the rows as bytes, which are in order when the rows are."""
    first = [pc.coalesce(column, "") for column in batch.columns[:2]]
    joined = first[0] if len(first) == 1 else pc.binary_join_element_wise(*first, "\0")
    return np.array(pc.binary_slice(joined.cast(pa.binary()), 0, _KEY_BYTES).to_pylist(), dtype="S")


def _once(table: pa.Table) -> pa.Table:
    """Return a sorted table without the rows that are equal to the one before."""
    if len(table) < 2:
        return table
    differs: Any = None
    for column in table.combine_chunks().columns:
        before, after = column.slice(0, len(column) - 1), column.slice(1)
        changed = pc.fill_null(pc.not_equal(before, after), False)
        changed = pc.or_(changed, pc.xor(pc.is_null(before), pc.is_null(after)))
        differs = changed if differs is None else pc.or_(differs, changed)
    return table.filter(pa.chunked_array([pa.array([True]), *differs.chunks]))
