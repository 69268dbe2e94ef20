"""The same edge over the real worker pool: what only real processes can show."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, closing
from urllib.parse import quote, urlsplit

import pyoxigraph as ox
import pytest

PROGRAM = """
import sys
from pathlib import Path
from types import SimpleNamespace
from pactgraph.config import Limits
from pactgraph.model import Snapshot
from pactgraph.query.pool import QueryPool
from pactgraph.web.documents import Documents
from pactgraph.web.server import run

def say(url):
    print(url, flush=True)

snapshot, *files = map(Path, sys.argv[1:])
pool = QueryPool(Snapshot(snapshot, 1), workers=2, timeout=60, memory_mb=512)
service = SimpleNamespace(revision=1, pool=pool, queries=pool, limits=Limits(), gauges=list, counters=list)
service.is_fresh, service.snapshot = True, lambda when=None: pool.current()
run(service, host="127.0.0.1", port=0, on_ready=say, documents=Documents(*((each,) for each in files)))
pool.close()
"""
ROWS = 3000
PRODUCT = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture
def snapshot(tmp_path):
    store = ox.Store(tmp_path / "store")
    name = ox.NamedNode("http://example.org/n")
    store.bulk_extend(
        ox.Quad(ox.NamedNode(f"http://example.org/{n}"), name, ox.Literal(n)) for n in range(ROWS)
    )
    store.backup(tmp_path / "snapshot")
    return tmp_path / "snapshot"


@pytest.fixture
def server(snapshot, files):
    documents = [files / f"{name}.ttl" for name in ("ontology", "topics", "shapes")]
    command = [sys.executable, "-c", PROGRAM, snapshot, *documents]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.fixture
def ready(server):
    url = urlsplit(server.stdout.readline().strip())
    return url.hostname, url.port


@pytest.fixture
def ask(ready):
    connection = http.client.HTTPConnection(*ready, timeout=30)

    def send(query, method="GET", **headers):
        connection.request(method, "/sparql?query=" + quote(query), headers=headers)
        return connection.getresponse()

    yield send
    connection.close()


def test_answers_errors_and_cuts(ask):
    found = ask("SELECT * { ?s ?p ?o }", Accept="text/csv").read()
    assert found.count(b"\r\n") == ROWS + 1
    assert ask("ASK {", Accept="text/csv").read().startswith(b'{"type": "https://w3id.org/eukdp/problem/')
    refused = ask("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }")
    assert (refused.status, refused.headers["content-type"]) == (400, "application/problem+json")
    assert refused.read()
    head = ask("SELECT * { ?s ?p ?o }", "HEAD")
    assert (head.status, head.read()) == (200, b"")


def test_a_query_over_its_time_is_503_before_and_cut_after_its_first_byte(ready):
    connection = http.client.HTTPConnection(*ready, timeout=30)
    counted = quote(PRODUCT.replace("*", "(COUNT(*) AS ?n)", 1))
    connection.request("GET", f"/sparql?timeout=1&query={counted}")
    response = connection.getresponse()
    assert (response.status, b'"code": "query-timeout"' in response.read()) == (503, True)
    connection.request("GET", f"/sparql?timeout=1&query={quote(PRODUCT)}")
    response = connection.getresponse()
    assert response.status == 200
    with pytest.raises(http.client.IncompleteRead):
        response.read()
    connection.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_more_queries_open_than_workers(server, ready, number):
    target = "/sparql?query=" + quote(PRODUCT.replace("*", "(COUNT(*) AS ?n)", 1))
    with ExitStack() as open_sockets:
        for _ in range(5):
            each = open_sockets.enter_context(socket.create_connection(ready, timeout=10))
            each.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        health = open_sockets.enter_context(closing(http.client.HTTPConnection(*ready, timeout=10)))
        health.request("GET", "/healthz")
        assert health.getresponse().read() == b"ok\n"
        server.send_signal(number)
        server.communicate(timeout=5)  # the time that the contract gives it
    assert server.returncode == 0
