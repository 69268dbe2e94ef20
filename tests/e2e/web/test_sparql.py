from __future__ import annotations

import io

import pyoxigraph as ox
import pytest
from SPARQLWrapper import CSV, JSON, N3, RDFXML, TURTLE, XML, SPARQLWrapper

from pactgraph.query.formats import BINDING_FORMATS, GRAPH_FORMATS

SELECT = "SELECT ?s WHERE { ?s <http://example.org/n> ?n } ORDER BY ?s"
CONSTRUCT = "CONSTRUCT WHERE { ?s <http://example.org/n> ?n }"
ASK = "ASK { ?s <http://example.org/n> 1 }"
BODY = {"Content-Type": "application/sparql-query"}


def problem_of(response, status, code):
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status
    assert response.headers["access-control-allow-origin"] == "*"
    return response.json()


@pytest.mark.parametrize("way", ["get", "form", "body"])
def test_the_three_ways_to_ask_give_the_same_answer(client, way):
    response = {
        "get": lambda: client.get("/sparql", params={"query": SELECT}),
        "form": lambda: client.post("/sparql", data={"query": SELECT}),
        "body": lambda: client.post("/sparql", content=SELECT, headers=BODY),
    }[way]()
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/sparql-results+json"
    found = [row["s"]["value"] for row in response.json()["results"]["bindings"]]
    assert found == ["http://example.org/a", "http://example.org/b"]


def test_the_content_type_may_have_parameters_and_any_case(client):
    headers = {"Content-Type": "Application/SPARQL-Query; charset=UTF-8"}
    assert client.post("/sparql", content=b"ASK {}", headers=headers).json()["boolean"] is True


def test_what_every_read_carries(client):
    response = client.get("/sparql", params={"query": ASK})
    assert response.headers["etag"].startswith('"r1-')
    assert response.headers["vary"] == "Accept, Accept-Encoding"
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["x-pactgraph-revision"] == "1"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["access-control-allow-origin"] == "*"
    assert "ETag" in response.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in response.headers
    assert "server" not in response.headers or response.headers["server"] == "uvicorn"


@pytest.mark.parametrize("format_", BINDING_FORMATS, ids=lambda each: each.name)
@pytest.mark.parametrize("query", [SELECT, ASK])
def test_bindings_in_every_format(client, format_, query):
    by_accept = client.get("/sparql", params={"query": query}, headers={"Accept": format_.media_type})
    by_name = client.get("/sparql", params={"query": query, "format": format_.name})
    assert by_accept.headers["content-type"].partition(";")[0] == format_.media_type
    assert by_accept.content == by_name.content
    assert by_accept.headers["etag"] == by_name.headers["etag"]


@pytest.mark.parametrize("format_", GRAPH_FORMATS, ids=lambda each: each.name)
def test_graphs_in_every_format(client, format_):
    response = client.get("/sparql", params={"query": CONSTRUCT}, headers={"Accept": format_.media_type})
    assert response.headers["content-type"].partition(";")[0] == format_.media_type
    parsed = ox.parse(io.BytesIO(response.content), ox.RdfFormat.from_media_type(format_.media_type))
    assert len(list(parsed)) == 2


def test_the_default_is_json_for_bindings_and_turtle_for_graphs(client):
    del client.headers["accept"]
    assert client.get("/sparql", params={"query": ASK}).json()["boolean"] is True
    assert "text/turtle" in client.get("/sparql", params={"query": CONSTRUCT}).headers["content-type"]


def test_a_client_gets_the_media_type_that_it_asked_for(client):
    response = client.get("/sparql", params={"query": ASK}, headers={"Accept": "application/json"})
    assert response.headers["content-type"] == "application/json"
    assert response.json()["boolean"] is True


@pytest.mark.parametrize("asked", [{"headers": {"Accept": "image/png"}}, {"params": {"format": "docx"}}])
def test_an_unknown_format_is_refused_with_a_list(client, asked):
    params = {"query": ASK} | asked.get("params", {})
    detail = problem_of(
        client.get("/sparql", params=params, headers=asked.get("headers")), 406, "unknown-format"
    )
    assert "application/sparql-results+json" in detail["detail"]


def test_a_graph_format_is_no_format_for_bindings(client):
    problem_of(client.get("/sparql", params={"query": ASK, "format": "turtle"}), 406, "unknown-format")


def test_the_dataset_of_the_protocol_reaches_the_pool(client, service):
    graphs = {"default-graph-uri": ["http://example.org/g1", "http://example.org/g2"]}
    params = {"query": SELECT, "named-graph-uri": "http://example.org/g1", "timeout": "1.5"} | graphs
    assert client.get("/sparql", params=params).status_code == 200
    request = service.pool.requests[-1]
    assert request.default_graphs == ("http://example.org/g1", "http://example.org/g2")
    assert request.named_graphs == ("http://example.org/g1",)
    assert request.timeout == 1.5


