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

from pactgraph.shapes.algebra import EXISTS, THIS, Pattern, conjuncts, outermost_parts, variables_of
from pactgraph.shapes.repetition import as_specified
from pactgraph.shapes.sparql_lookups import sure_variables

Bound = frozenset[Node]
Condition = tuple[Any, set[Node]]
"""An expression and the variables in it."""


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
    if part.name == "Filter" and inner.name == "BGP" and inner.triples and not part.no_isolated_scope:
        return _filtered(part, bound)
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


def _filtered(part: CompValue, bound: Bound) -> CompValue:
    """Ask each condition on a group as soon as its variables are bound; those with EXISTS at the end."""
    conditions = list(conjuncts(part.expr))
    early = [each for each in conditions if not any(inner.name in EXISTS for inner in outermost_parts(each))]
    tied = [
        (each, variables_of(each)) for each in early if variables_of(each) <= {THIS, *_names(part.p.triples)}
    ]
    chain = _chain(part.p, bound, tied)
    for condition in (each for each in conditions if not any(each is other for other, _ in tied)):
        _order_exists(condition, bound | sure_variables(part.p))
        chain = _where(chain, condition, part._vars)
    return chain


def _where(part: CompValue, condition: Any, names: Iterable[Node]) -> CompValue:
    """Ask a condition, which sees of what stands further out only these variables, as in the query."""
    return CompValue("Filter", p=part, expr=condition, _vars=set(names))


def _chain(part: CompValue, bound: Bound, conditions: Iterable[Condition] = ()) -> CompValue:
    """Join the patterns of a group one by one, and ask the conditions on the way."""
    left, waiting = list(part.triples), list(conditions)
    chain = CompValue("BGP", triples=[], _vars=set())
    own: set[Node] = {THIS}
    while left:
        known = own | bound
        best = min(left, key=lambda pattern: (_effort(pattern, known), -_answered(waiting, own, pattern)))
        left.remove(best)
        names = _names([best])
        own |= names
        single = CompValue("BGP", triples=[(best[0], as_specified(best[1]), best[2])], _vars=names)
        chain = _lazily_joined(chain, single) if chain._vars else single
        for condition in [each for each in waiting if each[1] <= own]:
            waiting.remove(condition)
            chain = _where(chain, condition[0], chain._vars)
    return chain


def _answered(conditions: list[Condition], own: set[Node], pattern: Pattern) -> int:
    """Return how many conditions can be asked once a pattern is matched."""
    return sum(names <= own | _names([pattern]) for _, names in conditions)


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
    # What is tied to the focus node itself is seldom as common as a currency or a number that it shares.
    tied = 0.25 if pattern[2] == THIS else 0.0
    return loose - tied + (5 if pattern[1] == RDF.type else 3 if fixed else 2) + (2 if predicate else 0)


def _names(patterns: Iterable[Pattern]) -> set[Node]:
    return {term for pattern in patterns for term in pattern if isinstance(term, Variable | BNode)}
