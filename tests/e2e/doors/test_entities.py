"""The resources behind the IRIs of the graph: pages for people, RDF for programs, at any revision."""

from __future__ import annotations

import pytest
from rdflib import Graph, Literal, URIRef

BASE = "https://w3id.org/eukdp/"
KIM = "/id/person/kim"
SUBJECT = URIRef("http://purl.org/dc/terms/subject")
SKOS = (
    "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix topic: <https://w3id.org/eukdp/topic/> ."
)
FACTS = f"""{SKOS}
<{BASE}id/person/kim> skos:prefLabel "김"@ko , "Kim <img src=x onerror=alert(1)>"@en ; dcterms:subject topic:chips ;
  e:site <javascript:alert(1)> , "https://example.org/a" .
topic:chips skos:prefLabel "Chips"@en .
"""


@pytest.fixture(autouse=True)
def facts(submit):
    assert submit(FACTS).status_code in {200, 201}
    return submit


def graph_of(answer):
    assert answer.status_code == 200, answer.text
    kinds = {"text/turtle": "turtle", "application/ld+json": "json-ld", "application/rdf+xml": "xml"}
    media_type = answer.headers["content-type"].partition(";")[0]
    return Graph().parse(data=answer.content, format=kinds.get(media_type, "nt"))


def test_a_page_names_the_thing_its_statements_and_their_sources(anyone):
    answer = anyone.get(KIM, headers={"Accept": "text/html"})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert '<span lang="ko">김</span>' in answer.text
    assert '<a href="/topic/chips" lang="en">Chips</a><sup><a href="#source-1"' in answer.text
    assert '<li id="source-1"><a href="/source/paper"' in answer.text
    assert "skos:prefLabel" in answer.text  # a property without a label goes by its short name
    assert f"/why?s={BASE}id/person/kim".replace(":", "%3A").replace("/", "%2F")[5:] in answer.text


def test_hostile_text_stays_text(anyone):
    page = anyone.get(KIM, headers={"Accept": "text/html"}).text
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert '<a href="https://example.org/a">' in page


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph")  # rdflib's own reader of JSON-LD
@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        ("ttl", "text/turtle"),
        ("nt", "application/n-triples"),
        ("jsonld", "application/ld+json"),
        ("json", "application/ld+json"),
        ("rdf", "application/rdf+xml"),
    ],
)
def test_rdf_by_suffix_and_by_accept_is_the_same(anyone, suffix, media_type):
    by_suffix = anyone.get(f"/topic/chips.{suffix}", headers={"Accept": "text/html"})
    by_accept = anyone.get("/topic/chips", headers={"Accept": media_type})
    assert by_suffix.headers["content-type"].startswith(media_type)
    found = graph_of(by_suffix)
    assert set(found) == set(graph_of(by_accept))
    assert (URIRef(f"{BASE}id/person/kim"), SUBJECT, URIRef(f"{BASE}topic/chips")) in found
    assert Literal("Chips", lang="en") in set(found.objects())


def test_what_a_page_shows_is_what_points_to_it(anyone):
    page = anyone.get("/topic/chips", headers={"Accept": "text/html"}).text
    assert "What points to it" in page
    assert 'href="/id/person/kim"' in page


def test_an_earlier_revision_is_answered_as_it_was(anyone, facts):
    before = int(anyone.get("/topic/chips").headers["x-pactgraph-revision"])
    assert facts(f'{SKOS} topic:chips skos:altLabel "semi {before}"@en .').status_code == 201
    now, then = anyone.get("/topic/chips.nt"), anyone.get("/topic/chips.nt", params={"at": before})
    assert f"semi {before}" in now.text
    assert f"semi {before}" not in then.text
    assert then.headers["x-pactgraph-revision"] == str(before)


def test_a_client_that_has_it_is_told_so(anyone):
    for path, accept in ((KIM, "text/html"), (KIM, "text/turtle"), ("/source/paper.rdf", "*/*")):
        first = anyone.get(path, headers={"Accept": accept})
        again = anyone.get(path, headers={"Accept": accept, "If-None-Match": first.headers["etag"]})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
        assert anyone.head(path, headers={"Accept": accept}).headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize(
    "path", ["/id/person/nobody", "/topic/nothing.ttl", "/id/a/b%3E%20c", "/source/%22", "/id/person/%7Dx"]
)
def test_of_what_nothing_is_said_the_answer_is_404(anyone, path):
    for accept in ("text/html", "text/turtle"):
        answer = anyone.get(path, headers={"Accept": accept})
        assert answer.status_code == 404
        assert answer.json()["code"] == "unknown-entity"


def test_formats_that_are_not_offered_are_406(anyone):
    assert anyone.get(KIM, headers={"Accept": "image/png"}).status_code == 406
