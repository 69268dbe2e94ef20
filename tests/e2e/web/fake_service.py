"""A service for the tests of the web: real evaluation in memory, and queries that misbehave on demand.

Run as a program, it serves on a free port until a signal ends it: `fake_service.py DOCUMENT…`.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from pactgraph.config import Limits
from pactgraph.errors import QueryFailed, SyntaxFault
from pactgraph.model import QueryRequest, Snapshot
from pactgraph.query.attempt import Blocking
from pactgraph.query.formats import BINDING_FORMATS, GRAPH_FORMATS, ResultFormat
from pactgraph.query.guard import Outline, inspect
from pactgraph.web.documents import Documents
from pactgraph.web.server import run

STATEMENTS = """
PREFIX : <http://example.org/>
PREFIX prov: <http://www.w3.org/ns/prov#>
INSERT DATA {
  :a :label "가나다"@ko , "<img onerror=alert(1)>" ; :n 1 . :b :n 2 .
  GRAPH :g1 { :a :n 1 } GRAPH :g2 { :b :n 2 }
  :g1 prov:hadPrimarySource :s1 . :g2 prov:hadPrimarySource :s2 .
}"""


class FakeAnswer:
    def __init__(
        self, form: str, format_: ResultFormat, chunks: Iterator[bytes], closed: threading.Event
    ) -> None:
        self.form = form
        self.format = format_
        self.chunks = chunks
        self.whole = None
        self.closed = closed

    def close(self) -> None:
        self.closed.set()


class FakePool:
    """Obeys comments in a query: `#slow`, `#crash`, `#bug`, `#cut`, `#endless`, `#stuck`, `#big`."""

    def __init__(self) -> None:
        self.store = ox.Store()
        self.store.update(STATEMENTS)
        self.requests: list[QueryRequest] = []
        self.answers: list[FakeAnswer] = []
        self.is_open = True
        self.isolation = None
        self._closing = threading.Event()

    def inspect(self, text: str) -> Outline:
        return inspect(text)

    def run(self, request: QueryRequest, cancellation=None, *, outline=None) -> FakeAnswer:
        self.requests.append(request)
        if "#slow" in request.text:
            self._closing.wait(60)
            raise QueryFailed("the server is stopping")
        if "#crash" in request.text:
            raise QueryFailed("the evaluation died", code="query-crashed")
        if "#bug" in request.text:
            raise RuntimeError("secret /etc/path")
        form, format_, whole = self._evaluate(request)
        closed = threading.Event()
        answer = FakeAnswer(form, format_, self._chunks(request.text, whole, closed), closed)
        self.answers.append(answer)
        if cancellation is not None:
            cancellation.call(answer.close)
        return answer

    def begin(self, request: QueryRequest, cancellation=None, *, outline=None) -> Blocking:
        return Blocking(lambda: self.run(request, cancellation, outline=outline))

    def close(self) -> None:
        self.is_open = False
        self._closing.set()
        for answer in self.answers:
            answer.close()

    def _evaluate(self, request: QueryRequest) -> tuple[str, ResultFormat, bytes]:
        try:
            result = self.store.query(
                request.text,
                default_graph=[ox.NamedNode(each) for each in request.default_graphs] or None,
                named_graphs=[ox.NamedNode(each) for each in request.named_graphs] or None,
            )
        except SyntaxError as fault:
            line, column = re.search(r"(\d+):(\d+)", str(fault)).groups()
            raise SyntaxFault(str(fault), line=int(line), column=int(column)) from None
        if isinstance(result, ox.QueryTriples):
            format_ = next(each for each in GRAPH_FORMATS if each.media_type == request.media_type)
            rdf_format = ox.RdfFormat.from_media_type(format_.media_type)
            return "CONSTRUCT", format_, ox.serialize(result, format=rdf_format)
        form = "ASK" if isinstance(result, ox.QueryBoolean) else "SELECT"
        format_ = next(each for each in BINDING_FORMATS if each.media_type == request.media_type)
        return (
            form,
            format_,
            result.serialize(format=ox.QueryResultsFormat.from_media_type(format_.media_type)),
        )

    def _chunks(self, text: str, whole: bytes, closed: threading.Event) -> Iterator[bytes]:
        if "#big" in text:
            for _ in range(2000):
                yield b"x" * 1000
            return
        yield whole[:10]
        if "#cut" in text:
            raise QueryFailed("over the time limit", code="query-timeout")
        while "#endless" in text and not closed.is_set():
            yield b"x" * 1000
        if "#stuck" in text:
            closed.wait(60)
            raise QueryFailed("the answer was closed")
        yield whole[10:]


class FakeService:
    limits = Limits()

    def __init__(self) -> None:
        self.revision = 1
        self.pool = FakePool()

    @property
    def queries(self) -> FakePool:
        return self.pool

    is_fresh = True

    def snapshot(self, when: str | None = None) -> Snapshot:
        return Snapshot(Path(), self.revision)

    def gauges(self) -> list[tuple[str, str, float]]:
        return [("revision", "The revision", 1)]

    def counters(self) -> list[tuple[str, str, str, dict[str, int]]]:
        return [("answers", "Answers", "source", {"hit": 1})]


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(files: list[str]) -> None:
    service = FakeService()
    documents = Documents(*((Path(each),) for each in files))
    run(service, host="127.0.0.1", port=0, on_ready=say, documents=documents)
    say("pool open" if service.pool.is_open else "pool closed")


if __name__ == "__main__":
    main(sys.argv[1:])
