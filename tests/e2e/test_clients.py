"""Real clients get from the server the rows that the library gives, whatever the format.

The server is the command that people run, on the shipped graph, in an empty folder.
"""

import csv
import io
import os
import signal
import subprocess
import sys
import warnings
from contextlib import contextmanager
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from rdflib import Graph
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, TSV, XML, SPARQLWrapper

import pactgraph
from pactgraph.resources import shipped

QUERY = (shipped("queries") / "q11-council-meetings.rq").read_text()
MONEY = """
PREFIX pact: <https://w3id.org/eukdp/ontology#>
SELECT ?amount ?value ?text WHERE { ?amount pact:amountValue ?value ; pact:amountText ?text } ORDER BY ?amount
"""
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


@contextmanager
def serving(folder):
    command = [sys.executable, "-m", "pactgraph", "serve", "--port", "0"]
    environment = {name: value for name, value in os.environ.items() if name != "PACTGRAPH_DATA"}
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        ) as server,
    ):
        try:
            yield server.stdout.readline().strip(), server
        finally:
            server.kill()


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("served")) as (url, server):
        yield f"{url}/sparql"
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=5) == 0


@pytest.fixture(scope="module")
def library():
    with pactgraph.open() as graph:
        yield graph


def ask(url, query, accept):
    request = Request(f"{url}?{urlencode({'query': query})}", headers={"Accept": accept})
    with urlopen(request) as answer:
        return answer.read().decode()


def lexical(row):
    return [None if term is None else str(term) for term in row]


@pytest.mark.parametrize("query", [QUERY, MONEY, COUNT], ids=["meetings", "money", "count"])
def test_sparqlwrapper_gets_the_rows_of_the_library(url, library, query):
    expected = [lexical(row) for row in library.query(query)]
    assert expected
    names = [str(name) for name in library.query(query).vars]
    client = SPARQLWrapper(url)
    client.setQuery(query)
    client.setReturnFormat(JSON)
    rows = client.queryAndConvert()["results"]["bindings"]
    assert [[row[name]["value"] if name in row else None for name in names] for row in rows] == expected
    client.setReturnFormat(XML)
    results = client.queryAndConvert().getElementsByTagName("result")
    assert len(results) == len(expected)
    for form, delimiter in ((CSV, ","), (TSV, "\t")):
        client.setReturnFormat(form)
        lines = list(csv.reader(io.StringIO(client.queryAndConvert().decode()), delimiter=delimiter))
        assert len(lines) == len(expected) + 1


def test_csv_holds_the_same_values(url, library):
    lines = list(csv.reader(io.StringIO(ask(url, MONEY, "text/csv"))))
    assert lines[0] == ["amount", "value", "text"]
    assert lines[1:] == [lexical(row) for row in library.query(MONEY)]


@pytest.mark.parametrize("query", [QUERY, MONEY, COUNT], ids=["meetings", "money", "count"])
def test_rdflibs_sparqlstore_gets_the_rows_of_the_library(url, library, query):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's own, inside its store
        rows = [lexical(row) for row in Graph(SPARQLStore(url)).query(query)]
    assert rows == [lexical(row) for row in library.query(query)]


def test_the_remote_graph_gives_the_rows_of_the_embedded_one(url, library):
    with pactgraph.open(url) as remote:
        assert [lexical(row) for row in remote.query(MONEY)] == [lexical(row) for row in library.query(MONEY)]


def test_a_triple_of_several_sources_counts_once(url, library):
    signed = "agreement:digital-partnership pact:signedOn ?day FILTER(STR(?day) = '2022-11-28')"
    graphs = [row.g for row in library.query(f"SELECT ?g {{ GRAPH ?g {{ {signed} }} }} ORDER BY ?g")]
    assert len(graphs) >= 2
    both = " ".join(f"FROM <{graph}>" for graph in graphs)
    for dataset in ("", both):
        query = f"SELECT (COUNT(*) AS ?n) {dataset} WHERE {{ {signed} }}"
        assert [int(row.n) for row in library.query(query)] == [1]
        assert ask(url, query, "text/csv").split() == ["n", "1"]
