"""GraphML (http://graphml.graphdrawing.org/specification.html), streamed.

Ids and names of attributes are tokens, as the schema wants them. The IRI of a node is its attribute ``iri``;
an attribute whose name is no token, such as ``dcterms:title@en``, has that name as its key's description.

networkx's writer builds the whole document first and raises on control characters, dates, lists and ``None``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
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
# What is no NameChar (XML 1.0 §2.3); the schema takes the name of an attribute for an Nmtoken.
_NO_NAME_CHARACTER = re.compile(
    "[^-.:0-9A-Z_a-z\xb7\xc0-\xd6\xd8-\xf6\xf8-\u037d\u037f-\u1fff\u200c\u200d\u203f\u2040\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff]"
)


def write_graphml(network: Network, about: About, stream: IO[bytes]) -> None:
    """Write a network as GraphML, in constant memory."""
    entries = about.xml_entries()
    stream.write(_HEAD.encode())
    stream.write(_keys("g", "graph", [(name, "string") for name in entries]))
    for prefix, element, rows, skipped in (("n", "node", network.nodes, 0), ("e", "edge", network.edges, 2)):
        names = [(column.name, _TYPES[column.kind]) for column in rows.columns[skipped:]]
        stream.write(_keys(prefix, element, [("iri", "string"), *names[1:]] if element == "node" else names))
    default = "directed" if network.directed else "undirected"
    stream.write(f' <graph id="G" edgedefault="{default}">\n'.encode())
    for number, value in enumerate(entries.values()):
        stream.write(f'  <data key="g{number}">{xml_text(value)}</data>\n'.encode())
    _write_nodes(network.nodes, stream)
    _write_edges(network.edges, stream)
    stream.write(b" </graph>\n</graphml>\n")


def _keys(prefix: str, element: str, columns: Sequence[tuple[str, str]]) -> bytes:
    """Return the declarations of the attributes of an element; equal names would be taken for one."""
    lines = []
    taken: set[str] = set()
    for number, (name, kind) in enumerate(columns):
        shown = _NO_NAME_CHARACTER.sub(".", name) or "."
        while shown in taken:
            shown = f"{shown}.{number}"
        taken.add(shown)
        described = "/>" if shown == name else f"><desc>{xml_text(name)}</desc></key>"
        opening = f' <key id="{prefix}{number}" for="{element}" attr.name="{shown}" attr.type="{kind}"'
        lines.append(f"{opening}{described}\n")
    return "".join(lines).encode()


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
