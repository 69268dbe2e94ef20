"""The cases that are requests and answers themselves: SPARQL Protocol and Graph Store Protocol."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
import pyoxigraph as ox

from .manifest import MF, Case, Graph
from .results import Table, graph_of, read_answer
from .server import Server

HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"
_CODES = {"OK": "200", "Created": "201", "NoContent": "204", "NotFound": "404", "BadRequest": "400"}
_UPDATE = "application/sparql-update"
# The suite has one path for queries and updates and another for graphs below; each is a path of its own here.
_PATHS = (("/sparql/", "/sparql"), ("/gsp?", "/graphs?"), ("/gsp/", "/graph/"), ("/gsp", "/graphs"))


class Exchanges:
    """The requests of one case, one after the other."""

    def __init__(self, server: Server, case: Case) -> None:
        self._server = server
        self._case = case
        self._graph: Graph = case.node[0]
        self._known: dict[str, str] = {}

    def run(self) -> str | None:
        """Return what is wrong with the first answer that is not as expected, or nothing."""
        faults = map(self._exchange, self._requests())
        return next((fault for fault in faults if fault is not None), None)

    def _requests(self) -> Iterator[object]:
        return self._graph.items(self._graph.one(self._case.node[1], HT + "requests"))

    def _exchange(self, request: object) -> str | None:
        answer = self._server.client.send(self._request(request))
        expected = self._graph.one(request, HT + "resp")
        codes = [
            _code(each.value.rpartition("#")[2]) for each in self._graph.all(expected, MF + "expectedStatus")
        ]
        if not any(str(answer.status_code).startswith(code) for code in codes):
            return f"{answer.status_code} instead of {' or '.join(codes)}"
        location = self._graph.one(expected, MF + "expectedLocation")
        if location is not None:
            if "location" not in answer.headers:
                return "no Location"
            self._known[location.value] = answer.headers["location"]
        return self._fault_of_result(answer, expected) or self._fault_of_graph(answer, expected)

    def _fault_of_result(self, answer: httpx2.Response, expected: object) -> str | None:
        boolean = self._graph.one(expected, MF + "expectedBoolean")
        if boolean is not None and read_answer(answer.content, _type(answer)) is not (
            boolean.value == "true"
        ):
            return "the other boolean"
        shape = self._graph.one(expected, MF + "expectedFormat")
        if shape is not None and not _has_shape(answer, shape.value):
            return f"{_type(answer)} is not {shape.value}"
        return None

    def _fault_of_graph(self, answer: httpx2.Response, expected: object) -> str | None:
        headers = self._headers(expected)
        if "content-type" in headers and _type(answer) != headers["content-type"].partition(";")[0]:
            return f"{_type(answer)} instead of {headers['content-type']}"
        body = self._graph.one(expected, HT + "body")
        if body is None:
            return None
        wanted = self._filled(self._graph.one(body, CNT + "chars").value)
        triples = [list(ox.parse(text, format=ox.RdfFormat.TURTLE)) for text in (wanted, answer.text)]
        return None if graph_of(triples[0]) == graph_of(triples[1]) else "another graph"

    def _headers(self, message: object) -> dict[str, str]:
        return {
            self._graph.one(each, HT + "fieldName").value.lower(): self._graph.one(
                each, HT + "fieldValue"
            ).value
            for each in self._graph.items(self._graph.one(message, HT + "headers"))
        }

    def _request(self, request: object) -> httpx2.Request:
        headers = self._headers(request)
        body = self._graph.one(request, HT + "body")
        content = None
        if body is not None:
            encoding = self._graph.one(body, CNT + "characterEncoding")
            text = self._filled(self._graph.one(body, CNT + "chars").value)
            content = text.encode(encoding.value if encoding else "utf-8")
        method = self._graph.one(request, HT + "methodName").value
        path = self._target(
            self._filled(self._graph.one(request, HT + "absolutePath").value), headers, content
        )
        target = path if urlsplit(path).scheme else self._server.url + path
        return self._server.client.build_request(
            method, target, headers=headers | self._server.writer, content=content
        )

    def _target(self, path: str, headers: dict[str, str], content: bytes | None) -> str:
        if path.startswith("/sparql/") and self._is_update(path, headers, content):
            return path.replace("/sparql/", "/sparql/update", 1)
        for theirs, ours in _PATHS:
            if path.startswith(theirs):
                return path.replace(theirs, ours, 1)
        return path

    def _is_update(self, path: str, headers: dict[str, str], content: bytes | None) -> bool:
        """Whether a request is for the path that takes updates; where it shows neither, its case tells."""
        if headers.get("content-type") == "application/sparql-query":
            return False
        told = "update=" in path or (content or b"").startswith(b"update=")
        about_updates = self._case.name.rpartition("/")[2].startswith(
            ("update_", "bad_update", "bad_multiple_u")
        )
        return told or headers.get("content-type") == _UPDATE or (about_updates and "query=" not in path)

    def _filled(self, text: str) -> str:
        """Put what an answer told in the place of what stands for it."""
        for name, value in self._known.items():
            text = text.replace(name, value)
        return text


def _code(name: str) -> str:
    """Return how a status starts: a class such as ``StatusCode2xx`` by its digit."""
    return name.removeprefix("StatusCode")[0] if name.startswith("StatusCode") else _CODES[name]


def _type(answer: httpx2.Response) -> str:
    return str(answer.headers.get("content-type", "")).partition(";")[0]


def _has_shape(answer: httpx2.Response, shape: str) -> bool:
    kind = _type(answer)
    if shape == "RDF":
        return ox.RdfFormat.from_media_type(kind) is not None
    found = read_answer(answer.content, kind)
    return isinstance(found, bool) if shape == "boolean" else isinstance(found, Table)
