"""Finds the focus nodes that a SPARQL constraint could complain about, with one query on the store.

Oxigraph evaluates a relaxed form of the constraint's query for all targets at once: what it leaves out is
sure to have no result, what it returns is judged by pySHACL. A relaxed query has the patterns of the original
and those conditions that both engines are known to evaluate alike; OPTIONAL, BIND and conditions that are not
known are left out, which can only add solutions. Regular expressions, dates and numbers are never compared
here.
"""

# ruff: noqa: ANN401 - rdflib and pySHACL pass terms, parts of queries and options without types

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rdflib import BNode, URIRef, Variable
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import Query
from rdflib.term import Node

from pactgraph.shapes.algebra import THIS, asks_for_members, conjuncts, inner_parts, parts
from pactgraph.shapes.crossing import from_rdflib
from pactgraph.shapes.paths import PathError, from_sparql, sparql_text
from pactgraph.shapes.same_in_both import Kinds, NotSameError, expression_text

_TRANSPARENT = {"SelectQuery", "Distinct", "Reduced", "OrderBy", "Slice"}


_MOST = 16
Form = tuple[str, Kinds]
"""A pattern as text, and what it is sure to bind."""


class NotSweptError(Exception):
    """The query holds something that has no relaxed form here."""


def relaxed(query: Query) -> list[str]:
    """Return patterns of which every focus node with a result of the query matches one, as ``?this``.

    They suppose that the targets' pattern stands before them in the same group, and so binds ``?this``. UNION
    is taken apart: Oxigraph evaluates its branches by themselves, where they may be cross products.

    Raises NotSweptError when there are no such patterns, or more than a few.
    """
    try:
        return [text for text, _ in _Relaxation(query.algebra).alternatives]
    except PathError as fault:
        raise NotSweptError(str(fault)) from fault


class _Relaxation:
    """The relaxed forms of one query."""

    def __init__(self, algebra: CompValue) -> None:
        self._algebra = algebra
        self.alternatives = self._part(algebra, top=True)

    def _part(self, part: CompValue, *, top: bool = False) -> list[Form]:
        """Return the alternative texts of a part, each with the kinds of the variables that it is sure to
        bind.

        In the outermost group, the targets' pattern binds ``?this``.
        """
        forms = self._written(part, top=top)
        if len(forms) > _MOST:
            raise NotSweptError(f"more than {_MOST} alternatives")
        return [(text, {THIS: "term", **sure}) for text, sure in forms] if top else forms

    def _written(self, part: CompValue, *, top: bool) -> list[Form]:
        kind = part.name
        forms: list[Form]
        if kind in _TRANSPARENT or (kind == "Project" and top):
            forms = self._part(part.p, top=top)
        elif kind == "BGP":
            forms = [(_triples(part), _bound(part))]
        elif kind == "Join":
            forms = [_joined(one, two) for one in self._part(part.p1, top=top) for two in self._part(part.p2)]
        elif kind == "Union":
            forms = [*self._part(part.p1), *self._part(part.p2)]
        elif kind in {"LeftJoin", "Minus"}:
            forms = self._part(part.p1, top=top)
        elif kind == "Filter":
            forms = self._filter(part, top=top)
        elif kind == "Extend":
            forms = [self._extend(part, form) for form in self._part(part.p, top=top)]
        elif kind == "ToMultiSet" and part.p.name != "values":
            forms = self._subselect(part.p)
        else:
            raise NotSweptError(kind)
        return forms

    def _filter(self, part: CompValue, *, top: bool) -> list[Form]:
        grouped = part.p
        while grouped.name == "Extend":  # what the groups return
            grouped = grouped.p
        if grouped.name == "AggregateJoin":
            return self._having(part.expr, grouped)
        forms = self._part(part.p, top=top)
        return [(f"{text} {' '.join(self._conditions(part.expr, sure))}", sure) for text, sure in forms]

    def _conditions(self, expression: Any, sure: Kinds) -> Iterator[str]:
        for condition in conjuncts(expression):
            try:
                text = self._expression(condition, sure)
            except (NotSameError, PathError):
                continue
            yield f"FILTER(COALESCE({text}, true))"

    def _expression(self, expression: Any, sure: Kinds) -> str:
        return expression_text(expression, sure, self._exists)[0]

    def _exists(self, part: CompValue, sure: Kinds) -> str:
        """Write EXISTS, exactly: it may stand under a negation."""
        inner = {term for each in parts(part.graph) for term in _variables(each)}
        outside = {THIS, *(term for each in _parts_but(self._algebra, part) for term in _variables(each))}
        if (inner & outside) - set(sure):
            raise NotSameError("a variable that may be bound outside")
        return f"EXISTS {{ {self._exactly(part.graph, sure)[0]} }}"

    def _exactly(self, part: CompValue, sure: Kinds) -> tuple[str, Kinds]:
        if part.name == "BGP":
            return _triples(part), {**sure, **_bound(part)}
        if part.name == "Join":
            (first, bound), (second, more) = self._exactly(part.p1, sure), self._exactly(part.p2, sure)
            return f"{first} {second}", {**bound, **more}
        if part.name == "Filter" and part.p.name in {"BGP", "Join"}:
            text, bound = self._exactly(part.p, sure)
            return f"{text} FILTER({self._expression(part.expr, bound)})", bound
        raise NotSameError(part.name)

    def _extend(self, part: CompValue, form: Form) -> Form:
        text, sure = form
        if part.var in sure or part.var == THIS:
            raise NotSweptError("a variable bound twice")
        try:
            value, kind = expression_text(part.expr, sure, self._exists)
        except (NotSameError, PathError):
            return form
        return f"{text} BIND({value} AS ?{part.var})", {**sure, part.var: kind}

    def _subselect(self, part: CompValue) -> list[Form]:
        """Write a sub-select, of which only what it returns is seen outside, and ``$this``, pre-bound
        everywhere."""
        while part.name in _TRANSPARENT:
            part = part.p
        if part.name != "Project":
            raise NotSweptError(part.name)
        return [_selected(form, {*part.PV, THIS}) for form in self._part(part.p)]

    def _having(self, condition: CompValue, groups: CompValue) -> list[Form]:
        """Relax groups with a condition on an aggregate to their members."""
        grouped = groups.p
        if not asks_for_members(condition, groups):
            raise NotSweptError("groups without a condition")
        return [
            (text, {name: kind for name, kind in sure.items() if name in grouped.expr})
            for text, sure in self._part(grouped.p)
        ]


