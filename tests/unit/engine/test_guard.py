"""What the guard lets through, what it refuses, and what it learns."""

from __future__ import annotations

import pytest

from pactgraph.errors import QueryRefused, SyntaxFault
from pactgraph.query.guard import form_of, inspect

P = "PREFIX : <http://example.org/> "


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * { ?s ?p ?o }", "SELECT"),
        ("# SERVICE\nASK { ?s ?p ?o }", "ASK"),
        (
            "BASE <http://example.org/> PREFIX : <#> CONSTRUCT { ?s :p <#o> } WHERE { ?s <#p> ?o }",
            "CONSTRUCT",
        ),
        ("DESCRIBE <http://example.org/a> ?x", "DESCRIBE"),
        ('VERSION "1.2" SELECT(1AS?x){}', "SELECT"),
    ],
)
def test_the_form_is_found(text: str, form: str) -> None:
    assert inspect(text).form == form
    assert form_of(text) == form


def test_dataset_clauses_are_resolved_and_each_counted_once() -> None:
    text = """BASE <http://example.org/base/> PREFIX g: <http://example.org/g/>
    SELECT (COUNT(*) AS ?n) FROM <one> FROM g:two FROM g:two FROM NAMED g:th\\-ree WHERE { ?s ?p ?o }"""
    outline = inspect(text)
    assert outline.from_graphs == ("http://example.org/base/one", "http://example.org/g/two")
    assert outline.from_named == ("http://example.org/g/th-ree",)


def test_dataset_clauses_follow_the_template_of_a_construct() -> None:
    outline = inspect(P + "CONSTRUCT { ?s ?p ?o } FROM :a WHERE { ?s ?p ?o }")
    assert outline.from_graphs == ("http://example.org/a",)
    assert inspect(P + "CONSTRUCT FROM NAMED :a WHERE { ?s ?p ?o }").from_named == ("http://example.org/a",)


@pytest.mark.parametrize(
    "text",
    [
        "ASK { SERVICE <http://example.org/> { ?s ?p ?o } }",
        "ASK { ?s ?p ?o . sErViCe SILENT ?x {} }",
        "ASK { FILTER EXISTS { SERVICE <http://example.org/> {} } }",
        "ASK { { SELECT * { SERVICE ?x {} } } }",
        "ASK { ?s ?p 1.SERVICE <http://example.org/> {} }",
        "PREFIX SERVICEx: <http://example.org/> ASK { SERVICEx:y {} }",
        "PREFIX trueservice: <http://example.org/> ASK { ?s ?p trueservice:y {} }",
    ],
)
def test_service_is_refused(text: str) -> None:
    with pytest.raises(QueryRefused, match="SERVICE"):
        inspect(text)


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <http://example.org/a> <http://example.org/b> 1 }",
        "PREFIX : <http://example.org/> LOAD <http://example.org/>",
        "DELETE WHERE { ?s ?p ?o }",
        "WITH <http://example.org/> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "CLEAR ALL",
        "ASK {} ; DROP ALL",
    ],
)
def test_updates_are_refused_at_this_door(text: str) -> None:
    with pytest.raises(QueryRefused, match="only reads"):
        inspect(text)


@pytest.mark.parametrize(
    "text",
    [
        'ASK { ?service ?load \'SERVICE LOAD\' , """INSERT " DELETE""" } # SERVICE',
        "ASK { ?s <http://example.org/SERVICE> ?o }",
        "PREFIX service: <http://example.org/> ASK { GRAPH service:g { service:LOAD service:SERVICE ?o } }",
        "ASK { ?s ?p 'it\\'s'@en , 'x'^^<http://example.org/SERVICE#> }",
    ],
)
def test_the_words_may_stand_where_they_are_no_keywords(text: str) -> None:
    assert inspect(text).form == "ASK"


@pytest.mark.parametrize(
    "text",
    [
        # the engine reads: a comparison, SERVICE, and a comment
        "ASK { FILTER(1<2)SERVICE?x#>\n{ } }",
        "PREFIX ex: <http://example.org/> ASK { FILTER(ex:<?b)SERVICE?x#>\n{} }",
        "ASK { FILTER(?a <#> '''\n ?b) SERVICE <http://example.org/> {} #''' \n) }",
        # the engine reads: a reified triple and a comment
        "PREFIX x: <http://e.org/> ASK { <<x:a#> '''\n ?p ?o>> ?q ?r SERVICE <http://e.org/> {} #'''\n }",
        # the engine reads: two short strings, because of the escape that does not exist
        'ASK { VALUES ?x { """a" } SERVICE <http://example.org/> {} #\\q"""\n }',
        'ASK { VALUES ?x { """a" } SERVICE <http://example.org/> {} #\\uD800"""\n }',
        # the engine reads: two keywords
        "ASKFROM<http://example.org/>{}",
        "PREFIXx:<http://example.org/> ASK { ?s x:p ?o }",
        "PREFIX x: <http://example.org/> DESCRIBE x:y FROMx:z { ?s ?p ?o }",
        "PREFIX x: <http://example.org/> ASK { ?s ?p trueSERVICE x:y {} }",
        "\\u0041SK {}",
    ],
)
def test_what_the_engine_could_read_in_another_way_is_no_query(text: str) -> None:
    with pytest.raises((SyntaxFault, QueryRefused)):
        inspect(text)


def test_a_fault_names_line_and_column() -> None:
    with pytest.raises(SyntaxFault) as caught:
        inspect("ASK {\n  ex:a ?p ?o }")
    assert (caught.value.line, caught.value.column, caught.value.code) == (2, 3, "query-syntax")
    assert "add PREFIX ex:" in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SELECT",
        "ASK { ",
        "ASK ) }",
        "ASK { ( } )",
        "ASK { 'abc }",
        "ASK { ?s ?p ?o } FROM <http://e.org/>",
        "ASK { § }",
    ],
)
def test_broken_text_is_a_syntax_fault(text: str) -> None:
    if text == "SELECT":
        assert inspect(text).form == "SELECT"  # the engine says what is missing
        return
    with pytest.raises(SyntaxFault):
        inspect(text)


def test_a_relative_graph_without_a_base_is_told() -> None:
    with pytest.raises(SyntaxFault, match="absolute"):
        inspect("ASK FROM <g> {}")
