"""Whether a SPARQL constraint could have a result for a focus node: asked before rdflib is.

Evaluating a query in rdflib costs milliseconds, and nearly always there is no solution. Here a query becomes
a chain of functions over the look-ups of a view. A screen lets through every focus node that rdflib has a
solution for: each solution has a row here that is a part of it. What stands in OPTIONAL and MINUS is left
out, and so is a condition whose variables are not all known; both can only let more through. rdflib judges
what passes.
"""

# ruff: noqa: ANN401 - rdflib's algebra is made of parts, terms and lists without types

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rdflib import Variable
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import Query, SPARQLError
from rdflib.term import Node

from pactgraph.shapes.algebra import EXISTS, asks_for_members, conjuncts
from pactgraph.shapes.conditions import Evaluation, NotKnownError, Row, Scope
from pactgraph.shapes.matching import NotScreenedError, is_variable, pattern_matches
from pactgraph.shapes.overlay import GraphView

Rows = Callable[[GraphView, Row], Iterator[Row]]
"""Yields the rows that a part makes of one, with what it binds added."""
Screen = Callable[[GraphView, Mapping[str, Node]], bool]

_TRANSPARENT = {"SelectQuery", "Distinct", "Reduced", "OrderBy", "Slice", "Project"}
_EXACT = {"BGP", "Join", "Union", "Filter"}
"""What may stand in EXISTS: everything else is relaxed, and a negation would turn that round."""
_NONE: frozenset[Node] = frozenset()


@dataclass(frozen=True)
class _Part:
    """A part of a query as a function; ``bound`` are the variables that every row has, ``known`` these and
    the computed ones, which may lack a value as in the solution, ``named`` all that may be bound in it."""

    rows: Rows
    bound: frozenset[Node]
    known: frozenset[Node]
    named: frozenset[Node]


def screen(query: Query, given: Iterable[str] = ("this",)) -> Screen:
    """Return a function that says, for a view and what is pre-bound, whether there may be a solution.

    ``query`` is evaluated in the order in which it is written. Raises NotScreenedError when it holds what is
    not understood here.
    """
    compiled = _Compiler(query.algebra, frozenset(map(Variable, given))).part(query.algebra)

    def may_have_a_solution(view: GraphView, bindings: Mapping[str, Node]) -> bool:
        row: Row = {Variable(name): value for name, value in bindings.items()}
        try:
            return any(True for _ in compiled.rows(view, row))
        except Exception:  # of look-ups or conditions: rdflib says what is wrong, if it comes to that
            return True

    return may_have_a_solution


