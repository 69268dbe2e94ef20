"""``/sparql/update``, ``/graphs``, ``/why`` and ``?at=`` over a real server."""

from __future__ import annotations

import threading

import httpx2
import pyoxigraph as ox
import pytest

PAPER = "https://w3id.org/eukdp/graph/paper"
NEW = "https://w3id.org/eukdp/graph/letter"
SOURCE = "https://w3id.org/eukdp/source/letter"
EX = "http://example.org/"
HOSTS = f"SELECT ?host {{ <{EX}forum> <{EX}host> ?host }}"
LETTER = f"""
<{SOURCE}> a <https://w3id.org/eukdp/ontology#Source> ; <http://purl.org/dc/terms/title> "A letter" .
<{EX}letter> <{EX}size> 3 .
"""
TURTLE = {"Content-Type": "text/turtle"}


@pytest.fixture
def update(writer):
    def send(text, **parameters):
        return writer.post(
            "/sparql/update",
            params=parameters,
            content=text.encode(),
            headers={"Content-Type": "application/sparql-update"},
        )

    return send


def test_a_sequence_is_one_revision_or_nothing(update, service, ask, anyone):
    text = f"""INSERT DATA {{ GRAPH <{PAPER}> {{ <{EX}u> <{EX}size> 1 }} }} ;
        DELETE {{ GRAPH ?g {{ ?s <{EX}size> 1 }} }} INSERT {{ GRAPH ?g {{ ?s <{EX}size> 2 }} }}
        WHERE {{ GRAPH ?g {{ ?s <{EX}size> 1 }} FILTER(?s = <{EX}u>) }}"""
    before = service.revision
    answer = update(text, message="an update")
    assert (answer.status_code, answer.json()["revision"]) == (200, before + 1)
    assert answer.headers["x-pactgraph-revision"] == str(before + 1)
    assert answer.headers["location"] == f"/changes/{before + 1}"
    assert ask(f"SELECT ?n {{ <{EX}u> <{EX}size> ?n }}") == ["2"]
    assert anyone.get(f"/changes/{before + 1}").json()["message"] == "an update"
    refused = update(
        f"INSERT DATA {{ GRAPH <{PAPER}> {{ <{EX}u> <{EX}size> 3 . <{EX}forum> <{EX}host> <{EX}union> }} }}"
    )
    assert refused.status_code == 422
    assert refused.json()["violations"]
    assert service.revision == before + 1


def test_a_form_and_its_source(writer, ask):
    fields = {
        "update": f"INSERT DATA {{ <{EX}f> <{EX}size> 1 }}",
        "source": SOURCE.replace("letter", "paper"),
    }
    assert writer.post("/sparql/update", data=fields).status_code == 200
    assert ask(f"SELECT ?g {{ GRAPH ?g {{ <{EX}f> ?p ?o }} }}") == [PAPER]


def test_what_changes_nothing_is_no_revision(update, service):
    before = service.revision
    answer = update(f"DELETE WHERE {{ GRAPH ?g {{ <{EX}nobody> ?p ?o }} }}")
    assert (answer.status_code, answer.json()["revision"]) == (200, None)
    assert service.revision == before


def test_the_protocol_may_describe_the_dataset(update, ask):
    text = f"INSERT {{ GRAPH <{PAPER}> {{ <{EX}copy> <{EX}of> ?o }} }} WHERE {{ <{EX}forum> <{EX}name> ?o }}"
    nothing = update(text, **{"using-graph-uri": "https://w3id.org/eukdp/graph/report"})
    assert nothing.json()["added"] == 0
    assert update(text, **{"using-graph-uri": PAPER}).json()["added"] == 2
    twice = update(f"WITH <{PAPER}> {text}", **{"using-graph-uri": PAPER})
    assert (twice.status_code, twice.json()["code"]) == (400, "two-datasets")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("LOAD <file:///etc/hostname>", 400),
        ("LOAD SILENT <http://127.0.0.1:1/> INTO GRAPH <urn:g>", 400),
        ("INSERT { GRAPH <urn:g> { ?s ?p ?o } } WHERE { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", 400),
        ("SELECT * { ?s ?p ?o }", 400),
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", 400),
        ("INSERT DATA {", 400),
        ("", 400),
    ],
)
def test_what_may_not_run_changes_nothing(update, service, text, status):
    before = service.revision
    assert update(text).status_code == status
    assert service.revision == before


def test_updates_are_posted_only(writer, anyone):
    text = f"INSERT DATA {{ GRAPH <{PAPER}> {{ <{EX}g> <{EX}p> 1 }} }}"
    answer = anyone.get("/sparql/update", params={"update": text})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")
    assert writer.post("/sparql/update", content=text.encode(), headers=TURTLE).status_code == 415
    both = {"update": text, "query": "ASK {}"}
    assert writer.post("/sparql/update", data=both).json()["code"] == "query-refused"


