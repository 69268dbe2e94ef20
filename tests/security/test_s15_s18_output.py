"""S15 to S18: what is served stays text, CSV stays what SPARQL says, and there is no code to call."""

from __future__ import annotations

import re

import pytest

EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


@pytest.mark.parametrize("path", ["/", "/sparql", "/ontology", "/topics", "/shapes"])
def test_pages_run_nothing(client, endpoint, path):
    page = client.get(endpoint.url + path, headers={"Accept": "text/html"})
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"<script|\son\w+=|javascript:", page.text, re.IGNORECASE)


def test_what_the_client_sends_comes_back_as_text_only(client, endpoint):
    for answer in (
        client.get(endpoint.sparql, params={"query": EVIL}, headers={"Accept": "text/html,*/*"}),
        client.get(endpoint.sparql, params={"query": "ASK {}", "format": EVIL}),
        client.get(endpoint.sparql, params={"query": "ASK {}", "timeout": EVIL}),
        client.get(endpoint.url + "/" + EVIL, headers={"Accept": "text/html"}),
    ):
        assert answer.status_code >= 400
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_results_are_no_pages(ask, client, endpoint):
    query = "SELECT ?text { <http://example.org/evil> <http://example.org/text> ?text }"
    for kind in ("json", "xml", "csv", "tsv"):
        answer = ask(query, format=kind)
        assert "html" not in answer.headers["content-type"]
        assert answer.headers["content-disposition"].startswith("inline; filename=")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<img" not in ask(query, format="xml").text


def test_sparql_csv_is_exact(ask):
    answer = ask("SELECT ?text { <http://example.org/evil> <http://example.org/text> ?text }", format="csv")
    assert "=1+1\r\n" in answer.text


@pytest.mark.parametrize(
    "call",
    ["<http://jena.apache.org/ARQ/function#js>('alert(1)')", "<java:java.lang.Runtime>()", "<urn:x>(1)",
     "<http://www.w3.org/ns/sparql#system>('ls')"],
)  # fmt: skip
def test_there_are_no_functions_of_ones_own(ask, call):
    answer = ask(f"SELECT ({call} AS ?x) {{}}")
    assert answer.status_code == 400 or answer.json()["results"]["bindings"] in ([], [{}])
