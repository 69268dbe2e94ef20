"""Exports over HTTP, from a real pool over a real directory."""

from __future__ import annotations

import io
import zipfile

import httpx2
import networkx as nx
import pytest
from fastapi.testclient import TestClient
from lxml import html

from pactgraph.app import asking
from pactgraph.config import Limits
from pactgraph.web.application import create_application

EDGES = "SELECT ?source ?target { ?source <https://w3id.org/eukdp/ontology#inSeries> ?target }"


@pytest.fixture(scope="module")
def client():
    with asking(None, Limits(workers=1)) as service, TestClient(create_application(service)) as client:
        yield client


def test_the_list_names_an_address_that_answers(client: httpx2.Client) -> None:
    views = client.get("/exports").json()["views"]
    address = {view["name"]: view for view in views}["people"]["formats"]["graphml"]
    answer = client.get(address)
    assert answer.headers["content-type"] == "application/graphml+xml"
    assert answer.headers["content-disposition"] == 'attachment; filename="people.graphml"'
    assert answer.headers["x-pactgraph-revision"] == "1"
    graph = nx.read_graphml(io.BytesIO(answer.content), force_multigraph=True)
    assert graph.number_of_edges() == int(graph.graph["edges"]) > 0


def test_people_get_a_page_whose_every_link_and_button_answers(client: httpx2.Client) -> None:
    page = client.get("/exports", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.headers["content-type"].startswith("text/html")
    tree = html.fromstring(page.content)
    links = [link for link in tree.xpath("//main//a/@href") if link.startswith("/exports/")]
    listed = client.get("/exports").json()["views"]
    assert links == [address for view in listed for address in view["formats"].values()]
    assert client.head(links[0]).status_code == 200
    example = {"query": tree.findtext(".//textarea")}
    for button in ("graphml", "json", "csv.zip"):
        (address,) = tree.xpath(f"//button[@formaction='/exports/query.{button}']/@formaction")
        assert client.get(address, params=example).status_code == 200


def test_the_same_revision_has_the_same_tag_and_bytes(client: httpx2.Client) -> None:
    first, second = (client.get("/exports/funding.csv") for _ in range(2))
    assert (first.content, first.headers["etag"]) == (second.content, second.headers["etag"])
    assert set(zipfile.ZipFile(io.BytesIO(first.content)).namelist()) == {
        "nodes.csv",
        "edges.csv",
        "README.txt",
    }
    held = client.get("/exports/funding.csv", headers={"If-None-Match": first.headers["etag"]})
    assert (held.status_code, held.content) == (304, b"")
    assert client.get("/exports/funding.csv?lang=ko").headers["etag"] != first.headers["etag"]


def test_a_query_by_get_and_by_post(client: httpx2.Client) -> None:
    got = client.get("/exports/query.json", params={"query": EDGES})
    posted = client.post("/exports/query.json", data={"query": EDGES})
    assert got.json() == posted.json()
    assert got.json()["graph"]["edges"] == len(got.json()["edges"]) > 0


def test_an_analysis_is_columns(client: httpx2.Client) -> None:
    nodes = client.get("/exports/collaboration.json?analyse=true&from=2020&to=2025").json()["nodes"]
    assert nodes[0].keys() >= {"betweenness", "community", "degree_from", "degree_to"}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/exports/nothing.graphml", 404, "unknown-view"),
        ("/exports/people.pajek", 404, "unknown-format"),
        ("/exports/people.ics", 404, "unknown-format"),
        ("/exports/query.json", 400, "missing-query"),
        ("/exports/query.json?query=SELECT%20%3Fa%20%7B%3Fa%20%3Fb%20%3Fc%7D", 400, "not-a-graph"),
        ("/exports/query.json?query=SELEC", 400, None),
        ("/exports/people.json?lang=e_n", 400, "bad-request"),
        ("/exports/people.json?from=2024", 400, "bad-request"),
    ],
)
def test_asking_wrongly_is_a_problem(client: httpx2.Client, path: str, status: int, code: str | None) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert code is None or answer.json()["code"] == code
