"""Exports of earlier states, through the command line, HTTP and Python."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import networkx as nx
import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result
from fastapi.testclient import TestClient
from lxml import etree

import pactgraph
from pactgraph.app import asking, open_for_writing
from pactgraph.cli import main
from pactgraph.config import Limits
from pactgraph.errors import InputError
from pactgraph.exports.formats import ExportFormat, formats_of
from pactgraph.exports.views import read_views
from pactgraph.ledger import Patch
from pactgraph.web.application import create_application

from .conftest import HOSTILE
from .readers import READERS

O4 = "https://w3id.org/eukdp/id/x/o4"
DAYS = (datetime(2024, 1, 10, tzinfo=UTC), datetime(2024, 3, 10, tzinfo=UTC))
MORE = f"""
@prefix pact: <https://w3id.org/eukdp/ontology#> . @prefix : <https://w3id.org/eukdp/id/x/> .
@prefix org: <http://www.w3.org/ns/org#> .
<https://w3id.org/eukdp/graph/a> {{ <{O4}> a org:Organization .
  :part9 a pact:ProjectParticipation ; pact:agent <{O4}> ; pact:takesPartIn :project . }}
"""
EDGES = "SELECT ?source ?target { ?part pact:agent ?source ; pact:takesPartIn ?target }"
# What names a state, and how many edges the view ``collaboration`` has in it.
STATES = {
    "2023-12-31": 0,
    "2024-01-10": 3,
    "1": 3,
    "2024-03-09": 3,
    "2024-03-10": 6,
    "2": 6,
    "2024-03-10T00:00:00+00:00": 6,
}


class Lenient:
    conforms = True

    def judge(self, *_: object) -> Lenient:
        return self

    def to_json(self) -> str:
        return "{}"

    def to_turtle(self) -> str:
        return ""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with two revisions, of two days."""
    folder = tmp_path_factory.mktemp("earlier")
    seed = folder / "seed"
    seed.mkdir()
    (seed / "facts.trig").write_text(HOSTILE, encoding="utf-8")
    (seed / "pact.ttl").write_text("<https://w3id.org/eukdp/ontology> a <urn:x> .", encoding="utf-8")
    days = iter(DAYS)
    ledger = open_for_writing(
        folder / "data", judge=Lenient(), clock=lambda: next(days), ontology=seed, facts=seed
    )
    with closing(ledger):
        added = tuple(ox.parse(MORE, format=ox.RdfFormat.TRIG))
        ledger.commit(Patch(added), author="ann", message="more")
    return folder / "data"


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[httpx2.Client]:
    with asking(data, Limits(workers=1)) as service, TestClient(create_application(service)) as client:
        yield client


def run(data: Path, *arguments: object) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments), "--data", str(data)])


@pytest.mark.parametrize("when", STATES)
def test_every_door_gives_the_same_state(
    data: Path, client: httpx2.Client, tmp_path: Path, when: str
) -> None:
    done = run(data, "export", "collaboration", tmp_path / "out.graphml", "--at", when)
    assert done.exit_code == 0, done.output
    written = (tmp_path / "out.graphml").read_bytes()
    answer = client.get("/exports/collaboration.graphml", params={"at": when})
    assert answer.content == written
    told = nx.read_graphml(io.BytesIO(written), force_multigraph=True)
    assert told.number_of_edges() == STATES[when]
    assert answer.headers["x-pactgraph-revision"] == told.graph["revision"]
    with pactgraph.open(data) as graph:
        network = graph.networkx("collaboration", at=when)
        assert network.graph["checksum"] == told.graph["checksum"]
        assert len(graph.frame("collaboration", at=when)) == STATES[when]


@pytest.mark.parametrize(("when", "edges"), [("2023-12-31", 0), ("1", 5), ("2", 6)])
def test_queries_look_back_too(
    data: Path, client: httpx2.Client, tmp_path: Path, when: str, edges: int
) -> None:
    (tmp_path / "edges.rq").write_text(EDGES)
    out = tmp_path / "out.json"
    done = run(data, "export", "--query", tmp_path / "edges.rq", out, "--at", when)
    assert done.exit_code == 0, done.output
    assert len(json.loads(out.read_bytes())["edges"]) == edges
    answer = client.post("/exports/query.json", data={"query": EDGES, "at": when})
    assert answer.content == out.read_bytes()
    with pactgraph.open(data) as graph:
        assert graph.networkx(query=EDGES, at=when).number_of_edges() == edges


@pytest.mark.parametrize("form", formats_of(read_views()["timeline"]), ids=lambda form: form.name)
def test_before_the_first_revision_every_format_is_empty_and_says_what_it_is(
    client: httpx2.Client, form: ExportFormat
) -> None:
    answer = client.get(f"/exports/timeline.{form.name}", params={"at": "2023-12-31"})
    assert (answer.status_code, answer.headers["x-pactgraph-revision"]) == (200, "0")
    if form.name in READERS:
        assert READERS[form.name](answer.content) == (0, 0, 0, 0)
    if form.name not in {"edges-csv", "nodes-csv", "png", "csv", "neo4j", "xlsx"}:  # tables, and packed ones
        assert b"CC-BY-4.0" in answer.content


