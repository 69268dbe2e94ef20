"""S7 and S8: deep nesting and queries that only the optimiser suffers from end quickly, and harm nobody."""

from __future__ import annotations

import time

import pytest

NESTS = {
    "groups": lambda n: "ASK " + "{" * n + "}" * n,
    "brackets": lambda n: "ASK { FILTER(" + "(" * n + "1" + ")" * n + ") }",
    "negations": lambda n: "ASK { FILTER(" + "!" * n + "true) }",
    "sums": lambda n: "ASK { FILTER(" + "1+" * n + "1) }",
    "unions": lambda n: "ASK { {} " + "UNION {} " * n + "}",
    "subselects": lambda n: "ASK " + "{ SELECT * " * n + "{}" + "}" * n,
    "optionals": lambda n: "ASK {" + "OPTIONAL {" * n + "}" * n + "}",
    "paths": lambda n: "ASK { ?s " + "(" * n + "<urn:p>" + ")*" * n + " ?o }",
    "lists": lambda n: "ASK { ?s ?p " + "(" * n + ")" * n + " }",
    "triple terms": lambda n: "ASK { ?s ?p " + "<<( ?a ?b " * n + "?c" + " )>>" * n + " }",
    "functions": lambda n: "SELECT (" + "STR(" * n + "1" + ")" * n + " AS ?x) {}",
    "exists": lambda n: "ASK { " + "FILTER EXISTS { " * n + "}" * n + " }",
}


@pytest.mark.parametrize("depth", [1000, 5000, 100_000])
@pytest.mark.parametrize("shape", NESTS)
def test_a_nest_is_refused(ask, endpoint, shape, depth):
    pid = endpoint.process.pid
    answer = ask(NESTS[shape](depth))
    assert (answer.status_code, answer.json().get("code")) in {
        (400, "query-too-complex"),
        (400, "query-syntax"),
        (413, "too-large"),
    }
    assert endpoint.process.poll() is None
    assert endpoint.process.pid == pid


@pytest.mark.parametrize("depth", [60, 100])
@pytest.mark.parametrize("shape", NESTS)
def test_a_nest_that_a_person_could_write_is_answered(ask, shape, depth):
    if shape == "triple terms":  # each is a pattern by itself, and counts as one
        depth = min(depth, 60)
    answer = ask(NESTS[shape](depth))
    assert answer.status_code == 200, answer.text


HANGS = {
    "list": "ASK { ?s ?p (" + " 1" * 200 + ") }",
    "patterns": "ASK { " + " ".join(f"?s <urn:p{n}> ?o{n} ." for n in range(800)) + " }",
    "blank nodes": "ASK { " + " ".join(f"_:b{n} <urn:p> _:b{n + 1} ." for n in range(400)) + " }",
    "sequence": "ASK { ?s " + "/".join(["<urn:p>"] * 1000) + " ?o }",
    "optionals": "ASK { ?s ?p ?o "
    + " ".join(f"OPTIONAL {{ ?s <urn:p{n}> ?o{n} }}" for n in range(1000))
    + " }",
    "aggregates": "SELECT (COUNT(*) AS ?a0) "
    + " ".join(f"(?a{n}+?a{n} AS ?a{n + 1})" for n in range(99))
    + "{}",
    "objects": "ASK { ?s ?p " + ", ".join(f"?o{n}" for n in range(400)) + " }",
}


@pytest.mark.parametrize("shape", HANGS)
def test_what_hangs_the_optimiser_ends_in_time(ask, shape):
    began = time.monotonic()
    answer = ask(HANGS[shape], timeout="2")
    assert answer.status_code in {400, 503}
    assert answer.json()["code"] in {"query-too-complex", "query-timeout"}
    assert time.monotonic() - began < 2 + 1, "it ended later than a second after its limit"
