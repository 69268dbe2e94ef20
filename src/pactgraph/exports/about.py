"""What every file says about itself: where it comes from, what is in it, and what was replaced.

The checksum is the SHA-256 of the rows, whatever the format. For each row of the nodes, then of the edges, in
the order of Parquet, each cell and a tab, and at the end of the row a line feed; a cell is its text with
``\\\\``, tab, line feed and carriage return written as ``\\\\\\\\``, ``\\\\t``, ``\\\\n`` and ``\\\\r``;
nothing for a value that is not
there.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pactgraph.exports.network import Network, Rows
from pactgraph.exports.scan import count_not_xml, escaped, joined
from pactgraph.vocab import BASE

LICENCE = "CC-BY-4.0"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"
CREDIT = "EU–Korea Digital Partnership graph, the pactgraph authors"
CONTROL = "control characters replaced by U+FFFD"
CELLS_QUOTED = "cells that a spreadsheet would take for a formula, with ' before them"
CELLS_CUT = "cells cut at 32,767 characters"

_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))


@dataclass(frozen=True, slots=True)
class About:
    """The description of one network, the same for every format but for what that format had to replace."""

    title: str
    description: str
    view: str | None
    query: str | None
    revision: int | None
    newest_source: str | None
    language: str
    nodes: int
    edges: int
    directed: bool
    checksum: str
    note: str = ""
    controls: int = 0
    replaced: dict[str, int] = field(default_factory=dict)

    @property
    def citation(self) -> str:
        """How to cite the file."""
        revision = "" if self.revision is None else f", revision {self.revision}"
        return f"{CREDIT}{revision}, {self.title.lower() if self.view else 'own query'}, {BASE} ({LICENCE})"

    def entries(self, **replaced: int) -> dict[str, Any]:
        """Return everything as plain values; ``replaced`` adds what a format had to replace."""
        return {
            "title": self.title,
            "description": self.description,
            "view": self.view,
            "query": self.query,
            "revision": self.revision,
            "newest_source": self.newest_source,
            "language": self.language,
            "nodes": self.nodes,
            "edges": self.edges,
            "directed": self.directed,
            "replaced": {**self.replaced, **{rule: number for rule, number in replaced.items() if number}},
            "licence": LICENCE,
            "licence_url": LICENCE_URL,
            "citation": self.citation,
            "checksum": self.checksum,
            "note": self.note,
        }

    def xml_entries(self) -> dict[str, str]:
        """Return everything as text, for formats that are XML or lines."""
        return as_text(self.entries(**{CONTROL: self.controls}))


def as_text(entries: dict[str, Any]) -> dict[str, str]:
    """Return the entries that have a value, as text; what was replaced becomes JSON."""
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
        for name, value in entries.items()
        if value not in (None, "")
    }


def describe(network: Network) -> About:
    """Read a network once and return its description."""
    digest = hashlib.sha256()
    controls = sum(_digest(rows, digest) for rows in (network.nodes, network.edges))
    origin = network.origin
    return About(
        title=origin.title,
        description=origin.description,
        view=origin.view,
        query=origin.query,
        revision=origin.revision,
        newest_source=origin.newest_source,
        language=origin.language,
        nodes=len(network.nodes),
        edges=len(network.edges),
        directed=network.directed,
        checksum=f"sha256:{digest.hexdigest()}",
        note=origin.note,
        controls=controls,
        replaced=dict(network.replaced),
    )


def _digest(rows: Rows, digest: Any) -> int:  # noqa: ANN401 — hashlib's objects have no public type
    """Feed the rows to a digest, and return how many characters XML could not hold."""
    controls = 0
    for batch in rows.batches():
        cells = []
        for column in batch.columns:
            text = column if column.type == pa.string() else pc.cast(column, pa.string())
            if column.type == pa.string():
                controls += count_not_xml(text)
                text = escaped(text, _ESCAPES)
            cells.append(pc.coalesce(text, ""))
        digest.update(joined(*cells, "\n", separator="\t"))
    return controls
