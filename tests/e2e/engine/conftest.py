"""A small graph of our own, so that these tests do not depend on the shipped facts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs

import pytest

from pactgraph.app import asking, open_dataset
from pactgraph.config import Limits
from pactgraph.errors import PactgraphError
from pactgraph.model import QueryRequest
from pactgraph.query.formats import formats_of
from pactgraph.query.guard import inspect
from pactgraph.service import Service
from pactgraph.store import EmbeddedDataset

ONTOLOGY = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix pact: <https://w3id.org/eukdp/ontology#> .
<https://w3id.org/eukdp/ontology> a owl:Ontology .
[] a owl:AllDisjointClasses ; owl:members ( pact:Project pact:Event ) .
"""
TOPICS = "<https://w3id.org/eukdp/topic> a <http://www.w3.org/2004/02/skos/core#ConceptScheme> ."
PREFIXES = "@prefix pact: <https://w3id.org/eukdp/ontology#> .\n@prefix id: <https://w3id.org/eukdp/id/> .\n"
FACTS = """
@prefix pact: <https://w3id.org/eukdp/ontology#> .
@prefix id: <https://w3id.org/eukdp/id/> .
@prefix graph: <https://w3id.org/eukdp/graph/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
graph:one { <https://w3id.org/eukdp/id/project/a> a pact:Project ; pact:budget 6 ;
            pact:name "가"@ko , "a"@en . }
graph:two { <https://w3id.org/eukdp/id/project/a> a pact:Project ; pact:budget 6 . }
graph:three { <https://w3id.org/eukdp/id/project/a> a pact:Project ; pact:start "2024-07"^^xsd:gYearMonth .
              <https://w3id.org/eukdp/source/three> pact:title "=1+1" . }
"""


@pytest.fixture(scope="session")
def ontology(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ontology")
    (folder / "pact.ttl").write_text(ONTOLOGY, encoding="utf-8")
    (folder / "topics.ttl").write_text(TOPICS, encoding="utf-8")
    (folder / "prefixes.ttl").write_text(PREFIXES, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("facts")
    (folder / "facts.trig").write_text(FACTS, encoding="utf-8")
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A place for a data directory that does not exist yet."""
    return tmp_path / "data"


@pytest.fixture
def dataset(data: Path, ontology: Path, facts: Path) -> Iterator[EmbeddedDataset]:
    with open_dataset(data, ontology=ontology, facts=facts) as opened:
        yield opened


@pytest.fixture(scope="session")
def service(ontology: Path, facts: Path) -> Iterator[Service]:
    """The small graph with two workers; 2 s and 300 MB for each query."""
    limits = Limits(timeout=2, memory_mb=300, workers=2)
    with asking(None, limits, ontology=ontology, facts=facts) as opened:
        yield opened


@pytest.fixture(scope="session")
def url(service: Service) -> Iterator[str]:
    """The same graph behind an endpoint on loopback, as small as the protocol allows."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            fields = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            try:
                text = fields["query"][0]
                offered = formats_of(inspect(text).form)
                wanted = [each.split(";")[0].strip() for each in self.headers["Accept"].split(",")]
                chosen = next(form for form in offered if form.media_type in wanted)
                graphs = tuple(fields.get("default-graph-uri", ()))
                request = QueryRequest(text, default_graphs=graphs, media_type=chosen.media_type)
                self.reply(200, chosen.media_type, service.pool.run(request).read())
            except PactgraphError as error:
                problem = json.dumps({"code": error.code, "detail": error.message}).encode()
                self.reply(error.status, "application/problem+json", problem)

        def reply(self, status: int, media_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/sparql"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
