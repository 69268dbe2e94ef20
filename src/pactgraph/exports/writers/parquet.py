"""Parquet (https://parquet.apache.org/docs/file-format/): one table a file, described in its metadata."""

from __future__ import annotations

from typing import IO

import pyarrow as pa
from pyarrow import parquet

from pactgraph.exports.about import About, as_text
from pactgraph.exports.network import Network, Rows, schema_of

_ROWS = 65_536


def write_parquet_edges(network: Network, about: About, stream: IO[bytes]) -> None:
    """Write the edges, row group by row group."""
    _write(network.edges, about, stream)


def write_parquet_nodes(network: Network, about: About, stream: IO[bytes]) -> None:
    """Write the nodes, row group by row group."""
    _write(network.nodes, about, stream)


def _write(rows: Rows, about: About, stream: IO[bytes]) -> None:
    schema = schema_of(rows).with_metadata(
        {f"pactgraph.{name}": text for name, text in as_text(about.entries()).items()}
    )
    with parquet.ParquetWriter(
        stream, schema, version="2.6", compression="zstd", store_schema=True
    ) as writer:
        waiting: list[pa.RecordBatch] = []
        for batch in rows.batches():
            waiting.append(batch)
            if sum(map(len, waiting)) >= _ROWS or sum(part.nbytes for part in waiting) > 32_000_000:
                writer.write_table(pa.Table.from_batches(waiting, schema))
                waiting = []
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting, schema))
