"""Runs one W3C case over HTTP and says what is wrong with the answer, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pyoxigraph as ox

from .exchanges import Exchanges
from .manifest import RDF, Case
from .results import (
    MEDIA_TYPES,
    Table,
    graph_of,
    read_answer,
    read_expected,
    same_csv,
    same_reduced,
    same_tables,
)
from .server import Server

SD = "http://www.w3.org/ns/sparql-service-description#"
_FROM = re.compile(r"\bFROM\s+(?:NAMED\s+)?<([^>]*)>", re.IGNORECASE)
_REDUCED = re.compile(r"^\s*SELECT\s+REDUCED", re.IGNORECASE | re.MULTILINE)


class Runner:
    """Runs cases against one server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._url = server.url
        self._client = server.client
        kinds: list[tuple[str, Callable[[Case], str | None]]] = [
            ("PositiveUpdateSyntax", self._positive_update),
            ("NegativeUpdateSyntax", self._negative_update),
            ("UpdateEvaluation", self._update),
            ("GraphStoreProtocol", self._protocol),
            ("PositiveSyntax", self._positive),
            ("NegativeSyntax", self._negative),
            ("QueryEvaluation", self._evaluation),
            ("CSVResult", self._evaluation),
            ("Protocol", self._protocol),
            ("ServiceDescription", self._description),
        ]
        self._kinds = kinds

    def run(self, case: Case) -> str | None:
        """Return what is wrong, or nothing."""
        for prefix, run in self._kinds:
            if case.kind.startswith(prefix):
                return run(case)
        raise ValueError(f"{case.kind} is not run here")

    def _ask(self, case: Case, accept: str) -> httpx2.Response:
        assert case.query is not None
        text = case.query.read_bytes().decode("utf-8", "surrogateescape").encode("utf-8", "surrogateescape")
        base = f"BASE <{case.query.as_uri()}>\n".encode()
        headers = {"Content-Type": "application/sparql-query", "Accept": accept}
        return self._client.post(self._url + "/sparql", content=base + text, headers=headers)

    def _positive(self, case: Case) -> str | None:
        answer = self._ask(case, "*/*")
        return None if answer.status_code == 200 else _problem(answer)

    def _negative(self, case: Case) -> str | None:
        answer = self._ask(case, "*/*")
        return None if answer.status_code == 400 else f"{answer.status_code} instead of 400"

    def _evaluation(self, case: Case) -> str | None:
        assert case.query is not None
        assert case.result is not None
        self._server.hold(dataset_of(case), _quads(case))
        accept = MEDIA_TYPES.get(
            case.result.suffix, "application/sparql-results+json, application/n-triples;q=0.5"
        )
        answer = self._ask(case, accept)
        if answer.status_code != 200:
            return _problem(answer)
        media_type = answer.headers["content-type"].partition(";")[0]
        if media_type == "text/csv":
            return None if same_csv(case.result.read_bytes(), answer.content) else "other rows"
        expected = read_expected(case.result)
        if media_type == "application/n-triples":
            quads = ox.parse(answer.content, format=ox.RdfFormat.N_TRIPLES)
            return None if graph_of(list(quads)) == expected else "another graph"
        found = read_answer(answer.content, media_type)
        if isinstance(expected, Table) and isinstance(found, Table):
            same = same_reduced if _REDUCED.search(case.query.read_text(encoding="utf-8")) else same_tables
            return None if same(expected, found) else "other rows"
        return None if expected == found else f"{found} instead of {expected}"

    def _positive_update(self, case: Case) -> str | None:
        assert case.query is not None
        answer = self._change(case)
        if answer.status_code == 200:
            return None
        # Without SILENT, a graph operation on this dataset may fail; what was to be shown is that it is read,
        # to its end: LOAD, wherever it stands, is refused.
        missing = answer.json()["code"] in {"no-graph", "graph-exists"}
        return None if missing and "LOAD" not in case.query.read_text(encoding="utf-8") else _problem(answer)

    def _negative_update(self, case: Case) -> str | None:
        answer = self._change(case)
        return None if answer.status_code == 400 else f"{answer.status_code} instead of 400"

    def _update(self, case: Case) -> str | None:
        self._server.hold(case.name, _before(case))
        answer = self._change(case)
        if answer.status_code != 200:
            return _problem(answer)
        found = self._everything()
        return None if graph_of(found) == graph_of(list(_after(case))) else "another dataset"

    def _change(self, case: Case) -> httpx2.Response:
        assert case.query is not None
        text = f"BASE <{case.query.as_uri()}>\n".encode() + case.query.read_bytes()
        headers = self._server.writer | {"Content-Type": "application/sparql-update"}
        answer = self._client.post(self._url + "/sparql/update", content=text, headers=headers)
        if answer.status_code == 200:
            self._server.forget()
        return answer

    def _everything(self) -> list[ox.Quad]:
        answer = self._client.post(
            self._url + "/sparql",
            content="SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }",
            headers={"Content-Type": "application/sparql-query", "Accept": MEDIA_TYPES[".srj"]},
        )
        table = read_answer(answer.content, MEDIA_TYPES[".srj"])
        assert isinstance(table, Table)
        return [ox.Quad(row["s"], row["p"], row["o"], row.get("g")) for row in table.rows]

    def _protocol(self, case: Case) -> str | None:
        self._server.hold(case.name, _protocol_quads(case))
        fault = Exchanges(self._server, case).run()
        self._server.forget()
        return fault

    def _description(self, case: Case) -> str | None:
        answer = self._client.get(self._url + "/sparql", headers={"Accept": "application/n-triples"})
        quads = list(ox.parse(answer.content, format=ox.RdfFormat.N_TRIPLES))
        if case.name.endswith("has-endpoint-triple"):
            endpoint = ox.NamedNode(self._url + "/sparql")
            found = any(quad.predicate.value == SD + "endpoint" and quad.object == endpoint for quad in quads)
            return None if found else "no sd:endpoint"
        services = [quad.subject for quad in quads if quad.object == ox.NamedNode(SD + "Service")]
        typed = [quad.object for quad in quads if quad.predicate.value == RDF + "type"]
        return (
            None if len(services) == 1 and ox.NamedNode(SD + "Dataset") in typed else "no service or dataset"
        )


