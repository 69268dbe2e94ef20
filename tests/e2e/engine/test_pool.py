"""Queries in worker processes: answers, datasets, limits, and what happens when one dies."""

from __future__ import annotations

import json
import re
import threading

import pytest

from pactgraph.errors import InputError, QueryFailed, QueryRefused, SyntaxFault, UnknownFormat
from pactgraph.model import QueryRequest
from pactgraph.query.formats import BINDING_FORMATS, GRAPH_FORMATS, ResultFormat
from pactgraph.service import Service

GRAPH = "https://w3id.org/eukdp/graph/"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s <https://w3id.org/eukdp/ontology#budget> ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(12)) + " }"
MANY_ROWS = ENDLESS.replace("(COUNT(*) AS ?n)", "*")
GREEDY = (
    "SELECT (STRLEN(?a29) AS ?n) { BIND('"
    + "a" * 64
    + "' AS ?a0) "
    + " ".join(f"BIND(CONCAT(?a{n}, ?a{n}) AS ?a{n + 1})" for n in range(29))
    + " }"
)


def ask(service: Service, text: str, **more: object) -> bytes:
    return service.pool.run(QueryRequest(text, **more)).read()  # type: ignore[arg-type]


def number(service: Service, text: str, **more: object) -> int:
    return int(ask(service, text, media_type="text/csv", **more).split()[1])


@pytest.mark.parametrize("form", BINDING_FORMATS, ids=lambda form: form.name)
def test_bindings_come_in_every_format(service: Service, form: ResultFormat) -> None:
    with service.pool.run(
        QueryRequest("SELECT ?o { ?s <https://w3id.org/eukdp/ontology#name> ?o }", media_type=form.media_type)
    ) as answer:
        assert (answer.form, answer.format) == ("SELECT", form)
        assert "가" in answer.read().decode()


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda form: form.name)
@pytest.mark.parametrize(
    "text", ["CONSTRUCT WHERE { ?s ?p ?o }", "DESCRIBE <https://w3id.org/eukdp/id/project/a>"]
)
def test_graphs_come_in_every_format(service: Service, form: ResultFormat, text: str) -> None:
    with service.pool.run(QueryRequest(text, media_type=form.media_type)) as answer:
        assert answer.format == form
        assert b"project/a" in answer.read()


def test_the_first_format_of_the_form_is_the_default(service: Service) -> None:
    assert json.loads(ask(service, "ASK { ?s ?p ?o }")) == {"head": {}, "boolean": True}
    assert ask(service, "CONSTRUCT WHERE { ?s ?p <http://e.org/none> }") == b""


def test_a_format_that_does_not_fit_the_form_is_refused(service: Service) -> None:
    with pytest.raises(UnknownFormat, match="sparql-results"):
        ask(service, "ASK {}", media_type="text/turtle")


@pytest.mark.parametrize(
    "text", ["SELECT ('a\\u000bb' AS ?x) {}", "CONSTRUCT { ?s <http://e.org/1> ?o } WHERE { ?s ?p ?o }"]
)
def test_what_xml_cannot_hold_is_an_error_and_not_broken_xml(service: Service, text: str) -> None:
    media_type = "application/sparql-results+xml" if text.startswith("SELECT") else "application/rdf+xml"
    with pytest.raises(UnknownFormat, match="ask for JSON"):
        ask(service, text, media_type=media_type)


@pytest.mark.parametrize(
    ("clauses", "default", "named"),
    [("", 1, 2), ("FROM <g:one>", 1, 0), ("FROM <g:one> FROM <g:two>", 1, 0), ("FROM NAMED <g:two>", 0, 1),
     ("FROM <g:one> FROM <g:two> FROM NAMED <g:one> FROM NAMED <g:two>", 1, 2), ("FROM <g:three>", 0, 0),
     ("FROM <http://e.org/none>", 0, 0), ("FROM <file:///etc/hostname>", 0, 0)],
)  # fmt: skip
def test_the_dataset_is_the_one_described(service: Service, clauses: str, default: int, named: int) -> None:
    clauses = clauses.replace("g:", GRAPH)
    where = "{ ?s <https://w3id.org/eukdp/ontology#budget> ?o }"
    assert number(service, f"SELECT (COUNT(*) AS ?n) {clauses} {where}") == default
    assert number(service, f"SELECT (COUNT(*) AS ?n) {clauses} {{ GRAPH ?g {where} }}") == named
    assert number(service, f"SELECT (SUM(?o) AS ?n) {clauses} {where}") == 6 * default


