"""The doors with the shipped graph and the shipped shapes: what a contributor meets."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import httpx2
import pyoxigraph as ox
import pytest

from pactgraph.app import open_for_writing
from pactgraph.config import Limits
from pactgraph.service import Service
from pactgraph.tokens import Tokens

BASE = "https://w3id.org/eukdp/"
GRAPH = f"{BASE}graph/forum-notice"
PREFIXES = f"""
@prefix code: <{BASE}code/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix event: <{BASE}id/event/> .
@prefix graph: <{BASE}graph/> .
@prefix pact: <{BASE}ontology#> .
@prefix polity: <{BASE}id/polity/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix source: <{BASE}source/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
NOTICE = f"""{PREFIXES}
graph:forum-notice {{
  graph:forum-notice a pact:SourceGraph ; prov:hadPrimarySource source:forum-notice .
  source:forum-notice a pact:Source ; dcterms:title "Notice of a forum"@en ; dcterms:publisher "KSIA" ;
    dcterms:issued "2026-10-01"^^xsd:date ; pact:grade code:grade\\/institutional ; pact:sourceNumber 990 ;
    pact:url "https://example.org/notice"^^xsd:anyURI .
  event:test-forum a pact:ResearchForum ; skos:prefLabel "A test forum"@en , "시험 포럼"@ko ;
    pact:eventStatus code:event-status\\/planned ; pact:plannedStartDate "2026-12-01"^^xsd:date .
}}
"""
TRIG = {"Content-Type": "application/trig"}


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    ledger = open_for_writing(tmp_path_factory.mktemp("shipped") / "data")
    with Service(ledger.dataset, Limits(timeout=20, memory_mb=500, workers=2), ledger) as opened:
        yield opened


@pytest.fixture(scope="module")
def url(service, serve):
    with serve(service) as address:
        yield address


@pytest.fixture(scope="module")
def client(service, url):
    token = Tokens(service.dataset.path).create("ann", "writer", datetime.now(UTC))
    with httpx2.Client(base_url=url, timeout=120, headers={"Authorization": f"Bearer {token}"}) as each:
        yield each


@pytest.fixture(scope="module")
def notice(client):
    """The revision that brings a source and a forum of its own."""
    answer = client.post("/changes", params={"message": "a forum"}, content=NOTICE.encode(), headers=TRIG)
    assert answer.status_code == 201, answer.text
    return answer.json()["revision"]


def test_a_good_submission_is_let_in_and_told(client, notice):
    told = client.get(f"/changes/{notice}").json()
    assert (told["author"], told["message"]) == ("ann", "a forum")
    assert told["added"] == 14
    story = client.get("/changes", params={"iri": f"{BASE}id/event/test-forum"}).json()["revisions"]
    assert [each["revision"] for each in story] == [notice]


def test_a_bad_one_is_refused_in_words_that_help(client, notice, service):
    before = service.revision
    bad = f"""{PREFIXES} graph:forum-notice {{
        event:test-forum pact:hostParty polity:european-union , polity:republic-of-korea .
        event:other-forum a pact:ResearchForum ; skos:prefLabel "기타 포럼"@ko . }}"""
    answer = client.post("/changes", content=bad.encode(), headers=TRIG)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    found = answer.json()["violations"]
    about = {
        (each["focus"]["value"].rpartition("/")[2], each["path"] and each["path"]["label"]) for each in found
    }
    assert ("test-forum", "host party") in about
    for each in found:
        assert {"focus", "path", "value", "shape", "severity", "message", "suggestion"} <= each.keys()
        assert "https://" not in each["message"]
    hosts = next(each for each in found if each["path"] and each["path"]["label"] == "host party")
    assert hosts["message"].startswith("“A test forum”, host party: One side hosts an event")
    shacl = client.post("/changes", content=bad.encode(), headers={**TRIG, "Accept": "text/turtle"})
    results = [
        quad for quad in ox.parse(shacl.content, format=ox.RdfFormat.TURTLE) if "#result>" in str(quad)
    ]
    assert (shacl.status_code, len(results)) == (422, len(found) + len(answer.json()["warnings"]))
    assert service.revision == before


def test_a_source_that_nobody_described_is_refused(client, notice):
    answer = client.post(
        "/changes",
        params={"source": f"{BASE}source/nowhere"},
        content=f"{PREFIXES} event:test-forum skos:altLabel 'x'@en .".encode(),
        headers={"Content-Type": "text/turtle"},
    )
    assert answer.status_code == 422
    assert [each["code"] for each in answer.json()["violations"]] == ["no-source"]