def _joined(one: Form, other: Form) -> Form:
    (first, sure), (second, more) = one, other
    # A variable may not be assigned where it stands already.
    assigned = any(re.search(rf"\?{name}\b", first) for name in re.findall(r"AS \?(\w+)\)", second))
    return f"{first} {{ {second} }}" if assigned else f"{first} {second}", {**sure, **more}


def _selected(form: Form, names: set[Variable]) -> Form:
    text, sure = form
    returned = {name: kind for name, kind in sure.items() if name in names}
    if not returned:
        raise NotSweptError("a sub-select that returns nothing of its pattern")
    return f"{{ SELECT DISTINCT {' '.join(f'?{name}' for name in returned)} WHERE {{ {text} }} }}", returned


def _triples(part: CompValue) -> str:
    return " ".join(
        f"{_term(subject)} {_predicate(predicate)} {_term(value)} ."
        for subject, predicate, value in part.triples
    )


def _predicate(predicate: Any) -> str:
    return f"?{predicate}" if isinstance(predicate, Variable) else sparql_text(from_sparql(predicate))


def _term(term: Node) -> str:
    if isinstance(term, BNode):  # a variable that is not returned; its label may stand in one group only
        return f"?blank_{term}"
    return f"?{term}" if isinstance(term, Variable) else str(from_rdflib(term))


def _bound(part: CompValue) -> Kinds:
    return dict.fromkeys(_variables(part), "term")


def _variables(part: CompValue) -> set[Variable]:
    if part.name == "BGP":
        return {term for triple in part.triples for term in triple if isinstance(term, Variable)}
    listed = (value if isinstance(value, list) else [value] for value in part.values())  # not the set _vars
    return {each for values in listed for each in values if isinstance(each, Variable)}


def _parts_but(tree: Any, left_out: CompValue) -> Iterator[CompValue]:
    if tree is left_out:
        return
    if isinstance(tree, CompValue):
        yield tree
        for value in inner_parts(tree):
            yield from _parts_but(value, left_out)
    elif isinstance(tree, list | tuple) and not isinstance(tree, URIRef):
        for value in tree:
            yield from _parts_but(value, left_out)
