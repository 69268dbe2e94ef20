"""Which queries are out of proportion, and that ordinary ones are not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pactgraph.errors import InputError, QueryRefused
from pactgraph.query.guard import inspect

P = "PREFIX : <http://example.org/> "


def repeated(text: str, count: int, between: str = " ") -> str:
    return between.join(text.replace("%", str(number)) for number in range(count))


SHAPES: dict[str, Callable[[int], str]] = {
    "groups in groups": lambda n: P + "ASK " + "{" * n + "?s :p ?o" + "}" * n,
    "brackets": lambda n: P + "ASK { FILTER(" + "(" * n + "1" + ")" * n + ") }",
    "negations": lambda n: P + "ASK { FILTER(" + "!" * n + "true) }",
    "a sum": lambda n: P + "ASK { FILTER(1" + "+1" * n + " = 3) }",
    "a union": lambda n: P + "ASK { " + repeated("{ ?s :p% ?o }", n, " UNION ") + " }",
    "sub-selects": lambda n: P + "SELECT * {" + "{SELECT * {" * n + "?s :p ?o" + "}}" * n + "}",
    "optionals": lambda n: P + "ASK { ?s :p ?o " + repeated("OPTIONAL { ?s :p% ?x% . }", n) + " }",
    "optionals in optionals": lambda n: (
        P + "ASK { ?s :p ?o " + repeated("OPTIONAL { ?s :p ?x%", n) + "}" * n + "}"
    ),
    "a path": lambda n: P + "ASK { ?s " + "/".join([":p"] * n) + " ?o }",
    "triple patterns": lambda n: P + "ASK { " + repeated("?s :p% ?o% .", n) + " }",
    "objects": lambda n: P + "ASK { ?s :p " + repeated("?o%", n, ", ") + " }",
    "blank nodes": lambda n: P + "ASK { ?s :p " + "[ :p " * n + "1" + " ]" * n + " }",
    "graphs": lambda n: P + "ASK { " + repeated("GRAPH ?g% { ?s :p ?o }", n) + " }",
    "alternatives": lambda n: P + "ASK { ?s " + "|".join([":p"] * n) + " ?o }",
    "a disjunction": lambda n: P + "ASK { ?s :p ?o FILTER(" + repeated("?o = :x%", n, " || ") + ") }",
    "filters": lambda n: P + "ASK { ?s :p ?o " + repeated("FILTER(?o != :x%)", n) + " }",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_hundred_is_fine(shape: str) -> None:
    assert inspect(SHAPES[shape](100)).form in {"ASK", "SELECT"}


@pytest.mark.parametrize("count", [1_000, 5_000, 20_000])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_thousand_is_too_complex(shape: str, count: int) -> None:
    with pytest.raises(QueryRefused) as caught:
        inspect(SHAPES[shape](count))
    assert caught.value.code == "query-too-complex"


def test_a_list_of_200_is_too_complex_and_one_of_50_is_not() -> None:
    assert inspect(P + "ASK { ?s :p (" + "1 " * 50 + ") }").form == "ASK"
    with pytest.raises(QueryRefused, match="joins"):
        inspect(P + "ASK { ?s :p (" + "1 " * 200 + ") }")


@pytest.mark.parametrize(
    "text",
    [
        P + "SELECT * { VALUES ?s { " + repeated(":s%", 10_000) + " } ?s :p ?o }",
        P + "SELECT * { VALUES (?s ?o) { " + repeated("(:s% 1)", 5_000) + " } ?s :p ?o }",
        P + "SELECT * { ?s :p ?o FILTER(?o IN (" + repeated(":s%", 5_000, ", ") + ")) }",
        P + "CONSTRUCT { " + repeated("?s :p% ?o .", 1_000) + " } WHERE { ?s :p ?o }",
        P + "SELECT * { " + repeated("{ ?s :a% ?x . ?s :b ?y }", 400, " UNION ") + " }",
    ],
)
def test_long_data_is_not_complexity(text: str) -> None:
    assert inspect(text).form in {"SELECT", "CONSTRUCT"}


@pytest.mark.parametrize(
    "text",
    [
        "ASK { " + "a." * 400_000,
        "ASK { ?s ?p '" + "\\\\" * 400_000,
        "ASK { " + "<" * 900_000,
        "ASK {" + " " * 2_000_000 + "}",
    ],
    ids=["dots", "escapes", "angles", "spaces"],
)
def test_a_megabyte_of_nonsense_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        inspect(text)