def test_the_graphs_of_the_protocol_override_the_query(service: Service) -> None:
    text = COUNT.replace("{", f"FROM <{GRAPH}three> {{", 1)
    assert number(service, text) == 0
    assert number(service, text, default_graphs=(GRAPH + "one", GRAPH + "two")) == 1
    assert number(service, COUNT, named_graphs=(GRAPH + "one",)) == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT ?x { ?x ?y }", "at the end of the line"),
        ("SELECT (1 AS ?x) (2 AS ?x) {}", "Duplicated variable name in SELECT"),
        ("ASK { ?s ?p <http://[> }", "IRI"),
    ],
)
def test_what_does_not_parse_is_told_in_a_sentence(service: Service, text: str, reason: str) -> None:
    with pytest.raises(SyntaxFault, match=re.escape(reason)) as caught:
        ask(service, text)
    assert caught.value.line == 1
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 200


def test_a_function_that_is_not_there_is_an_error_where_it_is_called(service: Service) -> None:
    """SPARQL 1.1 §17.2: so the rest of the query is answered."""
    text = "SELECT ?x (COALESCE(<http://e.org/g>(), 'no value') AS ?y) { BIND(<http://e.org/f>(1) AS ?x) }"
    assert ask(service, text, media_type="text/csv") == b"x,y\r\n,no value\r\n"


def test_service_does_not_reach_a_worker(service: Service) -> None:
    with pytest.raises(QueryRefused, match="SERVICE"):
        ask(service, "ASK { SERVICE <http://127.0.0.1:1/> {} }")


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_a_timeout_must_be_a_time(service: Service, seconds: float) -> None:
    with pytest.raises(InputError, match="positive"):
        ask(service, "ASK {}", timeout=seconds)


def test_a_slow_query_is_stopped_and_the_next_is_answered(service: Service) -> None:
    for _ in range(3):  # more often than there are workers
        with pytest.raises(QueryFailed) as caught:
            ask(service, ENDLESS, timeout=0.3)
        assert (caught.value.code, caught.value.status, caught.value.exit_code) == ("query-timeout", 503, 3)
    assert number(service, COUNT) == 1


def test_a_greedy_query_is_stopped_and_the_next_is_answered(service: Service) -> None:
    with pytest.raises(QueryFailed) as caught:
        ask(service, GREEDY)
    assert caught.value.code == "query-memory"
    assert number(service, COUNT) == 1


@pytest.mark.parametrize(
    "text",
    [
        "ASK " + "{" * 250 + "}" * 250,
        "ASK { FILTER(" + "(" * 250 + "1" + ")" * 250 + ") }",
        "ASK { FILTER(0 " + "+1" * 499 + " > 3) }",
    ],
)
def test_legal_nesting_is_evaluated(service: Service, text: str) -> None:
    assert json.loads(ask(service, text))["boolean"] is True


def test_a_stop_midway_is_an_error_and_not_an_end(service: Service) -> None:
    answer = service.pool.run(QueryRequest(MANY_ROWS, timeout=0.8))
    with pytest.raises(QueryFailed) as caught:
        answer.read()
    assert caught.value.code == "query-timeout"


def test_an_abandoned_answer_frees_its_worker(service: Service) -> None:
    for _ in range(4):
        answer = service.pool.run(QueryRequest(MANY_ROWS))
        next(iter(answer.chunks))
        answer.close()
        answer.close()
    assert number(service, COUNT) == 1


def test_an_answer_may_be_closed_while_another_thread_reads_it(service: Service) -> None:
    answer = service.pool.run(QueryRequest(MANY_ROWS))
    outcome: list[BaseException] = []
    started = threading.Event()

    def read() -> None:
        try:
            for _ in answer.chunks:
                started.set()
        except QueryFailed as error:
            outcome.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    assert started.wait(10)
    answer.close()
    reader.join(10)
    assert not reader.is_alive()
    assert len(outcome) == 1


def test_many_threads_get_whole_answers(service: Service) -> None:
    expected = sorted(
        ask(service, "CONSTRUCT WHERE { ?s ?p ?o }", media_type="application/n-triples").splitlines()
    )
    answers: list[list[bytes]] = []

    def run() -> None:
        payload = ask(service, "CONSTRUCT WHERE { ?s ?p ?o }", media_type="application/n-triples")
        answers.append(sorted(payload.splitlines()))

    threads = [threading.Thread(target=run) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [expected] * 12
