"""Reads expected results and compares them with answers, blank nodes by isomorphism."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyoxigraph as ox

from pactgraph.terms import canonical

RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
_FORMATS = {
    ".srx": ox.QueryResultsFormat.XML,
    ".srj": ox.QueryResultsFormat.JSON,
    ".tsv": ox.QueryResultsFormat.TSV,
}
MEDIA_TYPES = {
    ".srx": "application/sparql-results+xml",
    ".srj": "application/sparql-results+json",
    ".tsv": "text/tab-separated-values",
    ".csv": "text/csv",
}


class Table:
    """The solutions of a query, comparable."""

    def __init__(
        self, variables: list[str], rows: list[dict[str, object]], indexes: list[int] | None = None
    ) -> None:
        self.variables = set(variables)
        self.rows = rows
        self.indexes = indexes

    def distinct(self) -> Table:
        rows = {tuple(sorted((name, str(value)) for name, value in row.items())): row for row in self.rows}
        return Table(sorted(self.variables), list(rows.values()))

    def canonical(self, *, ordered: bool) -> ox.Dataset:
        quads = []
        for number, row in enumerate(self.rows):
            node = ox.BlankNode(f"row{number}")
            quads.append(ox.Quad(node, ox.NamedNode("urn:row"), ox.Literal("row")))
            if ordered:
                index = self.indexes[number] if self.indexes else number + 1
                quads.append(ox.Quad(node, ox.NamedNode("urn:index"), ox.Literal(index)))
            for name, value in row.items():
                quads.append(ox.Quad(node, ox.NamedNode(f"urn:var:{name}"), value))
        return graph_of(quads)


def read_answer(body: bytes, media_type: str) -> Table | bool:
    """Read a SPARQL result document."""
    results = ox.parse_query_results(body, format=ox.QueryResultsFormat.from_media_type(media_type))
    return _table(results)


def _table(results: object) -> Table | bool:
    if isinstance(results, ox.QueryBoolean):
        return bool(results)
    names = [variable.value for variable in results.variables]
    rows = [
        {name: value for name, value in zip(names, solution, strict=True) if value is not None}
        for solution in results
    ]
    return Table(names, rows)


def read_expected(path: Path) -> Table | bool | ox.Dataset:
    """Read an expected result: a result document, a result set in RDF, or a graph."""
    if path.suffix in _FORMATS:
        return _table(ox.parse_query_results(path=path, format=_FORMATS[path.suffix]))
    quads = list(ox.parse(path=path, base_iri=path.as_uri()))
    if any(quad.object == ox.NamedNode(RS + "ResultSet") for quad in quads):
        return _result_set(quads)
    return graph_of(quads)


def graph_of(quads: list[ox.Quad]) -> ox.Dataset:
    """Return a graph with numbers and dates in canonical form, as the store keeps them by value."""
    dataset = ox.Dataset(canonical(quads))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def _result_set(quads: list[ox.Quad]) -> Table | bool:
    values: dict[object, dict[str, list[object]]] = {}
    for quad in quads:
        values.setdefault(quad.subject, {}).setdefault(quad.predicate.value, []).append(quad.object)
    root = next(quad.subject for quad in quads if quad.object == ox.NamedNode(RS + "ResultSet"))
    if RS + "boolean" in values[root]:
        return values[root][RS + "boolean"][0].value == "true"
    rows, indexes = [], []
    for solution in values[root].get(RS + "solution", []):
        bindings = [
            values[each] for each in values.get(solution, {}).get(RS + "binding", []) if each in values
        ]
        rows.append({each[RS + "variable"][0].value: each[RS + "value"][0] for each in bindings})
        indexes += [int(each.value) for each in values.get(solution, {}).get(RS + "index", [])]
    names = [each.value for each in values[root].get(RS + "resultVariable", [])]
    return Table(names, rows, indexes or None)


def same_reduced(expected: Table, found: Table) -> bool:
    """Compare with lax cardinality: REDUCED may leave out any number of duplicates."""
    few, many = expected.distinct(), found.distinct()
    return same_tables(few, many) and len(few.rows) <= len(found.rows) <= len(expected.rows)


def same_tables(expected: Table, found: Table) -> bool:
    if expected.variables != found.variables or len(expected.rows) != len(found.rows):
        return False
    ordered = expected.indexes is not None
    return expected.canonical(ordered=ordered) == found.canonical(ordered=ordered)


def same_csv(expected: bytes, found: bytes) -> bool:
    """Compare as text; the order of columns (free with ``SELECT *``) and labels of blank nodes are open."""

    def rows(body: bytes) -> list[list[str]]:
        table = list(csv.reader(io.StringIO(body.decode())))
        order = sorted(range(len(table[0])), key=table[0].__getitem__)
        cells = [["_:" if row[at].startswith("_:") else row[at] for at in order] for row in table]
        return [cells[0], *sorted(cells[1:])]

    return rows(expected) == rows(found)
