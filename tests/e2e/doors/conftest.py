"""A small graph behind real sockets, with a judge that knows one rule: a forum has one host."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx2
import pytest
import uvicorn
from pyoxigraph import DefaultGraph, NamedNode

from pactgraph.app import open_for_writing
from pactgraph.config import Limits
from pactgraph.service import Service
from pactgraph.tokens import Tokens
from pactgraph.web.application import create_application

BASE = "https://w3id.org/eukdp/"
HOST = NamedNode("http://example.org/host")
ONTOLOGY = f"<{BASE}ontology> a <http://www.w3.org/2002/07/owl#Ontology> ."
PREFIXES = """
@prefix e: <http://example.org/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix pact: <https://w3id.org/eukdp/ontology#> .
@prefix graph: <https://w3id.org/eukdp/graph/> .
@prefix source: <https://w3id.org/eukdp/source/> .
"""
FACTS = """
graph:paper {
  graph:paper prov:hadPrimarySource source:paper .
  source:paper a pact:Source ; dcterms:title "The paper"@en ; dcterms:publisher "Press" ;
    pact:grade e:primary .
  e:forum a e:Forum ; e:host e:korea ; e:name "포럼"@ko , "forum"@en .
}
graph:report {
  graph:report prov:hadPrimarySource source:report .
  source:report a pact:Source ; dcterms:title "The report" .
  e:forum e:host e:korea .
}
"""


@dataclass(frozen=True)
class Opinion:
    results: list[dict[str, object]]

    @property
    def conforms(self) -> bool:
        return not any(each["severity"] == "Violation" for each in self.results)

    def to_json(self) -> str:
        return json.dumps({"conforms": self.conforms, "results": self.results})

    def to_turtle(self) -> str:
        return "[] a <http://www.w3.org/ns/shacl#ValidationReport> ."


class OneHost:
    """Refuses a second host; warns of a forum without a name."""

    def judge(self, dataset, added, removed, now):
        gone, results = set(removed), []
        for subject in {quad.subject for quad in added if quad.predicate == HOST}:
            before = {quad for quad in dataset.quads(subject, HOST, None, DefaultGraph()) if quad not in gone}
            after = before | {
                quad
                for quad in added
                if (quad.subject, quad.predicate) == (subject, HOST)
                and isinstance(quad.graph_name, DefaultGraph)
            }
            if len(after) > 1:
                results.append({"severity": "Violation", "message": f"“{subject.value}” has two hosts."})
        if any(str(quad.object.value) == "nameless" for quad in added):
            results.append({"severity": "Warning", "message": "It has no name."})
        return Opinion(results)


@contextmanager
def serving(service):
    """Serve on a free port; yield the URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_application(service), http="h11", ws="none", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        service.pool.close()
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture(scope="session")
def serve():
    return serving


@pytest.fixture(scope="session")
def seed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seed")
    (folder / "pact.ttl").write_text(ONTOLOGY, encoding="utf-8")
    (folder / "facts.trig").write_text(PREFIXES + FACTS, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def service(tmp_path_factory, seed):
    data = tmp_path_factory.mktemp("doors") / "data"
    ledger = open_for_writing(data, judge=OneHost(), ontology=seed, facts=seed)
    with Service(ledger.dataset, Limits(timeout=10, memory_mb=300, workers=2), ledger) as opened:
        yield opened


@pytest.fixture(scope="module")
def url(service):
    with serving(service) as address:
        yield address


@pytest.fixture(scope="module")
def token(service):
    return Tokens(service.dataset.path).create("ann", "writer", datetime.now(UTC))


@pytest.fixture
def anyone(url):
    with httpx2.Client(base_url=url, timeout=30) as client:
        yield client


@pytest.fixture
def writer(url, token):
    with httpx2.Client(base_url=url, timeout=30, headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


@pytest.fixture
def submit(writer):
    """Post Turtle with the prefixes; to the graph of the paper unless told otherwise."""

    def send(turtle, *, media_type="text/turtle", source=f"{BASE}source/paper", headers=None, **parameters):
        given = {"source": source, **parameters} if source else parameters
        content = (PREFIXES + turtle).encode()
        return writer.post(
            "/changes", params=given, content=content, headers={"Content-Type": media_type, **(headers or {})}
        )

    return send


@pytest.fixture
def ask(anyone):
    """Return the sorted values of the only variable of a query."""

    def send(query, **parameters):
        answer = anyone.get(
            "/sparql",
            params={"query": query, **parameters},
            headers={"Accept": "application/sparql-results+json"},
        )
        assert answer.status_code == 200, answer.text
        found = answer.json()["results"]["bindings"]
        return sorted(value["value"] for row in found for value in row.values())

    return send
