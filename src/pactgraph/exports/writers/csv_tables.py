"""CSV (RFC 4180, UTF-8): a zip with nodes, edges and a README, or one table."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

import pyarrow as pa
from pyarrow import csv

from pactgraph.exports.about import CELLS_QUOTED, CONTROL, About, as_text
from pactgraph.exports.network import Network, Rows, schema_of
from pactgraph.exports.writers.spreadsheet import safe_cells

_LEVEL = 1  # the fastest: a network compresses well at any level
_README = """{title}
{underline}

{description}

{nodes:12}one row per node; id is its IRI
{edges:12}one row per edge; source and target are ids of nodes

Both are UTF-8, separated by commas, with quotes around text where needed. An empty cell is a value that is
not there. Dates have the precision of their source: 2024, 2024-03 or 2024-03-25. sources holds IRIs with a
space between
them, source_titles the titles in the same order with " | " between them.

So that no spreadsheet runs a cell as a formula, text that begins with = + - @, a tab or a line break (also
after blanks, also full-width) has an apostrophe (') before it. Take it off before you use such a text
elsewhere. Numbers
are numbers. For Excel take the XLSX export, or import these files as UTF-8.

{entries}
"""


@dataclass(slots=True)
class _Replaced:
    controls: int = 0
    quoted: int = 0


def write_csv_zip(network: Network, about: About, stream: IO[bytes]) -> None:
    """Write ``nodes.csv``, ``edges.csv`` and ``README.txt`` into a zip whose bytes depend on nothing else."""
    replaced = _Replaced()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, rows in (("nodes.csv", network.nodes), ("edges.csv", network.edges)):
            add_member(archive, name, lambda member, rows=rows: _write_table(rows, member, replaced))  # type: ignore[misc]  # bound now
        text = readme(about, replaced.controls, replaced.quoted)
        add_member(archive, "README.txt", lambda member: member.write(text.encode()))


def write_csv_edges(network: Network, about: About, stream: IO[bytes]) -> None:
    """Write the table of edges alone."""
    _write_table(network.edges, stream, _Replaced())


def write_csv_nodes(network: Network, about: About, stream: IO[bytes]) -> None:
    """Write the table of nodes alone."""
    _write_table(network.nodes, stream, _Replaced())


def write_csv_readme(network: Network, about: About, stream: IO[bytes]) -> None:
    """Write the README that goes beside a table of edges and one of nodes."""
    replaced = _Replaced()
    with tempfile.TemporaryFile() as unread:  # the tables say what had to be replaced only when written
        for rows in (network.nodes, network.edges):
            _write_table(rows, unread, replaced)
    text = readme(about, replaced.controls, replaced.quoted, names=("*.nodes.csv", "*.csv"))
    stream.write(text.encode())


def readme(
    about: About, controls: int, quoted: int, *, names: tuple[str, str] = ("nodes.csv", "edges.csv")
) -> str:
    """Return the README that goes with the tables of nodes and edges of these names."""
    entries = as_text(about.entries(**{CONTROL: controls, CELLS_QUOTED: quoted}))
    return _README.format(
        title=about.title,
        nodes=names[0],
        edges=names[1],
        underline="=" * len(about.title),
        description=about.description or "The answer to a query.",
        entries="\n".join(
            f"{name}: {value}" for name, value in entries.items() if name not in {"title", "description"}
        ),
    )


def add_member(archive: zipfile.ZipFile, name: str, write: Callable[[IO[bytes]], Any]) -> None:
    """Stream one file into a zip, without the time of day."""
    member = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    member._compresslevel = _LEVEL  # type: ignore[attr-defined]
    with archive.open(member, "w", force_zip64=True) as target:
        write(target)


def _write_table(rows: Rows, stream: IO[bytes], replaced: _Replaced) -> None:
    schema = pa.schema([(field.name, field.type) for field in schema_of(rows)])
    with csv.CSVWriter(stream, schema, write_options=csv.WriteOptions(quoting_style="needed")) as writer:
        for batch in rows.batches():
            columns = []
            for column in batch.columns:
                safe, controls, quoted = safe_cells(column)
                replaced.controls += controls
                replaced.quoted += quoted
                columns.append(safe)
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
