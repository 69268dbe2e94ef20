"""S12 and S13: regular expressions that explode, and parameters that try to become part of a query."""

from __future__ import annotations

import json
import subprocess
import sys
from urllib.parse import quote

import httpx2
import pyoxigraph as ox
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pactgraph.errors import InputError
from pactgraph.query.guard import inspect
from pactgraph.resources import shipped_files


def test_a_regex_is_linear_or_stopped(ask):
    for pattern in ("(a+)+$", "(.*a){50}", "(a|aa)+$"):
        answer = ask(f'SELECT * {{ FILTER(REGEX("{"a" * 5000}b", "{pattern}")) }}', timeout="2")
        assert answer.status_code == 200 or answer.json()["code"] in {"query-timeout", "query-memory"}


MATCH = """
import json, re, sys
for pattern in json.load(sys.stdin):
    for filler in ("a", "1", " ", "-", ".", "/", "a ", "a-", "A1", "가", "%20"):
        re.search(pattern, filler * 3000 + "\\x00!")
"""


def test_the_patterns_of_the_shapes_are_harmless():
    """``sh:pattern`` is matched by Python's ``re``, which can be made to go back without end."""
    found = [
        quad.object.value
        for path in shipped_files("shapes", ".ttl")
        for quad in ox.parse(path=path)
        if quad.predicate.value == "http://www.w3.org/ns/shacl#pattern"
    ]
    assert len(found) > 10
    done = subprocess.run(
        [sys.executable, "-c", MATCH], input=json.dumps(found), text=True, timeout=60, check=False
    )
    assert done.returncode == 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(
        ["/why?s=", "/graphs?graph=", "/changes?iri=", "/sparql?at=", "/exports/query.json?query="]
    ),
    value=st.one_of(
        st.text(max_size=40), st.sampled_from(["urn:x> } #", 'urn:x" ?p ?o', "<urn:x>", "urn:x\\u003e"])
    ),
)
def test_no_iri_in_a_url_becomes_part_of_a_query(endpoint, path, value):
    answer = httpx2.get(f"{endpoint.url}{path}{quote(value.encode('utf-8', 'replace'))}")
    assert answer.status_code in {200, 400, 404}
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] not in {"query-syntax", "internal"} or "query=" in path


PARAMETERS = ["query", "default-graph-uri", "named-graph-uri", "timeout", "format"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(PARAMETERS), value=st.text(max_size=60))
def test_no_parameter_changes_the_query_or_breaks_the_server(endpoint, name, value):
    """Whatever a parameter holds, the answer is the query's own or a problem in the problem format."""
    fields = {"query": "ASK { <urn:nothing> ?p ?o }"}
    fields[name] = value.encode("utf-8", "replace").decode()
    answer = httpx2.post(endpoint.sparql, data=fields)
    assert answer.status_code in {200, 400, 406}
    if answer.status_code == 200 and name != "query":
        assert b"true" not in answer.content
    elif answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40), st.sampled_from(['"', "'", '"""', "'''"]))
def test_a_string_is_read_as_the_engine_reads_it(text, quote):
    """The guard never sees an operator in a string literal that the engine would accept as one."""
    query = f"ASK {{ ?s ?p {quote}{text}{quote} }}"
    try:
        outline = inspect(query)
    except InputError:
        return
    assert outline.form == "ASK"
    assert outline.services == ()
