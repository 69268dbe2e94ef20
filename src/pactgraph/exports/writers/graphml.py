"""GraphML (http://graphml.graphdrawing.org/specification.html), streamed.

Ids are tokens, as the schema wants them; the IRI of a node is its attribute ``iri``.

networkx's writer builds the whole document first and raises on control characters, dates, lists and ``None``.
"""

from __future__ import annotations

from typing import IO

import pyarrow as pa

from pactgraph.exports.about import About
from pactgraph.exports.network import Network, Rows
from pactgraph.exports.scan import joined
from pactgraph.exports.writers.xml import around, xml_cells, xml_text, xml_tokens

_TYPES = {"text": "string", "date": "string", "integer": "long", "double": "double", "boolean": "boolean"}
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">
"""


def write_graphml(network: Network, about: About, stream: IO[bytes]) -> None:
    """Write a network as GraphML, in constant memory."""
    entries = about.xml_entries()
    stream.write(_HEAD.encode())
    for number, name in enumerate(entries):
        stream.write(_key(f"g{number}", "graph", name, "string"))
    for prefix, element, rows, skipped in (("n", "node", network.nodes, 0), ("e", "edge", network.edges, 2)):
        for number, column in enumerate(rows.columns[skipped:]):
            name = "iri" if element == "node" and number == 0 else column.name
            stream.write(_key(f"{prefix}{number}", element, name, _TYPES[column.kind]))
    default = "directed" if network.directed else "undirected"
    stream.write(f' <graph id="G" edgedefault="{default}">\n'.encode())
    for number, value in enumerate(entries.values()):
        stream.write(f'  <data key="g{number}">{xml_text(value)}</data>\n'.encode())
    _write_nodes(network.nodes, stream)
    _write_edges(network.edges, stream)
    stream.write(b" </graph>\n</graphml>\n")


def _key(identifier: str, element: str, name: str, kind: str) -> bytes:
    shown = xml_text(name)
    return f' <key id="{identifier}" for="{element}" attr.name="{shown}" attr.type="{kind}"/>\n'.encode()


def _write_nodes(rows: Rows, stream: IO[bytes]) -> None:
    for batch in rows.batches():
        cells = [xml_cells(column) for column in batch.columns]
        opening = around('  <node id="', xml_tokens(batch.column(0)), '">')
        stream.write(joined(opening, *_values("n", cells), "</node>\n"))


def _write_edges(rows: Rows, stream: IO[bytes]) -> None:
    written = 0
    for batch in rows.batches():
        cells = [xml_cells(column) for column in batch.columns[2:]]
        source, target = (xml_tokens(column) for column in batch.columns[:2])
        numbers = pa.array(range(written, written + len(batch)), pa.int64()).cast(pa.string())
        opening = around('  <edge id="e', numbers, '" source="')
        stream.write(joined(opening, source, '" target="', target, '">', *_values("e", cells), "</edge>\n"))
        written += len(batch)


def _values(prefix: str, cells: list[pa.Array]) -> list[pa.Array]:
    return [
        around(f'<data key="{prefix}{number}">', column, "</data>") for number, column in enumerate(cells)
    ]
