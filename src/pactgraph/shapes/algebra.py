"""Walking the algebra of a parsed SPARQL query."""

# ruff: noqa: ANN401 - rdflib's algebra is made of parts, terms and lists without types

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rdflib import Variable
from rdflib.paths import Path as SparqlPath
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node

Pattern = tuple[Any, Any, Any]
THIS = Variable("this")
EXISTS = frozenset(("Builtin_EXISTS", "Builtin_NOTEXISTS"))
UNSTEADY = frozenset(("Builtin_RAND", "Builtin_UUID", "Builtin_STRUUID", "Builtin_BNODE"))
"""Functions that may answer differently each time."""


def parts(tree: Any) -> Iterator[CompValue]:
    """Return every part of a query's algebra, that of EXISTS included."""
    if isinstance(tree, CompValue):
        yield tree
        for inner in inner_parts(tree):
            yield from parts(inner)
    elif isinstance(tree, list | tuple | set) and not isinstance(tree, SparqlPath):
        for value in tree:
            yield from parts(value)


def inner_parts(part: CompValue) -> Iterable[Any]:
    """Return what a part is made of.

    rdflib keeps the algebra of EXISTS as an attribute, and under the same key what the parser made of it.
    """
    return (part.graph,) if part.name in EXISTS else part.values()


def outermost_parts(expression: Any) -> Iterator[CompValue]:
    """Return the parts of an expression, not looking into EXISTS."""
    if isinstance(expression, CompValue):
        yield expression
        if expression.name not in EXISTS:
            for value in expression.values():
                yield from outermost_parts(value)
    elif isinstance(expression, list | tuple):
        for value in expression:
            yield from outermost_parts(value)


def conjuncts(expression: Any) -> Iterator[Any]:
    """Return the conditions that ``&&`` joins; none for the condition that is always true."""
    if isinstance(expression, CompValue) and expression.name == "ConditionalAndExpression":
        for part in (expression.expr, *expression.other):
            yield from conjuncts(part)
    elif not isinstance(expression, CompValue) or expression.name != "TrueFilter":
        yield expression


def variables_of(expression: Any) -> set[Node]:
    """Return the variables of an expression without EXISTS."""
    if isinstance(expression, Variable):
        return {expression}
    listed = [part.values() for part in outermost_parts(expression)]
    flat = (
        each
        for values in listed
        for value in values
        for each in (value if isinstance(value, list) else [value])
    )
    return {each for each in flat if isinstance(each, Variable)}


def asks_for_members(condition: Any, groups: CompValue) -> bool:
    """Say whether a condition on groups (HAVING) can hold only for a group that has a member.

    rdflib makes a group of nothing where there is none; comparing an aggregate of it is an error, and drops
    it.
    """
    aggregates = {each.res for each in groups.A}
    compared = any(
        each.name == "RelationalExpression" and {each.expr, each.other} & aggregates
        for each in conjuncts(condition)
        if isinstance(each, CompValue) and not isinstance(each.other, list)
    )
    return compared and groups.p.expr is not None
