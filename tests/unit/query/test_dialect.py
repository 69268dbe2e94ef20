"""The engine's dialect: what is written otherwise, and that nothing else is."""

import pyoxigraph as ox
import pytest

from pactgraph.errors import QueryRefused, SyntaxFault
from pactgraph.query.dialect import in_dialect
from pactgraph.query.guard import inspect


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("ASK { FILTER(TRUE && False) }", "ASK { FILTER(true && false) }"),
        ("ASK { ?TRUE <urn:TRUE> 'TRUE' } # TRUE", "ASK { ?TRUE <urn:TRUE> 'TRUE' } # TRUE"),
        (
            "SELECT (GROUP_CONCAT(?a; SEPARATOR=')') AS ?b) { }",
            "SELECT (STR(GROUP_CONCAT(?a; SEPARATOR=')')) AS ?b) { }",
        ),
        (
            "SELECT (SUM(?a) AS ?b) (?b / 2 AS ?c) (MAX(?b) AS ?d) { }",
            "SELECT (SUM(?a) AS ?b) ((SUM(?a)) / 2 AS ?c) (MAX(?b) AS ?d) { }",
        ),
        (
            "SELECT ( MAX(?x) AS ?b ) ( ?b * 2  AS ?c) ( 1 - ?c AS ?d) { }",
            "SELECT ( MAX(?x) AS ?b ) ( (MAX(?x)) * 2  AS ?c) ( 1 - ((MAX(?x)) * 2) AS ?d) { }",
        ),
        (
            "SELECT ?a (AVG(?x) AS ?b) ($b * 2 AS ?c) (?c + 1 AS ?d) { } GROUP BY ?a",
            "SELECT ?a (AVG(?x) AS ?b) ((AVG(?x)) * 2 AS ?c) (((AVG(?x)) * 2) + 1 AS ?d) { } GROUP BY ?a",
        ),
        ("ASK { ?a ((<urn:p>)*)* ?b }", "ASK { ?a (<urn:p>)* ?b }"),
        ("ASK { ?a ((<urn:p>+)+)+ ?b }", "ASK { ?a <urn:p>+ ?b }"),
        (
            "ASK { ?a ( (<urn:p>/<urn:q>)? )+ ?b . ?b (a?)? ?c }",
            "ASK { ?a  (<urn:p>/<urn:q>)*  ?b . ?b a? ?c }",
        ),
        ("ASK { ?a ((<urn:p>*)/<urn:q>*)* ?b }", "ASK { ?a ((<urn:p>*)/<urn:q>*)* ?b }"),
        ("ASK { FILTER((?a * (?b)) * ((?c) + 2) > 0) }", "ASK { FILTER((?a * (?b)) * ((?c) + 2) > 0) }"),
        ("SELECT (?a AS ?b) (?b AS ?c) { }", "SELECT (?a AS ?b) (?b AS ?c) { }"),
        ("SELECT () (AS ?b) (?c AS ?d) { }", "SELECT () (AS ?b) (?c AS ?d) { }"),
    ],
)
def test_what_is_written_otherwise(query, written):
    assert in_dialect(query) == written


def test_what_an_aggregate_gave_can_be_computed_with():
    text = "SELECT (COUNT(?v) AS ?n) (?n + 1 AS ?more) { VALUES ?v { 0 1 2 } }"
    (row,) = ox.Store().query(in_dialect(text))
    assert [each.value for each in row] == ["3", "4"]


def test_a_concatenation_has_no_language():
    text = "SELECT (LANG(GROUP_CONCAT(?v)) AS ?lang) { VALUES ?v { 'a'@en 'b'@en } }"
    (row,) = ox.Store().query(in_dialect(text))
    assert row["lang"].value == ""


def test_an_expression_that_doubles_each_time_is_refused():
    doubled = " ".join(f"(?a{n} + ?a{n} AS ?a{n + 1})" for n in range(60))
    with pytest.raises(QueryRefused) as refused:
        in_dialect(f"SELECT (COUNT(*) AS ?a0) {doubled} {{ }}")
    assert refused.value.code == "query-too-complex"
    wide = "(" + "+".join(["?a"] * 9000) + " AS ?b)"
    with pytest.raises(QueryRefused):
        in_dialect(f"SELECT (COUNT(*) + {'1+' * 500}1 AS ?a) {wide} {{ }}")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (SUM(COUNT(?a)) AS ?b) { ?a ?p ?o }",
        "SELECT (MAX(1 + MIN(?a)) AS ?b) { ?a ?p ?o }",
        "SELECT * { BIND(<<( 'a' <urn:p> <urn:o> )>> AS ?t) }",
        "SELECT * { BIND(<<( <<( <urn:a> <urn:p> <urn:o> )>> <urn:p> <urn:o> )>> AS ?t) }",
        "SELECT * { FILTER(?a<?b&&?c>?d) }",
    ],
)
def test_what_the_grammar_forbids_is_refused(query):
    with pytest.raises(SyntaxFault):
        inspect(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (SUM(?n) AS ?m) { { SELECT (COUNT(?a) AS ?n) { ?a ?p ?o } } }",
        "SELECT (SUM(?x) + SUM(?y) AS ?m) { ?x ?p ?y }",
        "SELECT (COUNT(EXISTS { SELECT (MAX(?a) AS ?m) { ?a ?p ?o } }) AS ?n) { ?x ?p ?y }",
        "SELECT * { <<( <<( ?s <urn:p> ?o )>> <urn:p> <urn:o> )>> ?q ?z }",
        "SELECT * { BIND(<<( ?a <urn:p> <<( ?b <urn:p> 'x' )>> )>> AS ?t) }",
        "SELECT * { FILTER(?a < ?b && ?c > ?d) }",
    ],
)
def test_what_the_grammar_allows_passes(query):
    assert inspect(query).form == "SELECT"
