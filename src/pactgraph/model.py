"""What the rooms hand to each other: frozen values without behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A read-only checkpoint of one revision, in a directory that does not change any more."""

    path: Path
    revision: int


@dataclass(frozen=True, slots=True)
class Update:
    """What one revision did to the store, and to how many quads.

    ``default`` is the SPARQL update that did it to the default graph, ``named`` that to the named graphs;
    either may be empty.
    """

    revision: int
    default: str
    named: str
    added: int
    removed: int

    @property
    def size(self) -> int:
        """How many characters its texts have."""
        return len(self.default) + len(self.named)


@dataclass(frozen=True, slots=True)
class Revision:
    """One step in the history of the graph: who, when and why."""

    number: int
    agent: str
    ended_at: datetime
    message: str


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query and how to answer it (SPARQL 1.1 Protocol §2.1).

    ``default_graphs`` and ``named_graphs`` override the dataset clauses of the query, as the protocol asks.
    Without ``media_type`` the first format that fits the query form is used; without ``timeout`` the
    server's. ``client`` is who asks, so that clients can take turns.
    """

    text: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    media_type: str | None = None
    timeout: float | None = None
    snapshot: Snapshot | None = None
    client: str = ""
