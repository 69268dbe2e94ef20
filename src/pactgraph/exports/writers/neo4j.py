"""Neo4j's bulk import (https://neo4j.com/docs/operations-manual/current/tools/neo4j-admin/neo4j-admin-import/).

Values go into a database, so text stays as it is, formulas too: not a file for a spreadsheet.
"""

from __future__ import annotations

import zipfile
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from pactgraph.exports.about import CONTROL, About, as_text
from pactgraph.exports.network import ARROW, Network, Rows
from pactgraph.exports.scan import without_not_xml
from pactgraph.exports.writers.csv_tables import add_member

_TYPES = {"text": "string", "date": "string", "integer": "long", "double": "double", "boolean": "boolean"}
_IMPORT = (
    "neo4j-admin database import full neo4j --nodes=nodes.csv --relationships=edges.csv "
    "--multiline-fields=true --array-delimiter='|'"
)


def write_neo4j(network: Network, about: About, stream: IO[bytes]) -> None:
    """Write ``nodes.csv`` and ``edges.csv`` with Neo4j's headers, and a README with the import command."""
    with zipfile.ZipFile(stream, "w") as archive:
        add_member(archive, "nodes.csv", lambda member: _write(network.nodes, member, ["id:ID"]))
        add_member(
            archive, "edges.csv", lambda member: _write(network.edges, member, [":START_ID", ":END_ID"])
        )
        entries = "\n".join(
            f"{name}: {value}" for name, value in as_text(about.entries(**{CONTROL: about.controls})).items()
        )
        text = (
            f"{about.title}, for Neo4j\n\n{_IMPORT}\n\nText stands as it is in the graph, also where a "
            f"spreadsheet would run it: the CSV export is made for one.\n\n{entries}\n"
        )
        add_member(archive, "README.txt", lambda member: member.write(text.encode()))


def _write(rows: Rows, stream: IO[bytes], ends: list[str]) -> None:
    """Write one table; its ``type`` is also the label of a node or the type of a relationship."""
    is_node = len(ends) == 1
    kind = next((place for place, column in enumerate(rows.columns) if column.name == "type"), None)
    further = [
        f"{column.name.replace(':', '_')}:{_TYPES[column.kind]}" for column in rows.columns[len(ends) :]
    ]
    fields = [
        (name, ARROW[column.kind]) for name, column in zip([*ends, *further], rows.columns, strict=True)
    ]
    schema = pa.schema([*fields, (":LABEL" if is_node else ":TYPE", pa.string())])
    with csv.CSVWriter(stream, schema, write_options=csv.WriteOptions(quoting_style="needed")) as writer:
        for batch in rows.batches():
            columns = [
                without_not_xml(column)[0] if column.type == pa.string() else column
                for column in batch.columns
            ]
            default = "Thing" if is_node else "RELATED"
            kinds = pa.nulls(len(batch), pa.string()) if kind is None else columns[kind]
            columns.append(pc.coalesce(pc.replace_substring(kinds, " | ", "|"), default))
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