@dataclass
class _Compiler:
    """Makes functions of the parts of one query; ``given`` are the variables that are bound everywhere."""

    algebra: CompValue
    given: frozenset[Node]
    kinds: dict[Node, str] = field(default_factory=dict)

    def part(self, part: CompValue) -> _Part:
        """Return a part of the query as a function."""
        kind = part.name
        if kind in _TRANSPARENT:
            return self.part(part.p)
        if kind in {"LeftJoin", "Minus"}:
            return self._left(part)
        made = {
            "BGP": self._patterns,
            "Join": self._join,
            "Union": self._union,
            "Filter": self._filter,
            "Extend": self._extend,
            "ToMultiSet": self._subselect,
        }.get(kind)
        if made is None:
            raise NotScreenedError(kind)
        return made(part)

    def _patterns(self, part: CompValue) -> _Part:
        rows: Rows = _unchanged
        for pattern in part.triples:
            rows = _after(rows, pattern_matches(pattern))
        names = frozenset(term for pattern in part.triples for term in pattern if is_variable(term))
        for name in names:
            self._is_of_kind(name, "term")
        return _Part(rows, names, names, names)

    def _join(self, part: CompValue) -> _Part:
        one, two = self.part(part.p1), self.part(part.p2)
        bound, named = one.bound | two.bound, one.named | two.named
        known = bound | (one.known - two.named) | (two.known - one.named)
        return _Part(_after(one.rows, two.rows), bound, known, named)

    def _union(self, part: CompValue) -> _Part:
        one, two = self.part(part.p1), self.part(part.p2)
        first, second, named = one.rows, two.rows, one.named | two.named

        def rows(view: GraphView, row: Row) -> Iterator[Row]:
            yield from first(view, row)
            yield from second(view, row)

        return _Part(rows, one.bound & two.bound, one.known & two.known, named)

    def _left(self, part: CompValue) -> _Part:
        left = self.part(part.p1)
        if part.name == "Minus":
            return left
        optional = names_in(part.p2)
        return _Part(left.rows, left.bound, left.bound | (left.known - optional), left.named | optional)

    def _filter(self, part: CompValue) -> _Part:
        grouped = part.p
        while grouped.name == "Extend":  # what the groups return
            grouped = grouped.p
        if grouped.name == "AggregateJoin":
            return self._having(part, grouped)
        inner = self.part(part.p)
        rows = inner.rows
        for condition in conjuncts(part.expr):
            try:
                rows = _where(rows, self._scope(inner, _NONE).condition(condition))
            except NotKnownError:
                continue
        return _Part(rows, inner.bound, inner.known, inner.named)

    def _having(self, part: CompValue, groups: CompValue) -> _Part:
        """Relax groups with a condition on an aggregate to their members."""
        if not asks_for_members(part.expr, groups):
            raise NotScreenedError("groups without a condition")
        members = self.part(groups.p.p)

        def rows(view: GraphView, row: Row) -> Iterator[Row]:
            if any(True for _ in members.rows(view, {name: row[name] for name in self.given if name in row})):
                yield row

        return _Part(rows, _NONE, _NONE, _NONE)

    def _scope(self, inner: _Part, outside: frozenset[Node]) -> Scope:
        """Return what a condition on a part sees: no variable from further out, but those of EXISTS."""
        known = inner.known | self.given | outside
        return Scope(known, self.kinds, lambda exists: self._exists(exists, known))

    def _exists(self, part: CompValue, known: frozenset[Node]) -> Evaluation:
        if (names_in(part.graph) & names_in(self.algebra, but=part)) - known:
            raise NotKnownError("a variable that may be bound outside")
        try:
            rows = self._exactly(part.graph, known, top=True).rows
        except NotScreenedError as reason:
            raise NotKnownError(str(reason)) from reason

        def evaluate(view: GraphView, row: Row) -> bool:
            seen = {name: value for name, value in row.items() if name in known}
            return any(True for _ in rows(view, seen))

        return evaluate

    def _exactly(self, part: CompValue, outside: frozenset[Node], *, top: bool) -> _Part:
        """Return the part of EXISTS, which may not be relaxed; its outermost conditions see the outside."""
        if part.name not in _EXACT:
            raise NotScreenedError(part.name)
        if part.name != "Filter":
            for inner in (part.p1, part.p2) if part.name != "BGP" else ():
                self._exactly(inner, outside, top=False)
            return self.part(part)
        inner = self._exactly(part.p, outside, top=False)
        seen = outside if top and part.no_isolated_scope else _NONE
        condition = self._scope(inner, seen).condition(part.expr)
        return _Part(_where(inner.rows, condition), inner.bound, inner.known, inner.named)

    def _extend(self, part: CompValue) -> _Part:
        inner, name = self.part(part.p), part.var
        if name in inner.named | self.given:
            raise NotScreenedError("a variable bound twice")
        try:
            evaluate, kind = self._scope(inner, _NONE).value(part.expr)
        except NotKnownError:
            return _Part(inner.rows, inner.bound, inner.known, inner.named | {name})
        self._is_of_kind(name, kind)

        def rows(view: GraphView, row: Row) -> Iterator[Row]:
            if name in row:
                raise NotScreenedError("a variable bound outside")
            for found in inner.rows(view, row):
                try:
                    yield {**found, name: evaluate(view, found)}
                except SPARQLError:  # then it stays unbound (SPARQL 1.1, 18.5, Extend)
                    yield found

        return _Part(rows, inner.bound, inner.known | {name}, inner.named | {name})

    def _is_of_kind(self, name: Node, kind: str) -> None:
        if self.kinds.setdefault(name, kind) != kind:
            raise NotScreenedError("a variable for values of several kinds")

    def _subselect(self, part: CompValue) -> _Part:
        """Return a sub-select, of which only what it returns is seen outside."""
        inner = part.p
        while inner.name in _TRANSPARENT - {"Project"}:
            inner = inner.p
        if inner.name != "Project":
            raise NotScreenedError(inner.name)
        returned = frozenset(inner.PV)
        within = self.part(inner.p)
        passed = returned | self.given

        def rows(view: GraphView, row: Row) -> Iterator[Row]:
            for found in within.rows(view, {name: row[name] for name in passed if name in row}):
                yield {**row, **{name: found[name] for name in returned if name in found}}

        return _Part(rows, within.bound & returned, within.known & returned, returned)


def _unchanged(view: GraphView, row: Row) -> Iterator[Row]:
    yield row


def _after(first: Rows, second: Rows) -> Rows:
    if first is _unchanged:
        return second

    def rows(view: GraphView, row: Row) -> Iterator[Row]:
        for found in first(view, row):
            yield from second(view, found)

    return rows


def _where(rows: Rows, condition: Evaluation) -> Rows:
    def kept(view: GraphView, row: Row) -> Iterator[Row]:
        for found in rows(view, row):
            try:
                holds = condition(view, found)
            except SPARQLError:  # an error is false (SPARQL 1.1, 17.2)
                continue
            if holds:
                yield found

    return kept


def names_in(tree: Any, but: CompValue | None = None) -> frozenset[Node]:
    """Return all variables anywhere in a part, leaving out one part of it."""
    if is_variable(tree):
        return frozenset((tree,))
    inner: Iterable[Any] = ()
    if isinstance(tree, CompValue):
        values = (each for key, each in tree.items() if key not in {"_vars", "PV"})  # rdflib's lists of them
        inner = () if tree is but else (tree.graph,) if tree.name in EXISTS else values
    elif isinstance(tree, list | tuple | set):
        inner = tree
    return frozenset(name for each in inner for name in names_in(each, but))