def _problem(answer: httpx2.Response) -> str:
    return f"{answer.status_code} {answer.json().get('detail', '')}"[:200]


def dataset_of(case: Case) -> tuple[object, ...]:
    """Return what the dataset of a query is made of, so that cases with the same one can follow each other."""
    assert case.query is not None
    named = _FROM.findall(case.query.read_text(encoding="utf-8", errors="replace"))
    return (case.data, case.graphs, tuple(named), case.query.parent if named else None)


def _quads(case: Case) -> Iterator[ox.Quad]:
    """What the case asks for: its data, its named graphs, and the graphs that FROM names."""
    for path in case.data:
        yield from _parse(path, ox.DefaultGraph())
    named = dict(case.graphs)
    assert case.query is not None
    for name in _FROM.findall(case.query.read_text(encoding="utf-8", errors="replace")):
        path = case.query.parent / Path(urlsplit(name).path).name
        if path.is_file():
            named.setdefault(path.as_uri(), path)
    for name, path in named.items():
        yield from _parse(path, ox.NamedNode(name))


def _before(case: Case) -> Iterator[ox.Quad]:
    for path in case.data:
        yield from _parse(path, ox.DefaultGraph())
    for name, path in case.graphs:
        yield from _parse(path, ox.NamedNode(name))


def _after(case: Case) -> Iterator[ox.Quad]:
    if case.result is not None:
        yield from _parse(case.result, ox.DefaultGraph())
    for name, path in case.result_graphs:
        yield from _parse(path, ox.NamedNode(name))


def _protocol_quads(case: Case) -> Iterator[ox.Quad]:
    for name, path in case.graphs:
        yield from _parse(path, ox.NamedNode(name))


def _parse(path: Path, graph: ox.NamedNode | ox.DefaultGraph) -> Iterator[ox.Quad]:
    for quad in ox.parse(path=path, base_iri=path.as_uri(), rename_blank_nodes=True):
        name = graph if isinstance(quad.graph_name, ox.DefaultGraph) else quad.graph_name
        yield ox.Quad(quad.subject, quad.predicate, quad.object, name)
