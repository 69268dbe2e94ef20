"""S15: what writers put in, names, messages and IRIs, is text to every page, feed and file."""

from __future__ import annotations

import re
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from lxml import html

IMAGE = "<img src=x onerror=alert(1)>"  # the name of the token as well
SCRIPT = "</title></script><script>alert(1)</script>"
BREAKOUT = "\\\"'><svg/onload=alert(1)> javascript:alert(1) data:text/html,x {{7*7}}"
THING = "https://w3id.org/eukdp/id/organisation/hostile"
LABEL = "http://www.w3.org/2004/02/skos/core#"
FACTS = f"""INSERT DATA {{ GRAPH <https://w3id.org/eukdp/graph/bas3> {{
  <{THING}> a <http://www.w3.org/ns/org#Organization> ;
    <{LABEL}prefLabel> "{IMAGE} Hostile"@en , "{SCRIPT}"@ko ;
    <{LABEL}altLabel> "{BREAKOUT}"@en , "javascript:alert(1)"@en , "data:text/html,<script>alert(1)</script>"@en ;
    <http://www.w3.org/2000/01/rdf-schema#seeAlso> <javascript:alert(1)> , <data:text/html,x> , <https://example.org/a>
}} }}"""
EVIL = "http://example.org/evil"  # in the graph from the start, with a link to javascript:
QUERY = f"""SELECT ?source ?target ?type {{ VALUES (?source ?target ?type) {{
  (<{THING}> <javascript:alert(1)> "{IMAGE}") (<data:text/html,x> <{THING}> "{SCRIPT}") }} }}"""
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def hostile(written):
    """The server with hostile facts; who wrote them and why is hostile, too. Returns the revision."""
    answer = written.update(FACTS, message=f"{IMAGE}{SCRIPT}\n{BREAKOUT}")
    assert answer.status_code == 200, answer.text
    return answer.json()["revision"]


def links_of(page):
    return [value for name in ("href", "src", "action", "formaction") for value in page.xpath(f"//@{name}")]


def check_inert(text, scripts=0):
    """Read a page as a browser does: no element, attribute or link is there that is not ours."""
    page = html.document_fromstring(text)
    assert page.xpath("//img | //svg | //iframe | //object | //embed | //base") == []
    assert len(page.xpath("//script")) == scripts
    assert [name for node in page.iter() for name in node.attrib if name.lower().startswith("on")] == []
    for link in links_of(page):
        assert re.match(r"https?://|[/#?]|$", link), link
    return page


@pytest.mark.parametrize(
    "path",
    [
        "/changes",
        "/changes/REVISION",
        "/changes?iri=javascript:alert(1)",
        f"/changes?iri={quote(THING)}",
        "/id/organisation/hostile",
        f"/why?s={quote(THING)}",
        f"/why?s={quote(EVIL)}",
        "/why?s=http://example.org/n1",  # a number: a literal without a language was answered with 500
        "/topics",
        "/exports",
        "/",
    ],
)
def test_pages_show_it_as_text(client, written, hostile, path):
    answer = client.get(written.url + path.replace("REVISION", str(hostile)), headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    page = check_inert(answer.text)
    if "organisation" in path or path.startswith("/changes/"):
        assert IMAGE in page.text_content()
        assert "javascript:alert(1)" in page.text_content()


def test_of_all_iris_only_those_of_the_web_are_links(client, written, hostile):
    page = client.get(f"{written.url}/id/organisation/hostile", headers={"Accept": "text/html"})
    links = links_of(html.document_fromstring(page.text))
    assert "https://example.org/a" in links
    assert not any(link.startswith(("javascript", "data")) for link in links)


def test_the_feed_has_text_and_nothing_else(client, written, hostile):
    answer = client.get(f"{written.url}/changes.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert answer.headers["x-content-type-options"] == "nosniff"
    feed = ET.fromstring(answer.content)
    assert all(node.tag.startswith(ATOM) for node in feed.iter())
    assert {node.get("type") for node in feed.iter()} <= {None, "application/atom+xml"}  # text is the default
    assert all(node.get("href").startswith("http://") for node in feed.iter(f"{ATOM}link"))
    assert all(re.match("https?://", node.text) for node in feed.iter(f"{ATOM}uri"))
    assert any(IMAGE in (node.text or "") for node in feed.iter(f"{ATOM}title"))
    assert any(IMAGE in (node.text or "") for node in feed.iter(f"{ATOM}name"))


@pytest.mark.parametrize(
    "path", ["/search?q=Hostile", "/changes", "/changes/REVISION", f"/why?s={quote(THING)}"]
)
def test_what_programs_get_is_no_page(client, written, hostile, path):
    answer = client.get(
        written.url + path.replace("REVISION", str(hostile)), headers={"Accept": "application/json"}
    )
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert IMAGE in str(answer.json())


def test_the_patch_of_a_revision_is_no_page(client, written, hostile):
    answer = client.get(f"{written.url}/changes/{hostile}/patch", headers={"Accept": "*/*"})
    assert "html" not in answer.headers["content-type"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == f'inline; filename="revision-{hostile}.rdfp"'


@pytest.mark.parametrize("file", ["entities.html", "query.html"])
def test_the_offline_page_runs_its_own_script_only(client, written, hostile, file):
    """Its data stands in a script element that is not run, its policy names the hash of the one that is."""
    asked = {"query": QUERY} if file.startswith("query") else {}
    answer = client.get(f"{written.url}/exports/{file}", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == f'attachment; filename="{file}"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    page = check_inert(answer.text, scripts=2)
    (content,) = page.xpath("//script[@id='content']")
    assert content.get("type") == "application/json"
    assert "<" not in content.text
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert "unsafe" not in policy
    assert "script-src 'sha256-" in policy


@pytest.mark.parametrize("form", ["json", "graphml", "gexf", "csv", "svg"])
def test_downloads_are_saved_not_shown(client, written, hostile, form):
    answer = client.get(f"{written.url}/exports/query.{form}", params={"query": QUERY})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "html" not in answer.headers["content-type"]
