"""GEXF 1.3 (https://gexf.net/schema.html), streamed; dynamic where there are dates.

GEXF knows whole days only. ``start`` is the first and ``end`` the last day that a date can mean; the date as
the source gives it is an attribute (``start_as_stated``, ``end_as_stated``) of the same node or edge. Label
and weight
are GEXF's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc

from pactgraph.exports.about import CREDIT, About
from pactgraph.exports.dates import first_day, last_day
from pactgraph.exports.network import Column, Network, Rows
from pactgraph.exports.scan import joined
from pactgraph.exports.writers.xml import around, xml_cells, xml_text

_TYPES = {"text": "string", "date": "string", "integer": "long", "double": "double", "boolean": "boolean"}
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://gexf.net/1.3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://gexf.net/1.3 http://gexf.net/1.3/gexf.xsd" version="1.3">
"""
_NUMBERS = {"integer", "double"}
_STATED = {"start": "start_as_stated", "end": "end_as_stated"}


def write_gexf(network: Network, about: About, stream: IO[bytes]) -> None:
    """Write a network as GEXF, in constant memory."""
    stream.write(_HEAD.encode())
    stream.write(_meta(about))
    default = "directed" if network.directed else "undirected"
    mode = 'mode="static"'
    if _has_dates(network.nodes) or _has_dates(network.edges):
        mode = 'mode="dynamic" timeformat="date" timerepresentation="interval"'
    stream.write(f'<graph defaultedgetype="{default}" {mode} idtype="string">\n'.encode())
    stream.write(_attributes("node", network.nodes, 1))
    stream.write(_attributes("edge", network.edges, 2))
    stream.write(b"<nodes>\n")
    _write(network.nodes, stream, ends=1)
    stream.write(b"</nodes>\n<edges>\n")
    _write(network.edges, stream, ends=2)
    stream.write(b"</edges>\n</graph>\n</gexf>\n")


def _meta(about: About) -> bytes:
    lines = "\n".join(f"{name}: {value}" for name, value in about.xml_entries().items())
    keywords = ", ".join(word for word in ("pactgraph", about.view, f"revision {about.revision}") if word)
    return (
        f"<meta><creator>{xml_text(CREDIT)}</creator>"
        f"<keywords>{xml_text(keywords)}</keywords><description>{xml_text(lines)}</description></meta>\n"
    ).encode()


def _has_dates(rows: Rows) -> bool:
    return any(column.name in {"start", "end"} for column in rows.columns)


def _attributes(element: str, rows: Rows, ends: int) -> bytes:
    lines = [
        f'<attribute id="{number}" title="{_title(column)}" type="{_TYPES[column.kind]}"/>'
        for number, column in enumerate(rows.columns)
        if number >= ends and not _is_native(column)
    ]
    return f'<attributes class="{element}">{"".join(lines)}</attributes>\n'.encode() if lines else b""


def _title(column: Column) -> str:
    return xml_text(_STATED.get(column.name, column.name))


def _is_native(column: Column) -> bool:
    """Whether GEXF has an XML attribute for the column."""
    return column.name == "label" or (column.name == "weight" and column.kind in _NUMBERS)


def _write(rows: Rows, stream: IO[bytes], *, ends: int) -> None:
    """Write nodes (one end: themselves) or edges (two)."""
    element = "node" if ends == 1 else "edge"
    written = 0
    for batch in rows.batches():
        cells = [xml_cells(column) for column in batch.columns]
        if ends == 1:
            opening = [around('<node id="', cells[0], '"')]
        else:
            numbers = pa.array(range(written, written + len(batch)), pa.int64()).cast(pa.string())
            opening = [around('<edge id="e', numbers, '" source="'), cells[0], '" target="', cells[1], '"']
        attributes = []
        for number, column in enumerate(rows.columns):
            if number >= ends and _is_native(column):
                opening.append(around(f' {column.name}="', cells[number], '"'))
            elif number >= ends:
                attributes.append(around(f'<attvalue for="{number}" value="', cells[number], '"/>'))
        opening += _interval(batch)
        stream.write(joined(*opening, "><attvalues>", *attributes, f"</attvalues></{element}>\n"))
        written += len(batch)


def _interval(batch: pa.RecordBatch) -> list[pa.Array]:
    """Return the XML attributes for when rows begin and end; an end before the beginning is left out."""
    names = batch.schema.names
    start = _days(batch.column("start"), first_day) if "start" in names else None
    end = _days(batch.column("end"), last_day) if "end" in names else None
    if start is not None and end is not None:
        end = pc.if_else(pc.fill_null(pc.less(end, start), False), None, end)
    return [
        around(f' {name}="', days, '"') for name, days in (("start", start), ("end", end)) if days is not None
    ]


def _days(column: pa.Array, day: Callable[[str], str | None]) -> pa.Array:
    """Return the day of each date; a column has few different dates, so each is worked out once."""
    coded = column.cast(pa.string()).dictionary_encode()
    days = pa.array(
        [None if date is None else day(date) for date in coded.dictionary.to_pylist()], pa.string()
    )
    return days.take(coded.indices)
