"""The network that every writer gets: nodes and edges as typed tables, and where they come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import pyarrow as pa

Kind = Literal["text", "integer", "double", "boolean", "date"]
ARROW = {
    "text": pa.string(),
    "integer": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.string(),  # dates keep the precision of their source: 2024, 2024-03, 2024-03-25
}
NODE_ID = "id"
SOURCE, TARGET = "source", "target"


@dataclass(frozen=True, slots=True)
class Column:
    """One attribute of nodes or edges: its name, and the kind of all its values."""

    name: str
    kind: Kind = "text"


class Rows(Protocol):
    """A table that can be read more than once, in batches, always in the same order."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns in order; those that identify come first."""

    def __len__(self) -> int:
        """Count the rows."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a network comes from: the view or query, and the revision that was asked."""

    title: str
    description: str = ""
    view: str | None = None
    query: str | None = None
    revision: int | None = None
    newest_source: str | None = None
    language: str = "en"
    note: str = ""
    constructed: bool = False  # whether a query made triples, not rows


@dataclass(frozen=True, slots=True)
class Network:
    """Nodes (first column ``id``) and edges (first columns ``source`` and ``target``).

    ``replaced`` counts what could not be kept as it was, by the rule's name.
    """

    nodes: Rows
    edges: Rows
    directed: bool
    origin: Origin
    replaced: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableRows:
    """Rows of an Arrow table in memory."""

    table: pa.Table
    columns: tuple[Column, ...]

    def __len__(self) -> int:
        """Count the rows."""
        return int(self.table.num_rows)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows."""
        yield from self.table.to_batches(max_chunksize=4096)


def schema_of(rows: Rows) -> pa.Schema:
    """Return the Arrow schema of rows."""
    return pa.schema([(column.name, ARROW[column.kind]) for column in rows.columns])


def records(rows: Rows) -> Iterator[dict[str, Any]]:
    """Yield each row as a dictionary without the values that are not there."""
    for batch in rows.batches():
        for row in batch.to_pylist():
            yield {name: value for name, value in row.items() if value is not None}