def test_the_dataset_may_stand_in_the_url_of_a_post(client, service):
    client.post("/sparql?default-graph-uri=http://example.org/g1", content=SELECT, headers=BODY)
    assert service.pool.requests[-1].default_graphs == ("http://example.org/g1",)


@pytest.mark.parametrize("value", ["nope", "0", "-1", "nan", "inf", "1e999"])
def test_a_timeout_must_be_a_positive_number(client, value):
    problem_of(client.get("/sparql", params={"query": ASK, "timeout": value}), 400, "bad-timeout")


@pytest.mark.parametrize("graph", ["relative", "http://exa mple/", ""])
def test_a_graph_must_be_an_iri(client, graph):
    problem_of(client.get("/sparql", params={"query": ASK, "default-graph-uri": graph}), 400, "bad-graph")


def test_a_query_may_be_given_once_only(client):
    problem_of(client.get("/sparql", params={"query": [ASK, ASK]}), 400, "duplicate-parameter")
    problem_of(
        client.post("/sparql", params={"query": ASK}, content=ASK, headers=BODY), 400, "duplicate-parameter"
    )


@pytest.mark.parametrize(
    "send",
    [
        lambda client: client.get("/sparql", params={"query": " "}),
        lambda client: client.post("/sparql", data={"timeout": "1"}),
        lambda client: client.post("/sparql", content=b"", headers=BODY),
    ],
)
def test_a_missing_query_is_refused(client, send):
    problem_of(send(client), 400, "missing-query")


@pytest.mark.parametrize(
    "send",
    [
        lambda client: client.get("/sparql", params={"update": "CLEAR ALL"}),
        lambda client: client.get("/sparql", params={"update": "CLEAR ALL", "query": ASK}),
        lambda client: client.post("/sparql", data={"update": "CLEAR ALL"}),
        lambda client: client.post("/sparql?update=CLEAR+ALL", content=ASK, headers=BODY),
    ],
)
def test_an_update_is_refused(client, service, send):
    before = len(service.pool.requests)
    assert "query=" in problem_of(send(client), 400, "update-refused")["detail"]
    assert len(service.pool.requests) == before


@pytest.mark.parametrize(
    "content_type", ["application/sparql-update", "text/plain", "application/json", None]
)
def test_another_content_type_is_refused(client, content_type):
    headers = {"Content-Type": content_type} if content_type else {}
    response = client.post("/sparql", content=b"ASK {}", headers=headers)
    problem_of(response, 415, "unsupported-media-type")
    assert "application/sparql-query" in response.headers["accept"]


def test_a_compressed_body_is_refused(client):
    response = client.post("/sparql", content=b"\x1f\x8b", headers=BODY | {"Content-Encoding": "gzip"})
    problem_of(response, 415, "unsupported-encoding")


@pytest.mark.parametrize("content", [b"ASK { ?s ?p '\xff' }", "ASK {}".encode("utf-16")])
def test_a_body_must_be_utf8(client, content):
    problem_of(client.post("/sparql", content=content, headers=BODY), 400, "bad-encoding")


def test_percent_encoded_bytes_must_be_utf8(client):
    problem_of(client.get("/sparql?query=ASK%20%7B%7D%ff"), 400, "bad-encoding")


def test_too_many_parameters_are_refused(client):
    problem_of(client.post("/sparql", data={f"p{n}": "1" for n in range(1001)}), 400, "bad-request")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "QUERY"])
def test_another_method_is_refused_with_the_ones_that_are_allowed(client, method):
    response = client.request(method, "/sparql")
    problem_of(response, 405, "method-not-allowed")
    assert response.headers["allow"] == "GET, HEAD, POST, OPTIONS"


def test_a_syntax_error_has_its_place(client):
    found = problem_of(client.get("/sparql", params={"query": "SELECT * WHERE {\n ?s ?p }"}), 400, "syntax")
    assert found["line"] == 2
    assert found["column"] >= 1


def test_a_crashed_evaluation_is_503(client):
    found = problem_of(client.get("/sparql", params={"query": "ASK {} #crash"}), 503, "query-crashed")
    assert found["detail"] == "the evaluation died"


def test_an_unforeseen_failure_tells_nothing_but_an_id(client, caplog):
    response = client.get("/sparql", params={"query": "ASK {} #bug"})
    found = problem_of(response, 500, "internal")
    assert "secret" not in response.text
    assert "detail" not in found
    assert found["correlation_id"] in caplog.text
    assert "secret" in caplog.text


