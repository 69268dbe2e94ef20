"""S21 to S24: bombs, caches, what errors give away, and pages of other sites."""

from __future__ import annotations

import gzip
import time

import httpx2
import pytest


def test_a_compressed_body_is_refused_unread(client, endpoint):
    bomb = gzip.compress(b"0" * 40_000_000)
    began = time.monotonic()
    for kind in ("application/sparql-query", "application/x-www-form-urlencoded", "text/turtle"):
        for path in ("/sparql", "/changes", "/graphs"):
            headers = {"Content-Type": kind, "Content-Encoding": "gzip"}
            answer = client.post(endpoint.url + path, content=bomb, headers=headers)
            assert answer.status_code in {401, 403, 404, 405, 413, 415}
    assert time.monotonic() - began < 9, "a second each"


def test_a_large_body_is_refused_before_it_is_here(client, endpoint):
    answer = client.post(endpoint.sparql, data={"query": "x" * 3_000_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_each_representation_has_its_own_tag(client, endpoint):
    """What a shared cache keys on is said, so nobody gets the answer to another's question."""
    tags = set()
    query = "SELECT * { ?s ?p ?o } LIMIT 50"
    for accept in ("application/sparql-results+json", "text/csv", "text/tab-separated-values"):
        for encoding in ("gzip", "identity"):
            headers = {"Accept": accept, "Accept-Encoding": encoding}
            answer = client.get(endpoint.sparql, params={"query": query}, headers=headers)
            assert {"Accept", "Accept-Encoding"} <= set(answer.headers["vary"].split(", "))
            assert ("content-encoding" in answer.headers) == (encoding == "gzip")
            again = client.get(
                endpoint.sparql,
                params={"query": query},
                headers=headers | {"If-None-Match": answer.headers["etag"]},
            )
            assert (again.status_code, again.content) == (304, b"")
            tags.add(answer.headers["etag"])
    assert len(tags) == 6


def test_errors_are_not_kept(ask):
    for query in ("ASK {", "ASK { SERVICE <urn:x> {} }"):
        assert ask(query).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "request_",
    [
        ("GET", "/sparql?query=ASK{"),
        ("GET", "/sparql?query=%ff"),
        ("GET", "/nothing/../../etc/passwd"),
        ("POST", "/sparql"),
        ("PUT", "/sparql"),
        ("GET", "/sparql?query=ASK{}&default-graph-uri=no%20iri"),
        ("GET", "/sparql?query=SELECT(xsd:integer(1)AS?x){}"),
        ("GET", "/ontology.exe"),
        ("GET", "/queries/x"),
    ],
)
def test_errors_give_nothing_away(client, endpoint, request_):
    method, target = request_
    answer = client.request(method, endpoint.url + target)
    text = answer.text
    assert not any(
        sign in text for sign in ("Traceback", "/src/", "site-packages", ".py", "s3cret", "/tmp/", "pid")
    )
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"]


def test_any_site_may_read_without_credentials(client, endpoint):
    answer = client.get(endpoint.sparql, params={"query": "ASK {}"}, headers={"Origin": "https://a.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


def test_preflights_never_allow_credentials_or_tokens_from_anywhere(client, endpoint):
    for path in ("/sparql", "/queries/x"):
        answer = client.request(
            "OPTIONS",
            endpoint.url + path,
            headers={"Origin": "https://a.example", "Access-Control-Request-Headers": "authorization"},
        )
        assert "access-control-allow-credentials" not in answer.headers
        assert "authorization" not in answer.headers.get("access-control-allow-headers", "").lower()


def test_metrics_name_no_client_and_no_query(client, endpoint):
    httpx2.get(endpoint.sparql, params={"query": "ASK { ?secret ?p ?o }"})
    httpx2.get(endpoint.url + "/secret-path")
    text = client.get(endpoint.url + "/metrics").text
    assert "pactgraph_http_requests_total{" in text
    assert "pactgraph_query_seconds_bucket{" in text
    assert "secret" not in text
    assert "127.0.0.1" not in text
