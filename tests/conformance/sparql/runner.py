"""Runs one W3C case over HTTP and says what is wrong with the answer, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pyoxigraph as ox

from .manifest import MF, RDF, Case, Graph
from .profile import Profile
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

HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"
SD = "http://www.w3.org/ns/sparql-service-description#"
_FROM = re.compile(r"\bFROM\s+(?:NAMED\s+)?<([^>]*)>", re.IGNORECASE)
_REDUCED = re.compile(r"^\s*SELECT\s+REDUCED", re.IGNORECASE | re.MULTILINE)


class Runner:
    """Runs cases against one server."""

    def __init__(self, profile: Profile, url: str, client: httpx2.Client) -> None:
        self._profile = profile
        self._url = url
        self._client = client
        kinds: list[tuple[str, Callable[[Case], str | None]]] = [
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
        self._profile.hold("nothing", [])
        answer = self._ask(case, "*/*")
        return None if answer.status_code == 200 else _problem(answer)

    def _negative(self, case: Case) -> str | None:
        self._profile.hold("nothing", [])
        answer = self._ask(case, "*/*")
        return None if answer.status_code == 400 else f"{answer.status_code} instead of 400"

    def _evaluation(self, case: Case) -> str | None:
        assert case.query is not None
        assert case.result is not None
        self._profile.hold((case.data, case.graphs, case.query), _quads(case))
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

    def _protocol(self, case: Case) -> str | None:
        graph, action = case.node
        self._profile.hold((case.name, case.graphs), _protocol_quads(case))
        for request in graph.items(graph.one(action, HT + "requests")):
            fault = self._exchange(graph, request)
            if fault is not None:
                return fault
        return None

    def _exchange(self, graph: Graph, request: object) -> str | None:
        target = graph.one(request, HT + "absolutePath").value.replace("/sparql/", "/sparql", 1)
        answer = self._client.send(self._request(graph, request, target))
        expected = graph.one(request, HT + "resp")
        codes = {
            each.value.rpartition("StatusCode")[2][0] for each in graph.all(expected, MF + "expectedStatus")
        }
        if str(answer.status_code)[0] not in codes:
            return f"{answer.status_code} instead of {'/'.join(sorted(codes))}xx"
        boolean = graph.one(expected, MF + "expectedBoolean")
        if boolean is not None and read_answer(answer.content, _type(answer)) is not (
            boolean.value == "true"
        ):
            return "the other boolean"
        shape = graph.one(expected, MF + "expectedFormat")
        if shape is not None and not _has_shape(answer, shape.value):
            return f"{_type(answer)} is not {shape.value}"
        return None

    def _request(self, graph: Graph, request: object, target: str) -> httpx2.Request:
        headers = {
            graph.one(each, HT + "fieldName").value: graph.one(each, HT + "fieldValue").value
            for each in graph.items(graph.one(request, HT + "headers"))
        }
        body = graph.one(request, HT + "body")
        content = None
        if body is not None:
            encoding = graph.one(body, CNT + "characterEncoding")
            content = graph.one(body, CNT + "chars").value.encode(encoding.value if encoding else "utf-8")
        method = graph.one(request, HT + "methodName").value
        return self._client.build_request(method, self._url + target, headers=headers, content=content)

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


def _type(answer: httpx2.Response) -> str:
    return str(answer.headers.get("content-type", "")).partition(";")[0]


def _has_shape(answer: httpx2.Response, shape: str) -> bool:
    kind = _type(answer)
    if shape == "RDF":
        return ox.RdfFormat.from_media_type(kind) is not None
    found = read_answer(answer.content, kind)
    return isinstance(found, bool) if shape == "boolean" else isinstance(found, Table)


def _problem(answer: httpx2.Response) -> str:
    return f"{answer.status_code} {answer.json().get('detail', '')}"[:200]


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


def _protocol_quads(case: Case) -> Iterator[ox.Quad]:
    for name, path in case.graphs:
        yield from _parse(path, ox.NamedNode(name))


def _parse(path: Path, graph: ox.NamedNode | ox.DefaultGraph) -> Iterator[ox.Quad]:
    for quad in ox.parse(path=path, base_iri=path.as_uri(), rename_blank_nodes=True):
        name = graph if isinstance(quad.graph_name, ox.DefaultGraph) else quad.graph_name
        yield ox.Quad(quad.subject, quad.predicate, quad.object, name)