def test_a_held_answer_is_not_evaluated_again(client, service):
    first = client.get("/sparql", params={"query": SELECT})
    evaluated = len(service.pool.requests)
    for held in (first.headers["etag"], f'"x", W/{first.headers["etag"]}', "*"):
        second = client.get("/sparql", params={"query": SELECT}, headers={"If-None-Match": held})
        assert (second.status_code, second.content) == (304, b"")
        assert second.headers["etag"] == first.headers["etag"]
        assert second.headers["vary"] == "Accept, Accept-Encoding"
        assert second.headers["x-pactgraph-revision"] == "1"
    assert len(service.pool.requests) == evaluated


def test_the_entity_tag_tells_formats_queries_and_datasets_apart(client):
    graph = "http://example.org/g1"
    tags = {
        client.get("/sparql", params=params, headers={"Accept": accept}).headers["etag"]
        for accept in ("text/csv", "application/sparql-results+json", "application/json")
        for params in (
            {"query": SELECT},
            {"query": ASK},
            {"query": SELECT, "default-graph-uri": graph},
            {"query": SELECT, "named-graph-uri": graph},
        )
    }
    assert len(tags) == 12


def test_a_volatile_query_is_always_evaluated(client, service):
    query = "SELECT (now() AS ?now) WHERE {}"
    first = client.get("/sparql", params={"query": query})
    second = client.get("/sparql", params={"query": query}, headers={"If-None-Match": first.headers["etag"]})
    assert second.status_code == 200
    assert second.headers["etag"] != first.headers["etag"]


def test_head_has_the_headers_of_get_and_closes_the_answer(client, service, wait_until):
    got = client.get("/sparql", params={"query": SELECT})
    head = client.head("/sparql", params={"query": SELECT})
    assert head.content == b""
    dropped = {"date", "x-query-id"}
    assert {k: v for k, v in head.headers.items() if k not in dropped} == {
        k: v for k, v in got.headers.items() if k not in dropped
    }
    wait_until(service.pool.answers[-1].closed.is_set)
    assert client.head("/sparql", params={"query": "SELECT * {"}).status_code == 400


def test_preflight_is_answered(client):
    headers = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    response = client.options("/sparql", headers=headers)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["access-control-allow-origin"] == "*"
    assert "POST" in response.headers["access-control-allow-methods"]
    assert "Content-Type" in response.headers["access-control-allow-headers"]
    assert response.headers["allow"] == "GET, HEAD, POST, OPTIONS"


@pytest.mark.parametrize("accept", [each.media_type for each in GRAPH_FORMATS])
def test_without_a_query_the_service_describes_itself(client, url, accept):
    response = client.get("/sparql", headers={"Accept": accept})
    assert response.headers["content-type"].partition(";")[0] == accept
    quads = list(ox.parse(io.BytesIO(response.content), ox.RdfFormat.from_media_type(accept)))
    endpoint = ox.NamedNode("http://www.w3.org/ns/sparql-service-description#endpoint")
    assert [quad.object for quad in quads if quad.predicate == endpoint] == [ox.NamedNode(f"{url}/sparql")]
    assert (
        client.get(
            "/sparql", headers={"Accept": accept, "If-None-Match": response.headers["etag"]}
        ).status_code
        == 304
    )


@pytest.mark.parametrize("host", ["a> a <b", "[", "a/b", "evil@example.org", "a:b", '"', "{a}"])
def test_a_bad_host_header_is_no_way_into_the_description(client, url, host):
    response = client.get("/sparql", headers={"Host": host})
    assert response.status_code == 200
    assert f"sd:endpoint <{url}/sparql>" in response.text


def test_a_host_that_is_no_iri_is_refused(client):
    problem_of(client.get("/sparql", headers={"Host": "a%zz"}), 400, "bad-host")


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_a_browser_gets_the_query_page(client):
    response = client.get("/sparql", headers={"Accept": BROWSER})
    assert response.headers["content-type"].partition(";")[0] == "text/html"
    assert '<textarea id="query" name="query"' in response.text
    assert "<script" not in response.text
    assert "script-src" not in response.headers["content-security-policy"]
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert 'href="/ontology"' in response.text


def test_the_form_of_the_page_works_with_its_empty_fields(client):
    response = client.get(
        "/sparql", params={"query": ASK, "format": "", "timeout": ""}, headers={"Accept": "*/*"}
    )
    assert response.json()["boolean"] is True


@pytest.mark.parametrize("format_", [JSON, XML, CSV])
def test_sparqlwrapper_reads_bindings(url, format_):
    wrapper = SPARQLWrapper(f"{url}/sparql", returnFormat=format_)
    wrapper.setQuery(SELECT)
    result = wrapper.query().response.read()
    assert b"http://example.org/a" in result


@pytest.mark.parametrize("format_", [TURTLE, N3, RDFXML])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sparqlwrapper_reads_graphs(url, format_, method):
    wrapper = SPARQLWrapper(f"{url}/sparql", returnFormat=format_)
    wrapper.setMethod(method)
    wrapper.setQuery(CONSTRUCT)
    assert b"example.org" in wrapper.query().response.read()
