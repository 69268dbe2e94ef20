"""S1: no request leaves the server by SERVICE, however spelt; an allowed endpoint gets exactly one."""

from __future__ import annotations

import pytest

SPELLINGS = [
    "SELECT * { SERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { service <URL> { ?s ?p ?o } }",
    "SELECT * { SeRvIcE SiLeNt <URL> { ?s ?p ?o } }",
    "SELECT * { SERVICE#comment\n<URL> { ?s ?p ?o } }",
    "SELECT * { SERVICE\t\r\n<URL>{ ?s ?p ?o } }",
    "SELECT * { \\u0053ERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { SER\\u0056ICE <URL> { ?s ?p ?o } }",
    "SELECT * { \\U00000053ERVICE <URL> { ?s ?p ?o } }",
    "PREFIX x: <URL> SELECT * { SERVICEx: { ?s ?p ?o } }",
    "PREFIX x: <URL> SELECT * { SERVICE x: { ?s ?p ?o } }",
    "BASE <URL> SELECT * { SERVICE <> { ?s ?p ?o } }",
    "SELECT * { BIND(<URL> AS ?e) SERVICE ?e { ?s ?p ?o } }",
    "SELECT * { VALUES ?e { <URL> } SERVICE SILENT ?e { ?s ?p ?o } }",
    "SELECT * { FILTER EXISTS { SERVICE <URL> { ?s ?p ?o } } }",
    "SELECT * { { SELECT * { SERVICE <URL> { ?s ?p ?o } } } }",
    "SELECT * { OPTIONAL { GRAPH ?g { SERVICE <URL> { ?s ?p ?o } } } }",
    "ASK { { ?s ?p ?o } UNION { SERVICE <URL> { ?s ?p ?o } } }",
    "CONSTRUCT { ?s ?p ?o } { SERVICE <URL> { ?s ?p ?o } }",
    "DESCRIBE ?s { MINUS { SERVICE <URL> { ?s ?p ?o } } }",
    "SELECT * { ?a ?b <x?y#> SERVICE <URL> { ?s ?p ?o } }",
    'SELECT * { ?a ?b """x\\q""" . SERVICE <URL> { ?s ?p ?o } }',
    "SELECT * { LATERAL { SERVICE <URL> { ?s ?p ?o } } }",
    "INSERT { ?s ?p ?o } WHERE { SERVICE <URL> { ?s ?p ?o } }",
    "DELETE WHERE { SERVICE SILENT <URL> { ?s ?p ?o } }",
]


@pytest.mark.parametrize("text", SPELLINGS)
def test_no_spelling_reaches_the_canary(client, endpoint, canary, door, text):
    answer = door.send(client, endpoint.url, text.replace("URL", canary.url + "/sparql"))
    assert answer.status_code in {400, 403, 415}
    assert canary.hits == []


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri"])
def test_the_dataset_parameters_reach_nobody(ask, canary, name):
    answer = ask("SELECT * { ?s ?p ?o }", **{name: canary.url})
    assert (answer.status_code, answer.json()["results"]["bindings"]) == (200, []) or name.startswith("named")
    assert canary.hits == []


@pytest.fixture(scope="module")
def allowing(tmp_path_factory, aviary, servers):
    """A server that allows one endpoint that answers, and some that redirect."""
    data = tmp_path_factory.mktemp("allowing") / "data"
    return servers(data, f"{aviary.url}/sparql", *(f"{aviary.url}/to/{number}" for number in range(5)))


def test_an_allowed_endpoint_gets_exactly_one_request(client, allowing, canary):
    query = f"SELECT * {{ SERVICE <{canary.url}/sparql> {{ ?s ?p ?o }} }}"
    answer = client.post(allowing.sparql, data={"query": query})
    assert answer.json()["results"]["bindings"] == [{"s": {"type": "literal", "value": "from afar"}}]
    assert canary.hits == ["/sparql"]
    for other in ("/sparql/", "/SPARQL", "/sparql?x", "/other", "//sparql"):
        for text in SPELLINGS:
            refused = client.post(allowing.sparql, data={"query": text.replace("URL", canary.url + other)})
            assert refused.status_code in {400, 403}
    assert canary.hits == ["/sparql"]


@pytest.mark.parametrize("number", range(5))
def test_a_redirect_is_not_followed(client, allowing, canary, number):
    query = f"SELECT * {{ SERVICE <{canary.url}/to/{number}> {{ ?s ?p ?o }} }}"
    answer = client.post(allowing.sparql, data={"query": query})
    assert answer.status_code in {400, 502, 503}
    assert canary.hits == [f"/to/{number}"]
