"""Queries that differ in their constants alone: what is remembered says the same as reading them does."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pactgraph.errors import PactgraphError
from pactgraph.query.guard import Outline, inspect
from pactgraph.query.outlines import Outlines

PIECES = [
    "SELECT", "ASK", "*", "?x", "{", "}", "(", ")", "?s ?p ?o", ".", ";", "FILTER", "LIMIT", "=", "<", ">", "-", "+",
    "UNION", "#", "\n", " ", "'", '"', '""', "\\", "5", "17", "1.5", "'5'", '"a b"', "<http://e.org/a>",
    "<http://e.org/it's>", "<urn:o'neil>", "<#a>", "<http://e.org/a#b>", "ex:5", "PREFIX ex: ", "FROM", "VALUES",
    "@en", "^^", "5.", "{ 5 }", "?a<?b", "<<", '"""a"""', "# it's", "%", "{}",
]  # fmt: skip


class Counting:
    """The guard, and how often it was asked."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def __call__(self, text: str) -> Outline:
        self.asked[text] += 1
        return inspect(text)


def told(read: object, text: str) -> object:
    try:
        outline = read(text)  # type: ignore[operator]
    except PactgraphError as error:
        return error.code, error.message
    return outline, outline.normalised, outline.volatile


def with_constants(template: str) -> list[str]:
    return [
        template.replace("IRI", iri).replace("STRING", string).replace("NUMBER", number)
        for iri, string, number in product(["<http://e.org/a>", "<x://y#z'>"], ["'a'", "'# {'"], ["5", "17"])
    ]


TEMPLATES = [
    "SELECT ?x { IRI ?p STRING } LIMIT NUMBER",
    "SELECT ?x { IRI ?p STRING FILTER(?x=5) } LIMIT NUMBER",
    "SELECT ?x { FILTER( NUMBER > 5 && ?x IN (STRING, 'a', STRING@en)) } LIMIT NUMBER OFFSET NUMBER",
    "DESCRIBE IRI IRI",
    "ASK { ?s ?p STRING^^IRI , NUMBER , 17 }",
]


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_same_query_with_other_constants_is_read_once(template: str) -> None:
    guard = Counting()
    outlines = Outlines(guard)
    for text in with_constants(template):
        assert told(outlines.of, text) == told(inspect, text)
    assert len({text for text in with_constants(template) if guard.asked[text]}) == 1


@pytest.mark.parametrize(
    "template",
    [
        "SELECT * FROM IRI { ?s ?p STRING }",
        "PREFIX ex: IRI ASK { ?s ?p STRING }",
        "ASK { SERVICE IRI { ?s ?p STRING } }",
        "ASK { ?s ?p STRING } # NUMBER",
        "ASK { ?s ?p '''a''' , STRING, '\\u0041' }",
        "ASK { ?s <urn:o'neil> STRING }",
    ],
)
def test_a_query_whose_constants_may_decide_is_read_every_time(template: str) -> None:
    guard = Counting()
    outlines = Outlines(guard)
    for text in with_constants(template) * 2:
        assert told(outlines.of, text) == told(inspect, text)
        assert guard.asked[text]


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=12), min_size=1, max_size=4))
def test_what_is_remembered_is_what_reading_says(queries: list[list[str]]) -> None:
    outlines = Outlines(inspect)
    for pieces in queries:
        text = "ASK { ?s ?p ?o . " + " ".join(pieces)
        for other in (text, text + " }", text.replace("5", "17") + " }", text.replace("5", "1 7") + " }"):
            assert told(outlines.of, other) == told(inspect, other)
            assert told(outlines.of, other) == told(inspect, other)