def test_a_graph_goes_round(writer, anyone, ask):
    place = {"graph": NEW}
    assert anyone.get("/graphs", params=place).status_code == 404
    put = writer.put("/graphs", params={**place, "source": SOURCE}, content=LETTER.encode(), headers=TURTLE)
    assert put.status_code == 201, put.text
    assert put.headers["location"] == "/graphs?graph=https%3A%2F%2Fw3id.org%2Feukdp%2Fgraph%2Fletter"
    got = anyone.get(put.headers["location"], headers={"Accept": "application/n-triples"})
    assert got.headers["content-type"].startswith("application/n-triples")
    assert len(list(ox.parse(got.content, format=ox.RdfFormat.N_TRIPLES))) == 4
    same = writer.put(
        "/graphs", params=place, content=got.content, headers={"Content-Type": "application/n-triples"}
    )
    assert (same.status_code, same.json()["revision"]) == (200, None)
    more = writer.post(
        "/graphs", params=place, content=f"<{EX}letter> <{EX}size> 4 .".encode(), headers=TURTLE
    )
    assert (more.status_code, more.json()["added"]) == (200, 1)
    tie = f"<{NEW}> <http://www.w3.org/ns/prov#hadPrimarySource> <{SOURCE}> ."
    less = writer.put("/graphs", params=place, content=(tie + LETTER).encode(), headers=TURTLE)
    assert (less.status_code, less.json()["removed"]) == (200, 1)
    assert ask(f"SELECT ?n {{ GRAPH <{NEW}> {{ <{EX}letter> <{EX}size> ?n }} }}") == ["3"]
    assert writer.delete("/graphs", params=place).status_code == 200
    assert anyone.get("/graphs", params=place).status_code == 404
    assert writer.delete("/graphs", params=place).status_code == 404


def test_graphs_are_negotiated_and_cached(anyone):
    for accept, prefix in (("text/turtle", "text/turtle"), ("application/ld+json", "application/ld+json")):
        answer = anyone.get("/graphs", params={"graph": PAPER}, headers={"Accept": accept})
        assert answer.headers["content-type"].startswith(prefix)
    again = anyone.get(
        "/graphs",
        params={"graph": PAPER},
        headers={"Accept": accept, "If-None-Match": answer.headers["etag"]},
    )
    assert again.status_code == 304
    head = anyone.head("/graphs?default")
    assert (head.status_code, head.content) == (200, b"")
    assert anyone.get("/graphs", params={"graph": PAPER}, headers={"Accept": "image/png"}).status_code == 406
    for bad in ({}, {"graph": "not an iri"}, {"graph": PAPER, "default": ""}):
        assert anyone.get("/graphs", params=bad).status_code == 400


def test_the_default_graph_is_read_only(writer, anyone):
    triples = anyone.get("/graphs?default", headers={"Accept": "application/n-triples"})
    assert len(list(ox.parse(triples.content, format=ox.RdfFormat.N_TRIPLES))) > 10
    for method in ("PUT", "POST", "DELETE"):
        content = None if method == "DELETE" else LETTER.encode()
        answer = writer.request(method, "/graphs?default", content=content, headers=TURTLE)
        assert (answer.status_code, answer.json()["code"]) == (405, "default-graph")
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_a_graph_is_triples(writer):
    place = {"graph": PAPER}
    quads = writer.put(
        "/graphs",
        params=place,
        content=b"<urn:g> { <urn:a> <urn:b> 1 }",
        headers={"Content-Type": "application/trig"},
    )
    assert quads.status_code == 415
    named = writer.put(
        "/graphs",
        params=place,
        content=b'{"@id": "urn:g", "@graph": {"@id": "urn:a", "urn:b": 1}}',
        headers={"Content-Type": "application/ld+json"},
    )
    assert (named.status_code, named.json()["code"]) == (400, "several-graphs")


def test_why_names_sources_and_revisions(submit, anyone):
    number = submit("e:reasoned e:size 7 .", message="seven").json()["revision"]
    subject = {"s": f"{EX}reasoned", "p": f"{EX}size", "o": '"7"^^<http://www.w3.org/2001/XMLSchema#integer>'}
    told = anyone.get("/why", params=subject).json()["statements"]
    assert len(told) == 1
    support = told[0]["supports"][0]
    assert (support["revision"], support["author"], support["inferred"]) == (number, "ann", False)
    source = {
        "iri": "https://w3id.org/eukdp/source/paper",
        "title": "The paper",
        "publisher": "Press",
        "grade": f"{EX}primary",
    }
    assert support["sources"] == [source]
    both = anyone.get("/why", params={"s": f"{EX}forum", "o": f"{EX}korea"}).json()["statements"]
    assert [each["revision"] for each in both[0]["supports"]] == [1, 1]
    assert {each["sources"][0]["title"] for each in both[0]["supports"]} == {"The paper", "The report"}
    page = anyone.get("/why", params={"s": f"{EX}forum"}, headers={"Accept": "text/html"})
    assert "The paper" in page.text
    assert 'lang="ko"' in page.text


