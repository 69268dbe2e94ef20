from __future__ import annotations

import io

import pyoxigraph as ox
import pytest

from pactgraph.query.formats import GRAPH_FORMATS
from pactgraph.web.publication import SUFFIXES

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PATHS = ["/ontology", "/topics", "/shapes"]


def canonical(content, media_type):
    dataset = ox.Dataset(ox.parse(io.BytesIO(content), ox.RdfFormat.from_media_type(media_type)))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


@pytest.fixture
def written(files):
    return {path: canonical((files / f"{path[1:]}.ttl").read_bytes(), "text/turtle") for path in PATHS}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("format_", GRAPH_FORMATS, ids=lambda each: each.name)
def test_the_same_graph_in_every_format(client, written, path, format_):
    response = client.get(path, headers={"Accept": format_.media_type})
    assert response.headers["content-type"].partition(";")[0] == format_.media_type
    assert canonical(response.content, format_.media_type) == written[path]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_graph_by_suffix_whatever_accept_says(client, written, path, suffix):
    response = client.get(f"{path}.{suffix}", headers=BROWSER)
    assert response.headers["content-type"].partition(";")[0] == SUFFIXES[suffix]
    assert canonical(response.content, SUFFIXES[suffix]) == written[path]


def test_turtle_is_as_its_authors_wrote_it(client):
    assert "# A comment of the authors." in client.get("/ontology").text


@pytest.mark.parametrize("path", ["/ontology", "/shapes.rdf", "/shapes.jsonld", "/topics"])
def test_a_document_that_is_held_is_not_sent_again(client, path):
    first = client.get(path)
    assert client.get(path).content == first.content
    second = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (second.status_code, second.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/ontology.docx", "/topics.", "/nowhere", "/sparql/", "/static/../web/server.py"]
)
def test_an_unknown_path_is_a_problem(client, path):
    response = client.get(path)
    assert (response.status_code, response.json()["code"]) == (404, "not-found")


def test_nothing_acceptable_lists_what_there_is(client):
    response = client.get("/ontology", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert "text/html" in response.json()["detail"]
    assert "text/turtle" in response.json()["detail"]


def test_the_ontology_page_names_each_term_in_both_languages(client):
    page = client.get("/ontology", headers=BROWSER).text
    assert '<section id="Event">' in page
    assert '<span lang="ko">행사</span>' in page
    assert "Something that takes place." in page
    assert '<a href="#Event"><code>pact:Event</code></a>' in page
    assert "Classes</a> (2)" in page
    assert "Properties</a> (1)" in page


def test_the_ontology_page_lists_the_codes(client):
    page = client.get("/ontology", headers=BROWSER).text
    assert "Code lists</a> (1)" in page
    assert '<li id="code-mode-online">' in page


def test_the_pages_show_markup_and_bad_links_as_text(client):
    page = client.get("/ontology", headers=BROWSER).text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page
    assert "javascript:alert(1)" in page
    assert 'href="javascript:' not in page


def test_the_topics_page_is_a_tree(client):
    page = client.get("/topics", headers=BROWSER).text
    materials, nitride, films = (
        page.index(each) for each in ("materials</span>", "gallium nitride", ">films<")
    )
    assert materials < films < nitride
    assert page.count("<ul>") == 2
    assert "GaN" in page


def test_the_shapes_page_lists_rules_with_messages(client):
    page = client.get("/shapes", headers=BROWSER).text
    assert "every pact:Event" in page
    assert "장소를 적으십시오." in page
    assert "<code>^pact:partOf</code></td><td>Info</td>" in page
    assert "(pact:a / (pact:b | (pact:c)*))" in page
    assert "the whole node</td><td>Violation</td>" in page
    assert "silent" not in page
    assert "Unused by itself" not in page


def test_the_landing_page_counts_statements_and_sources(client):
    page = client.get("/", headers=BROWSER)
    assert page.headers["content-type"].partition(";")[0] == "text/html"
    assert "<dt>Statements</dt><dd>6</dd>" in page.text
    assert "<dt>Sources</dt><dd>2</dd>" in page.text


def test_a_client_of_rdf_is_sent_from_the_landing_page_to_the_endpoint(client):
    response = client.get("/", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.headers["location"]) == (303, "/sparql")
    assert response.headers["vary"] == "Accept"


@pytest.mark.parametrize("path", ["/", "/sparql", *PATHS])
def test_every_page_is_plain(client, path):
    page = client.get(path, headers=BROWSER)
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self';")
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert '<html lang="en">' in page.text
    assert page.text.count("<h1>") == 1
    again = client.get(path, headers=BROWSER | {"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304


def test_the_stylesheet_is_there(client):
    response = client.get("/static/style.css")
    assert response.headers["content-type"].partition(";")[0] == "text/css"
    assert response.headers["content-security-policy"].startswith("default-src 'none'")


def test_the_openapi_description_lists_every_resource(client):
    described = client.get("/openapi.json").json()
    assert {"/", "/sparql", "/ontology", "/topics", "/shapes", "/healthz", "/readyz"} <= set(
        described["paths"]
    )
    assert set(described["paths"]["/sparql"]) == {"get", "post"}
    parameters = {each["name"] for each in described["paths"]["/sparql"]["get"]["parameters"]}
    assert parameters == {"query", "default-graph-uri", "named-graph-uri", "timeout", "format", "at"}


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_pages_that_load_scripts_from_elsewhere_are_off(client, path):
    assert client.get(path).status_code == 404


def test_health(client):
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").text == "ready\nisolation: not known yet\n"
