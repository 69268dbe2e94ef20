"""Puts the triple patterns of a query into an order in which each is tied to what is bound before it.

rdflib orders the patterns of a group once, by how many of their variables are unbound at the start, so that
``?other a ex:Call`` comes before ``?other ex:callId ?value`` and every call in the graph is looked at. Here
each pattern becomes a group of its own, joined from the most selective one on; the solutions are the same.
"""

# ruff: noqa: ANN401 - rdflib and pySHACL pass terms, parts of queries and options without types

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rdflib import RDF, BNode, URIRef, Variable
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import Query
from rdflib.term import Node

from pactgraph.shapes.repetition import as_specified
from pactgraph.shapes.sparql_lookups import EXISTS, THIS, Pattern, outermost_parts, sure_variables

Bound = frozenset[Node]


def well_ordered(query: Query) -> Query:
    """Reorder the patterns of a query, in place, for evaluation with ``$this`` bound; return it."""
    query.algebra = _ordered(query.algebra, frozenset((THIS,)))
    return query


def _ordered(part: CompValue, bound: Bound) -> CompValue:
    if part.name == "BGP":
        return _chain(part, bound)
    if part.name in {"Join", "LeftJoin", "Minus"}:
        left = sure_variables(part.p1)
        if part.name == "Join" and _is_plain(part.p2):
            part.lazy = part["lazy"] = (
                True  # rdflib joins all matches of the right side where the left is a join
            )
        part.p1 = part["p1"] = _ordered(part.p1, bound)
        part.p2 = part["p2"] = _ordered(part.p2, bound | left)
        _order_exists(part.get("expr"), bound | left)
        return part
    if part.name == "Union":
        part.p1 = part["p1"] = _ordered(part.p1, bound)
        part.p2 = part["p2"] = _ordered(part.p2, bound)
        return part
    inner = part.get("p")
    if isinstance(inner, CompValue):
        _order_exists(part.get("expr"), bound | sure_variables(inner))
        part.p = part["p"] = _ordered(inner, bound)
    return part


def _is_plain(part: CompValue) -> bool:
    """Say whether a part has the same solutions for a binding, whether that is known before or joined
    after."""
    if part.name in {"Join", "Union"}:
        return _is_plain(part.p1) and _is_plain(part.p2)
    return bool(part.name == "BGP")


def _order_exists(expression: Any, bound: Bound) -> None:
    for part in outermost_parts(expression):
        if part.name in EXISTS:
            part.graph = _ordered(part.graph, bound)


def _chain(part: CompValue, bound: Bound) -> CompValue:
    left = list(part.triples)
    chain: CompValue | None = None
    known = set(bound)
    while left:
        best = min(left, key=lambda pattern: _effort(pattern, known))
        left.remove(best)
        names = _names([best])
        specified = (best[0], as_specified(best[1]), best[2])
        single = CompValue("BGP", triples=[specified], _vars=names)
        known |= names
        chain = single if chain is None else _lazily_joined(chain, single)
    return part if chain is None else chain


def _lazily_joined(first: CompValue, second: CompValue) -> CompValue:
    return CompValue("Join", p1=first, p2=second, lazy=True, _vars={*first._vars, *second._vars})


def _effort(pattern: Pattern, bound: set[Node]) -> float:
    """Guess how many triples a pattern matches, as a rank."""
    subject, predicate, value = (term not in bound and isinstance(term, Variable | BNode) for term in pattern)
    fixed = not isinstance(pattern[2], Variable | BNode)
    loose = 0.5 if not isinstance(pattern[1], URIRef) else 0.0
    if not subject:
        return loose + (0 if not value else 1)
    if value:
        return 9 if predicate else 6 + loose
    return loose + (5 if pattern[1] == RDF.type else 3 if fixed else 2) + (2 if predicate else 0)


def _names(patterns: Iterable[Pattern]) -> set[Node]:
    return {term for pattern in patterns for term in pattern if isinstance(term, Variable | BNode)}