def test_an_update_a_revert_and_why(client, notice, url):
    host = f"<{BASE}id/event/test-forum> <{BASE}ontology#hostParty>"
    text = f"INSERT DATA {{ GRAPH <{GRAPH}> {{ {host} <{BASE}id/polity/european-union> }} }}"
    update = client.post("/sparql/update", data={"update": text})
    assert update.status_code == 200, update.text
    refused = client.post(
        "/sparql/update", data={"update": text.replace("european-union", "republic-of-korea")}
    )
    assert refused.status_code == 422
    why = client.get(
        "/why", params={"s": f"{BASE}id/event/test-forum", "p": f"{BASE}ontology#hostParty"}
    ).json()
    support = why["statements"][0]["supports"][0]
    assert support["revision"] == update.json()["revision"]
    assert support["sources"] == [
        {
            "iri": f"{BASE}source/forum-notice",
            "title": "Notice of a forum",
            "publisher": "KSIA",
            "grade": "institution, project or data repository",
        }
    ]
    ask = {"query": f"ASK {{ {host} ?host }}"}
    accept = {"Accept": "application/sparql-results+json"}
    assert client.get("/sparql", params=ask, headers=accept).json()["boolean"] is True
    then = client.get("/sparql", params={**ask, "at": str(notice)}, headers=accept)
    assert (then.json()["boolean"], then.headers["x-pactgraph-revision"]) == (False, str(notice))
    assert client.post(f"{update.headers['location']}/revert").status_code == 201
    assert client.get("/sparql", params=ask, headers=accept).json()["boolean"] is False


def test_a_shipped_graph_goes_round(client):
    place = {"graph": f"{BASE}graph/aen-call"}
    got = client.get("/graphs", params=place, headers={"Accept": "text/turtle"})
    same = client.put("/graphs", params=place, content=got.content, headers={"Content-Type": "text/turtle"})
    assert (same.status_code, same.json()["revision"]) == (200, None), same.text
    refused = client.delete("/graphs", params={"graph": f"{BASE}graph/editors"})
    assert refused.status_code == 422
    inferred = client.get("/why", params={"s": f"{BASE}id/participation/nehil-partner-imec"}).json()
    support = inferred["statements"][0]["supports"][0]
    assert (support["inferred"], support["reason"]) == (True, "joint talk with Yoon on LiDAR")


def test_eight_clients_never_give_a_forum_two_hosts(url, client, notice):
    """Issue 3, Order, with the shipped shapes."""
    polities = ["european-union", "republic-of-korea", "canada", "japan"] * 2
    start, statuses = threading.Barrier(8), []
    headers = {**client.headers, "Content-Type": "application/n-quads"}

    def race(polity):
        body = (
            f"<{BASE}id/event/test-forum> <{BASE}ontology#hostParty> <{BASE}id/polity/{polity}> <{GRAPH}> ."
        )
        with httpx2.Client(base_url=url, timeout=120, headers=headers) as each:
            start.wait(10)
            statuses.append(each.post("/changes", content=body.encode()).status_code)

    threads = [threading.Thread(target=race, args=(polity,)) for polity in polities]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    hosts = f"SELECT ?host {{ <{BASE}id/event/test-forum> <{BASE}ontology#hostParty> ?host }}"
    accept = {"Accept": "application/sparql-results+json"}
    found = client.get("/sparql", params={"query": hosts}, headers=accept).json()["results"]["bindings"]
    assert len(found) == 1
    assert sorted(statuses) == [200, 201] + [422] * 6


def test_what_may_be_there_already_is_named_and_let_in_all_the_same(client, notice):
    again = f"""{PREFIXES} graph:forum-notice {{ <{BASE}id/organisation/samsung-again>
        a <http://www.w3.org/ns/org#Organization> ; skos:prefLabel "SAMSUNG Electronics"@en , "다른 이름"@ko . }}"""
    told = client.post("/changes", params={"dry_run": "true"}, content=again.encode(), headers=TRIG)
    assert told.status_code == 200, told.text
    hints = [each for each in told.json()["report"]["results"] if each["code"] == "possible-duplicate"]
    assert [(each["value"]["value"], each["value"]["label"]) for each in hints] == [
        (f"{BASE}id/organisation/samsung-electronics", "Samsung Electronics")
    ]
    assert hints[0]["severity"] == "Info"
    wrong = again.replace("skos:prefLabel", "pact:hostParty 1 ; skos:prefLabel")
    refused = client.post("/changes", content=wrong.encode(), headers={**TRIG, "Accept": "text/turtle"})
    assert refused.status_code == 422
    assert "PossibleDuplicate" in refused.text