def test_why_tells_when_a_statement_came_back(submit, writer, anyone):
    first = submit("e:returned e:size 7 .")
    writer.post(f"{first.headers['location']}/revert")
    again = submit("e:returned e:size 7 .").json()["revision"]
    told = anyone.get("/why", params={"s": f"{EX}returned"}).json()["statements"]
    assert told[0]["supports"][0]["revision"] == again


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({}, 400),
        ({"s": "nothing"}, 400),
        ({"s": f"{EX}nobody"}, 404),
        ({"s": f"{EX}forum", "o": '"open'}, 400),
        ({"s": f"{EX}forum", "o": '"a" . <urn:a> <urn:b> "c"'}, 400),
        ({"s": f"{EX}forum", "o": '"a"^^<not an iri>'}, 400),
    ],
)
def test_why_says_what_is_missing(anyone, parameters, status):
    assert anyone.get("/why", params=parameters).status_code == status


def test_earlier_states_can_be_asked(submit, ask, anyone):
    first = submit("e:timed e:size 1 .").json()["revision"]
    second = submit("e:timed e:size 2 .").json()["revision"]
    query = f"SELECT ?n {{ <{EX}timed> <{EX}size> ?n }}"
    assert ask(query) == ["1", "2"]
    assert ask(query, at=str(first)) == ["1"]
    assert ask(query, at=str(first - 1)) == []
    now = anyone.get("/sparql", params={"query": query, "at": str(second)})
    then = anyone.get("/sparql", params={"query": query, "at": str(first)})
    assert then.headers["x-pactgraph-revision"] == str(first)
    assert then.headers["etag"] != now.headers["etag"]
    held = {"If-None-Match": then.headers["etag"]}
    assert anyone.get("/sparql", params={"query": query, "at": str(first)}, headers=held).status_code == 304
    posted = anyone.post("/sparql", data={"query": query, "at": str(first)})
    assert posted.headers["x-pactgraph-revision"] == str(first)
    graph = anyone.get("/graphs", params={"graph": PAPER, "at": "1"}, headers={"Accept": "text/turtle"})
    assert graph.headers["x-pactgraph-revision"] == "1"
    assert "timed" not in graph.text
    for when, status in (("9999", 404), ("1999-01-01", 404), ("soon", 400), ("²", 400), ("9" * 5000, 404)):
        assert anyone.get("/sparql", params={"query": query, "at": when}).status_code == status


def test_conflicting_patches_at_once_never_leave_two_hosts(url, token, ask, submit):
    """Issue 3, Order: all remove the present host and add their own; one wins each round."""
    start = threading.Barrier(8)
    outcomes = []

    def race(number):
        with httpx2.Client(base_url=url, timeout=60, headers={"Authorization": f"Bearer {token}"}) as client:
            start.wait(10)
            for turn in range(4):
                host = f"<{EX}client{number}-{turn}>"
                forum = f"<{EX}forum{turn}>"
                body = f"A {forum} <{EX}host> {host} <{PAPER}> .".encode()
                answer = client.post(
                    "/changes", content=body, headers={"Content-Type": "application/rdf-patch"}
                )
                outcomes.append((turn, answer.status_code))

    threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    for turn in range(4):
        assert len(ask(f"SELECT ?host {{ <{EX}forum{turn}> <{EX}host> ?host }}")) == 1
        statuses = sorted(status for number, status in outcomes if number == turn)
        assert statuses == [201] + [422] * 7
    assert ask(HOSTS) == [f"{EX}korea"]


def test_moves_at_once_never_leave_two_hosts(url, token, ask, submit):
    """The same through updates, which read the state that they change."""
    submit("e:moved e:host e:nobody .")
    start = threading.Barrier(8)
    statuses = []

    def move(number):
        text = f"""DELETE {{ GRAPH ?g {{ <{EX}moved> <{EX}host> ?old }} }}
            INSERT {{ GRAPH ?g {{ <{EX}moved> <{EX}host> <{EX}mover{number}> }} }}
            WHERE {{ GRAPH ?g {{ <{EX}moved> <{EX}host> ?old }} }}"""
        with httpx2.Client(base_url=url, timeout=60, headers={"Authorization": f"Bearer {token}"}) as client:
            start.wait(10)
            statuses.append(client.post("/sparql/update", data={"update": text}).status_code)

    threads = [threading.Thread(target=move, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert statuses == [200] * 8
    assert len(ask(f"SELECT ?host {{ <{EX}moved> <{EX}host> ?host }}")) == 1


def test_openapi_lists_every_door(anyone):
    paths = anyone.get("/openapi.json").json()
    doors = {
        ("/changes", "get"),
        ("/changes", "post"),
        ("/changes/{number}", "get"),
        ("/changes/{number}/patch", "get"),
        ("/changes/{number}/revert", "post"),
        ("/sparql/update", "post"),
        ("/graphs", "get"),
        ("/graphs", "put"),
        ("/graphs", "post"),
        ("/graphs", "delete"),
        ("/why", "get"),
    }
    listed = {(path, method) for path, methods in paths["paths"].items() for method in methods}
    assert doors <= listed
    for path, method in doors:
        is_write = method != "get"
        assert ("security" in paths["paths"][path][method]) == is_write
    assert paths["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
