"""Clients that people use, against the server as it is: SPARQLWrapper, rdflib, curl, Comunica, doctor."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, N3, POST, TURTLE, SPARQLWrapper

PROGRAM = """
import sys
from pathlib import Path
import pyoxigraph as ox
from pactgraph.service import Service
from pactgraph.config import Limits
from pactgraph.store import EmbeddedDataset
from pactgraph.web.server import run

EX = "http://example.org/"
def first():
    graph = ox.NamedNode(EX + "graph")
    name = ox.NamedNode(EX + "name"), ox.Literal("이름", language="ko"), graph
    for n in range(30):
        yield ox.Quad(ox.NamedNode(f"{EX}n{n}"), *name)
with Service(EmbeddedDataset.open(Path(sys.argv[1]), first=first), Limits(workers=2)) as service:
    run(service, host="127.0.0.1", port=0, on_ready=lambda url: print(url, flush=True))
"""
COUNT = "SELECT (COUNT(*) AS ?n) { ?s <http://example.org/name> ?o }"
CONSTRUCT = "CONSTRUCT WHERE { ?s <http://example.org/name> ?o }"


@pytest.fixture(scope="module")
def environment():
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


@pytest.fixture(scope="module")
def url(tmp_path_factory, environment):
    data = tmp_path_factory.mktemp("clients") / "data"
    command = [sys.executable, "-c", PROGRAM, str(data)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        yield process.stdout.readline().strip()
        process.terminate()


@pytest.mark.parametrize("method", ["GET", POST])
def test_sparqlwrapper(url, method):
    client = SPARQLWrapper(f"{url}/sparql")
    client.setMethod(method)
    client.setQuery(COUNT)
    client.setReturnFormat(JSON)
    assert client.queryAndConvert()["results"]["bindings"][0]["n"]["value"] == "30"
    client.setReturnFormat(CSV)
    assert client.queryAndConvert().split() == [b"n", b"30"]
    client.setQuery(CONSTRUCT)
    for kind in (TURTLE, N3):
        client.setReturnFormat(kind)
        assert len(list(ox.parse(client.query().response.read(), format=ox.RdfFormat.TURTLE))) == 30


def test_rdflib_sparqlstore(url):
    store = SPARQLStore(f"{url}/sparql")
    [[number]] = list(store.query(COUNT))
    assert int(number) == 30
    triples = list(store.triples((None, URIRef("http://example.org/name"), None)))
    assert len(triples) == 30
    assert triples[0][0][2].language == "ko"


def curl(*arguments: str) -> str:
    done = subprocess.run(["curl", "-sS", *arguments], capture_output=True, check=True, timeout=60)
    return done.stdout.decode()


@pytest.mark.skipif(shutil.which("curl") is None, reason="install curl")
def test_curl(url):
    query = f"query={COUNT}"
    assert curl("-H", "Accept: text/csv", "--data-urlencode", query, f"{url}/sparql").split() == ["n", "30"]
    assert curl(
        "-G", "--compressed", "-H", "Accept: text/csv", "--data-urlencode", query, f"{url}/sparql"
    ).split()
    head = curl("-I", "-G", "--data-urlencode", query, f"{url}/sparql")
    assert head.startswith("HTTP/1.1 200")
    assert len(list(ox.parse(curl(f"{url}/.well-known/void").encode(), format=ox.RdfFormat.TURTLE))) > 10


@pytest.mark.skipif(
    "PACTGRAPH_COMUNICA" not in os.environ,
    reason="npm install @comunica/query-sparql in a folder and set PACTGRAPH_COMUNICA to it",
)
def test_comunica(url):
    program = Path(os.environ["PACTGRAPH_COMUNICA"]) / "node_modules/.bin/comunica-sparql"
    query = "SELECT ?o { <http://example.org/n1> <http://example.org/name> ?o }"
    done = subprocess.run(
        [program, f"sparql@{url}/sparql", query, "-t", "application/sparql-results+json"],
        capture_output=True,
        check=True,
        timeout=120,
    )
    assert json.loads(done.stdout)["results"]["bindings"][0]["o"]["value"] == "이름"


def test_the_doctor_finds_nothing_wrong(url, environment):
    done = subprocess.run(
        [sys.executable, "-m", "pactgraph", "doctor", "--url", url],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    assert "FAIL" not in done.stdout
    assert done.stdout.count("\n") > 20


def test_the_doctor_says_when_nobody_answers(environment):
    done = subprocess.run(
        [sys.executable, "-m", "pactgraph", "doctor", "--url", "http://127.0.0.1:9"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "is the server running?" in done.stderr
