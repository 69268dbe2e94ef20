"""What the contract asks of every resource that is read: HEAD, OPTIONS, validators, 304, 406, CORS."""

from __future__ import annotations

import pytest

PAPER = "https://w3id.org/eukdp/graph/paper"
READ = [
    "/",
    "/sparql",
    "/sparql?query=ASK{}",
    "/sparql?query=SELECT*{?s?p?o}",
    "/sparql?query=CONSTRUCT{?s?p?o}{?s?p?o}",
    f"/graphs?graph={PAPER}",
    "/graphs?default",
    "/graph/paper",
    "/changes",
    "/changes/1",
    "/changes/1/patch",
    f"/why?s={PAPER}",
    "/ontology",
    "/topics",
    "/shapes",
    "/exports",
    "/exports/entities.json",
    "/.well-known/void",
    "/openapi.json",
    "/healthz",
    "/readyz",
]
ONE_FORMAT = {
    "/changes/1/patch",
    "/exports",
    "/exports/entities.json",
    "/openapi.json",
    "/healthz",
    "/readyz",
}


@pytest.mark.parametrize("target", READ)
def test_a_resource_is_read(anyone, target):
    whole = anyone.get(target)
    assert whole.status_code == 200
    assert {"etag", "vary", "x-pactgraph-revision"} <= set(whole.headers)
    assert "Accept" in whole.headers["vary"].split(", ")
    assert whole.headers["access-control-allow-origin"] == "*"
    assert whole.headers["x-content-type-options"] == "nosniff"
    again = anyone.get(target, headers={"If-None-Match": whole.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == whole.headers["etag"]
    head = anyone.head(target)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-type", "vary"):
        assert head.headers[name] == whole.headers[name]
    options = anyone.options(target)
    assert options.status_code == 204
    assert {"GET", "HEAD", "OPTIONS"} <= set(options.headers["allow"].split(", "))
    assert anyone.request("PATCH", target).status_code == 405


@pytest.mark.parametrize("target", [each for each in READ if each not in ONE_FORMAT])
def test_what_it_is_not_is_not_acceptable(anyone, target):
    answer = anyone.get(target, headers={"Accept": "image/png"})
    assert (answer.status_code, answer.json()["code"]) == (406, "unknown-format")
    answer = anyone.get(target, headers={"Accept": "image/png, */*;q=0.1"})
    assert answer.status_code == 200


def test_a_query_and_an_update_in_one_form_are_refused_at_both_doors(anyone, writer):
    form = {"query": "ASK {}", "update": f"CLEAR GRAPH <{PAPER}>"}
    refused = [anyone.post("/sparql", data=form), writer.post("/sparql/update", data=form)]
    assert [(each.status_code, each.json()["code"]) for each in refused] == [
        (400, "update-refused"),
        (400, "query-refused"),
    ]


def test_the_dataset_of_an_update_is_that_of_the_request(writer):
    text = "INSERT { GRAPH <%s> { ?s <http://example.org/seen> true } } WHERE { ?s a <http://example.org/Forum> }"
    report = "https://w3id.org/eukdp/graph/report"
    counts = {
        using: writer.post(
            "/sparql/update",
            params={"using-graph-uri": using, "dry_run": "true"},
            content=text % PAPER,
            headers={"Content-Type": "application/sparql-update"},
        ).json()["added"]
        for using in (PAPER, report)
    }
    assert counts == {PAPER: 1, report: 0}
    conflict = writer.post(
        "/sparql/update?using-graph-uri=urn:x", data={"update": f"WITH <{PAPER}> " + "DELETE WHERE {}"}
    )
    assert conflict.status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "VERSION '1.2' ASK { <<( <urn:a> <urn:b> <urn:c> )>> ?p ?o }",
        "SELECT (isTRIPLE(<<( <urn:a> <urn:b> <urn:c> )>>) AS ?x) (LANGDIR('a'@en--ltr) AS ?y) {}",
        "ASK { << ?s ?p ?o ~ ?r >> ?q ?z . ?s ?p ?o {| ?q ?z |} }",
        "SELECT (hasLANG('a'@en) AS ?a) (STRLANGDIR('a', 'en', 'rtl') AS ?b) {}",
    ],
)
def test_sparql_12_is_let_through(anyone, query):
    assert anyone.get("/sparql", params={"query": query}).status_code == 200