@pytest.mark.parametrize("form", formats_of(read_views()["timeline"]), ids=lambda form: form.name)
def test_the_command_line_and_http_give_the_same_bytes(
    data: Path, client: httpx2.Client, tmp_path: Path, form: ExportFormat
) -> None:
    out = tmp_path / "out"
    done = run(data, "export", "timeline", out, "--format", form.name, "--lang", "ko", "--analyse")
    assert done.exit_code == 0, done.output
    answer = client.get(f"/exports/timeline.{form.name}?lang=ko&analyse=true")
    assert answer.content == out.read_bytes()
    assert answer.headers["content-type"].startswith(form.media_type)


def test_the_empty_graphml_says_its_revision_view_and_counts(data: Path, tmp_path: Path) -> None:
    done = run(data, "export", "people", tmp_path / "out.graphml", "--at", "2023-12-31")
    assert (done.exit_code, "0 nodes, 0 edges" in done.stderr) == (0, True)
    told = nx.read_graphml(tmp_path / "out.graphml").graph
    assert (told["view"], told["revision"], told["nodes"], told["edges"]) == ("people", "0", "0", "0")
    assert etree.parse(tmp_path / "out.graphml").getroot().findall("{*}graph/{*}node") == []


def test_an_empty_state_has_a_tag_of_its_own(client: httpx2.Client) -> None:
    then, now = (client.get("/exports/people.json", params={"at": at}) for at in ("2023-12-31", "2"))
    assert then.headers["etag"] != now.headers["etag"]
    tag = {"If-None-Match": then.headers["etag"]}
    assert client.get("/exports/people.json", params={"at": "2023-12-30"}, headers=tag).status_code == 304


@pytest.mark.parametrize(
    ("when", "words"), [("3", "newest is 2"), ("0", "no revision 0"), ("soon", "neither")]
)
def test_what_names_no_state_is_refused_at_every_door(
    data: Path, client: httpx2.Client, tmp_path: Path, when: str, words: str
) -> None:
    done = run(data, "export", "people", tmp_path / "out.json", "--at", when)
    assert (done.exit_code, words in done.stderr) == (2, True)
    assert words in client.get("/exports/people.json", params={"at": when}).json()["detail"]
    with pactgraph.open(data) as graph, pytest.raises(InputError, match=words):
        graph.networkx("people", at=when)


@pytest.mark.parametrize(
    ("view", "text", "words"),
    [
        (
            "nothing",
            None,
            "the views are entities, collaboration, people, funding, topics, timeline, statements",
        ),
        (None, "SELECT ?a ?b { ?a ?p ?b }", "lacks ?source and ?target (it has ?a, ?b)"),
        (None, "ASK {}", "use SELECT with ?source and ?target, or CONSTRUCT"),
    ],
)
def test_what_is_no_network_is_told_in_the_same_words_at_every_door(
    data: Path, client: httpx2.Client, tmp_path: Path, view: str | None, text: str | None, words: str
) -> None:
    (tmp_path / "asked.rq").write_text(text or "")
    asked = [view] if view else ["--query", tmp_path / "asked.rq"]
    done = run(data, "export", *asked, tmp_path / "out.json")
    assert (done.exit_code, words in done.stderr) == (2, True)
    answer = client.get(f"/exports/{view or 'query'}.json", params={"query": text} if text else {})
    assert answer.status_code == (404 if view else 400)
    assert words in answer.json()["detail"]
    with pactgraph.open(data) as graph, pytest.raises(InputError) as refused:
        graph.networkx(view, query=text)
    assert words in refused.value.message


def test_an_unknown_format_lists_the_known_at_every_door(
    data: Path, client: httpx2.Client, tmp_path: Path
) -> None:
    done = run(data, "export", "people", tmp_path / "out.pajek")
    answer = client.get("/exports/people.pajek")
    assert (done.exit_code, answer.status_code) == (2, 404)
    for form in formats_of(read_views()["people"]):
        assert f"{form.name} ({form.suffix})" in done.stderr
        assert f"{form.name} ({form.suffix})" in answer.json()["detail"]


def test_analyse_looks_back(data: Path) -> None:
    results = [
        json.loads(run(data, "analyse", "collaboration", "--format", "json", "--at", at).stdout)["results"]
        for at in ("1", "2")
    ]
    assert [O4 in {row["id"] for row in rows} for rows in results] == [False, True]
    assert run(data, "analyse", "collaboration", "--at", "2023-12-31").exit_code == 1


def test_the_shipped_graph_has_one_state_there_since_it_was_opened(tmp_path: Path) -> None:
    found = []
    for when in ("2020-01-01", "1"):
        done = run(tmp_path / "none", "export", "people", tmp_path / "out.json", "--at", when)
        assert done.exit_code == 0, done.output
        found.append(json.loads((tmp_path / "out.json").read_bytes())["edges"])
    assert found[0] == []
    assert found[1]
