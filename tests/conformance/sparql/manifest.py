"""Reads the W3C's SPARQL test manifests (1.0, 1.1, 1.2) into cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pyoxigraph as ox

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
DAWGT = "http://www.w3.org/2001/sw/DataAccess/tests/test-dawg#"

# Entailment regimes are another specification, which this server does not claim.
# http-rdf-update is deprecated by the W3C itself in favour of graph-store-protocol, which is here.
LEFT_OUT = {"entailment", "http-rdf-update"}
QUERY_KINDS = {
    "QueryEvaluationTest",
    "CSVResultFormatTest",
    "PositiveSyntaxTest",
    "PositiveSyntaxTest11",
    "NegativeSyntaxTest",
    "NegativeSyntaxTest11",
    "ProtocolTest",
    "ServiceDescriptionTest",
}
UPDATE_KINDS = {
    "UpdateEvaluationTest",
    "PositiveUpdateSyntaxTest",
    "PositiveUpdateSyntaxTest11",
    "NegativeUpdateSyntaxTest",
    "NegativeUpdateSyntaxTest11",
    "GraphStoreProtocolTest",
}


class Graph:
    """One manifest, read by subject and predicate."""

    def __init__(self, path: Path) -> None:
        self._values: dict[object, dict[str, list[object]]] = {}
        for quad in ox.parse(path=path, base_iri=path.as_uri()):
            predicates = self._values.setdefault(quad.subject, {})
            predicates.setdefault(quad.predicate.value, []).append(quad.object)

    def all(self, subject: object, predicate: str) -> list[object]:
        return self._values.get(subject, {}).get(predicate, [])

    def one(self, subject: object, predicate: str) -> object | None:
        return next(iter(self.all(subject, predicate)), None)

    def items(self, head: object | None) -> Iterator[object]:
        while head is not None and head != ox.NamedNode(RDF + "nil"):
            yield self.one(head, RDF + "first")
            head = self.one(head, RDF + "rest")

    def subjects(self) -> Iterator[object]:
        return iter(self._values)


@dataclass(frozen=True)
class Case:
    """One test: what it is called, what kind it is, and the files it is made of."""

    name: str
    kind: str
    folder: Path
    query: Path | None = None
    data: tuple[Path, ...] = ()
    graphs: tuple[tuple[str, Path], ...] = ()
    result: Path | None = None
    result_graphs: tuple[tuple[str, Path], ...] = ()
    node: object = field(default=None, compare=False)

    def __str__(self) -> str:
        return self.name


def path_of(iri: object) -> Path:
    return Path(unquote(urlsplit(iri.value).path))


def read_cases(root: Path) -> list[Case]:
    """Return every case below a folder, in the order of the names."""
    cases: dict[str, Case] = {}
    for path in sorted(root.glob("sparql1*/**/manifest*.ttl")):
        if path.parent.name in LEFT_OUT:
            continue
        graph = Graph(path)
        for case in _cases_of(graph, path, root):
            cases.setdefault(case.name, case)
    return sorted(cases.values(), key=lambda case: case.name)


def _cases_of(graph: Graph, path: Path, root: Path) -> Iterator[Case]:
    for subject in list(graph.subjects()):
        for head in graph.all(subject, MF + "entries"):
            for entry in graph.items(head):
                types = [each.value.rpartition("#")[2] for each in graph.all(entry, RDF + "type")]
                kind = next((each for each in types if each in QUERY_KINDS | UPDATE_KINDS), None)
                if kind is not None:
                    label = entry.value.rpartition("#")[2] if isinstance(entry, ox.NamedNode) else "?"
                    name = f"{path.parent.relative_to(root)}/{label.rpartition('/')[2]}"
                    yield _case(graph, entry, name, kind, path.parent)


def _case(graph: Graph, entry: object, name: str, kind: str, folder: Path) -> Case:
    action, result = graph.one(entry, MF + "action"), graph.one(entry, MF + "result")
    if isinstance(action, ox.NamedNode):
        return Case(name, kind, folder, query=path_of(action))
    space = UT if graph.one(action, UT + "request") is not None else QT
    query = graph.one(action, QT + "query") or graph.one(action, UT + "request")
    holder = action if kind != "ProtocolTest" else entry
    return Case(
        name,
        kind,
        folder,
        query=path_of(query) if query else None,
        data=tuple(path_of(each) for each in graph.all(action, space + "data")),
        graphs=tuple(_graphs(graph, holder)),
        result=path_of(result) if isinstance(result, ox.NamedNode) else _data(graph, result),
        result_graphs=tuple(_graphs(graph, result)),
        node=(graph, action),
    )


def _data(graph: Graph, result: object) -> Path | None:
    data = graph.one(result, UT + "data") if result is not None else None
    return path_of(data) if data is not None else None


def _graphs(graph: Graph, subject: object) -> Iterator[tuple[str, Path]]:
    for each in (*graph.all(subject, QT + "graphData"), *graph.all(subject, UT + "graphData")):
        if isinstance(each, ox.NamedNode):
            yield each.value, path_of(each)
        else:
            file = graph.one(each, UT + "graph") or graph.one(each, QT + "graph")
            yield graph.one(each, RDFS + "label").value, path_of(file)
