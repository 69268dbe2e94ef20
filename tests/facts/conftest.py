"""The dataset of the facts as the store holds it, and the dossier as it is edited."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest

from pactgraph.resources import shipped_files

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Row:
    """One row of the dossier: where it comes from, and the statements that carry it."""

    id: str
    sources: tuple[str, ...]
    evidence: str
    statements: frozenset[ox.Triple]


@pytest.fixture(scope="session")
def dataset() -> ox.Store:
    """Hold the named graphs, and in the default graph their set union with the ontology files."""
    store = ox.Store()
    for path in shipped_files("facts", ".trig"):
        store.bulk_load(path=str(path))
    union = [ox.Quad(quad.subject, quad.predicate, quad.object) for quad in store]
    store.bulk_extend(union)
    for path in shipped_files("ontology", ".ttl"):
        if path.name != "prefixes.ttl":
            store.bulk_load(path=str(path))
    return store


@pytest.fixture(scope="session")
def rows() -> dict[str, Row]:
    """Read the rows of ``dossier/`` with their statements."""
    statements: dict[str, set[ox.Triple]] = {}
    for path in sorted((CHECKOUT / "dossier" / "rows").glob("*.trig")):
        for quad in ox.parse(path=str(path)):
            row = quad.graph_name.value.rpartition("/")[2]
            statements.setdefault(row, set()).add(quad.triple)
    with (CHECKOUT / "dossier" / "rows.csv").open(newline="") as lines:
        return {
            line["id"]: Row(
                id=line["id"],
                sources=tuple(line["sources"].split()),
                evidence=line["evidence"],
                statements=frozenset(statements.get(line["id"], ())),
            )
            for line in csv.DictReader(lines)
        }
