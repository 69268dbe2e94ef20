"""S14 and S20: a query door changes nothing, and no page of another site can make it."""

from __future__ import annotations

import pytest

UPDATES = [
    "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
    "DELETE WHERE { ?s ?p ?o }",
    "insert data { graph <urn:g> { <urn:a> <urn:b> <urn:c> } }",
    "CLEAR ALL",
    "DROP SILENT ALL",
    "\\u0049NSERT DATA { <urn:a> <urn:b> <urn:c> }",
    "#comment\nDELETE { ?s ?p ?o } INSERT { } WHERE { ?s ?p ?o }",
    "CREATE SILENT GRAPH <urn:g>",
    "COPY DEFAULT TO <urn:g>",
    "ASK {} ; INSERT DATA { <urn:a> <urn:b> <urn:c> }",
    "WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
]
COUNT = "SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"


@pytest.fixture(scope="module")
def before(endpoint):
    return []


@pytest.mark.parametrize("text", UPDATES)
def test_an_update_without_a_token_changes_nothing(client, endpoint, ask, door, before, text):  # noqa: PLR0917 - fixtures
    before.append(ask(COUNT).headers["x-pactgraph-revision"])
    answer = door.send(client, endpoint.url, text)
    assert answer.status_code in {400, 401, 403, 415}
    after = ask(COUNT)
    assert after.headers["x-pactgraph-revision"] == before[0]
    assert int(after.json()["results"]["bindings"][0]["n"]["value"]) > 16_000


def test_query_and_update_in_one_request_are_refused(client, endpoint):
    fields = {"query": "ASK {}", "update": UPDATES[0]}
    assert client.post(endpoint.sparql, data=fields).status_code == 400
    assert client.get(endpoint.sparql, params=fields).status_code == 400


@pytest.mark.parametrize(
    "text",
    ["ASK { } # INSERT DATA {}", 'ASK { ?s ?p "INSERT DATA { }" }', "ASK { ?insert ?DELETE <urn:LOAD> }"],
)
def test_the_words_of_updates_are_free_elsewhere(ask, text):
    assert ask(text).status_code == 200


def test_another_site_cannot_write_with_a_form(client, endpoint):
    for path in ("/sparql/update", "/graphs?default", "/changes", "/sparql"):
        for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"):
            answer = client.post(
                endpoint.url + path,
                content=b"update=" + UPDATES[0].encode(),
                headers={"Content-Type": kind, "Origin": "https://evil.example"},
            )
            assert answer.status_code in {400, 401, 403, 404, 405, 415}


def test_no_parameter_fetches_a_url(client, endpoint, canary):
    for path in ("/", "/sparql", "/ontology", "/topics", "/shapes", "/healthz", "/search", "/graphs"):
        for name in ("uri", "url", "graph", "iri", "source", "q", "context"):
            client.get(endpoint.url + path, params={name: canary.url})
    assert canary.hits == []
