"""The public Python API: the same rows from a directory, an endpoint and what is there."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
from rdflib import Literal, URIRef

import pactgraph
from pactgraph.app import open_dataset
from pactgraph.errors import DataDirectoryError, InputError, QueryFailed, QueryRefused
from pactgraph.model import QueryRequest
from pactgraph.query.remote import RemoteEndpoint

PACT = "https://w3id.org/eukdp/ontology#"
A = URIRef("https://w3id.org/eukdp/id/project/a")
NAMES = f"""SELECT ?s ?name ?none {{
    ?s <{PACT}name> ?name OPTIONAL {{ ?s <http://e.org/> ?none }}
}} ORDER BY LANG(?name)"""


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working directory without a data directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PACTGRAPH_DATA", raising=False)


@pytest.fixture(params=["directory", "endpoint", "shipped"])
def graph(
    request: pytest.FixtureRequest, elsewhere: None, data: Path, ontology: Path, facts: Path
) -> Iterator[pactgraph.Graph]:
    target: str | Path | None = None
    if request.param == "directory":
        open_dataset(data, ontology=ontology, facts=facts).close()
        target = data
    elif request.param == "endpoint":
        target = request.getfixturevalue("url")
    with pactgraph.open(target, ontology=ontology, facts=facts) as opened:
        yield opened


def test_rows_are_rdflib_terms(graph: pactgraph.Graph) -> None:
    result = graph.query(NAMES)
    assert [str(variable) for variable in result.vars] == ["s", "name", "none"]
    assert [tuple(row) for row in result] == [
        (A, Literal("a", lang="en"), None),
        (A, Literal("가", lang="ko"), None),
    ]
    first = next(iter(result))
    assert (first.s, first["name"], first[0]) == (A, Literal("a", lang="en"), A)
    assert len(result) == 2
    assert bool(result)


def test_an_ask_is_true_or_false(graph: pactgraph.Graph) -> None:
    assert graph.query("ASK { ?s ?p ?o }")
    assert not graph.query("ASK { ?s <http://e.org/> ?o }")


def test_a_construct_is_an_rdflib_graph(graph: pactgraph.Graph) -> None:
    result = graph.query(f"CONSTRUCT {{ ?s <{PACT}budget> ?o }} WHERE {{ ?s <{PACT}budget> ?o }}")
    assert set(result.graph) == {(A, URIRef(PACT + "budget"), Literal(6))}
    assert list(result) == list(result.graph)
    assert len(graph.query("CONSTRUCT WHERE { ?s <http://e.org/> ?o }")) == 0
    with pytest.raises(InputError, match="CONSTRUCT"):
        _ = graph.query("ASK {}").graph


def test_what_may_not_run_is_refused(graph: pactgraph.Graph) -> None:
    with pytest.raises(InputError, match="SERVICE") as caught:
        graph.query("ASK { SERVICE <http://127.0.0.1:1/> {} }")
    assert caught.value.code == QueryRefused.code


def test_a_frame_has_python_values(graph: pactgraph.Graph) -> None:
    frame = graph.query(
        f"SELECT ?budget ?s ?x {{ ?s <{PACT}budget> ?budget OPTIONAL {{ ?s <http://e.org/> ?x }} }}"
    ).frame()
    assert list(frame.columns) == ["budget", "s", "x"]
    assert frame["budget"].sum() == 6
    assert frame["s"][0] == str(A)
    assert frame["x"].isna().all()
    with pytest.raises(InputError, match="SELECT"):
        graph.query("ASK {}").frame()


def test_without_pandas_a_frame_says_what_to_install(
    graph: pactgraph.Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match=r"pactgraph\[frame\]"):
        graph.query(NAMES).frame()


def test_opening_what_is_there_makes_no_directory(graph: pactgraph.Graph, tmp_path: Path) -> None:
    graph.query("ASK {}")
    assert not (tmp_path / "pactgraph-data").exists()


def test_the_default_directory_is_opened_when_it_exists(
    data: Path, ontology: Path, facts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_dataset(data, ontology=ontology, facts=facts).close()
    monkeypatch.setenv("PACTGRAPH_DATA", str(data))
    with pactgraph.open() as graph:
        assert len(graph.query(NAMES)) == 2


def test_a_directory_that_is_not_there_is_told_and_not_made(data: Path) -> None:
    with pytest.raises(DataDirectoryError, match="pactgraph serve"):
        pactgraph.open(data)
    assert not data.exists()


@pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated")  # rdflib warns about itself
def test_the_rdflib_view_is_the_union_and_read_only(data: Path, ontology: Path, facts: Path) -> None:
    open_dataset(data, ontology=ontology, facts=facts).close()
    with pactgraph.open(data) as graph:
        view = graph.rdflib()
        budget = URIRef(PACT + "budget")
        assert list(view.objects(A, budget)) == [Literal(6)]
        assert len(list(view.quads((A, budget, None, None)))) == 3  # two sources and the union
        for write in (
            lambda: view.add((A, budget, Literal(7))),
            lambda: view.remove((A, budget, None)),
            lambda: view.update("INSERT DATA { <http://e.org/s> <http://e.org/p> 1 }"),
            lambda: view.parse(data="<http://e.org/s> <http://e.org/p> 1 .", format="turtle"),
        ):
            with pytest.raises(RuntimeError, match="read-write"):
                write()
        assert isinstance(view, rdflib.Dataset)


def test_a_remote_graph_has_no_rdflib_view(url: str) -> None:
    with pactgraph.open(url) as graph, pytest.raises(InputError, match="data directory"):
        graph.rdflib()


@pytest.mark.parametrize("target", ["ftp://example.org/sparql", "file:///etc/passwd", "http:///sparql"])
def test_only_http_is_an_endpoint(target: str) -> None:
    with pytest.raises(InputError, match="http or https"):
        pactgraph.open(target)


def test_the_address_of_a_server_will_do_for_its_endpoint(url: str) -> None:
    with pactgraph.open(url.removesuffix("/sparql")) as graph:
        assert graph.query("ASK {}")


def test_an_endpoint_that_is_not_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/sparql"
    with pytest.raises(QueryFailed, match="check the address"):
        RemoteEndpoint(address).run(QueryRequest("ASK {}"))


def test_the_graphs_of_a_request_reach_the_endpoint(url: str) -> None:
    request = QueryRequest("ASK { ?s ?p ?o }", default_graphs=("http://e.org/none",))
    assert RemoteEndpoint(url).run(request).read() == b'{"head":{},"boolean":false}'
