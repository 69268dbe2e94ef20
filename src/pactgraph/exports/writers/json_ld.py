"""JSON-LD 1.1 of a network: plain JSON objects under the shipped context, which is written into the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

from pactgraph.exports.about import About
from pactgraph.exports.network import Network, Rows, records
from pactgraph.exports.writers.rdf import local
from pactgraph.resources import shipped

CONTEXT_FILE = "context.jsonld"
_COERCED = {"integer": "xsd:integer", "double": "xsd:double", "boolean": "xsd:boolean"}


def write_json_ld(network: Network, about: About, stream: IO[bytes]) -> None:
    """Write a network; ``nodes`` and ``edges`` are lists of objects that any JSON tool can read, too."""
    context = json.loads((shipped("queries") / "views" / CONTEXT_FILE).read_text(encoding="utf-8"))[
        "@context"
    ]
    for rows in (network.nodes, network.edges):
        for column in rows.columns:
            if column.kind in _COERCED:
                context.setdefault(
                    local(column.name),
                    {"@id": f"export:{local(column.name)}", "@type": _COERCED[column.kind]},
                )
    entries = {name: value for name, value in about.entries().items() if value not in (None, "", {})}
    entries["replaced"] = [f"{rule}: {number}" for rule, number in entries.pop("replaced", {}).items()]
    counts = {"node_count": entries.pop("nodes"), "edge_count": entries.pop("edges")}
    head = {"@context": context, "type": "Network", **entries, **counts}
    stream.write(_line(head)[:-1] + b', "nodes": [\n')
    _write_list(_objects(network.nodes), stream)
    stream.write(b'], "edges": [\n')
    _write_list(_objects(network.edges), stream)
    stream.write(b"]}\n")


def _objects(rows: Rows) -> Iterator[dict[str, Any]]:
    for cells in records(rows):
        if "sources" in cells:
            cells["sources"] = cells["sources"].split()
        yield {local(name): value for name, value in cells.items()}  # a colon would make a name an IRI


def _write_list(objects: Iterator[dict[str, Any]], stream: IO[bytes]) -> None:
    for number, cells in enumerate(objects):
        stream.write((b",\n" if number else b"") + _line(cells))


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
