"""The look-ups that a SPARQL constraint makes, read from the algebra of its query.

Every triple pattern is tied, where possible, to ``$this`` by a chain of other patterns that any solution must
match as well; the chain is the prefix of its look-ups. A pattern that is not tied is a trigger: its matches
may concern every target. What the right-hand side of OPTIONAL or the pattern of EXISTS shares with the
outside counts only where the left-hand side is sure to bind it; everything else is renamed apart. A query
that holds anything not listed here is opaque: all its patterns are triggers.
"""

# ruff: noqa: ANN401 - rdflib and pySHACL pass terms, parts of queries and options without types

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import count
from typing import Any

from rdflib import RDF, RDFS, XSD, BNode, Literal, URIRef, Variable
from rdflib.paths import NegatedPath
from rdflib.paths import Path as SparqlPath
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import Query
from rdflib.term import Node

from pactgraph.shapes.algebra import EXISTS, THIS, UNSTEADY, Pattern, outermost_parts, parts
from pactgraph.shapes.lookups import Lookup, Trigger
from pactgraph.shapes.paths import (
    HERE,
    Choice,
    Path,
    PathError,
    Properties,
    Step,
    from_sparql,
    join,
    may_be_empty,
    reverse,
    steps,
)

_TRANSPARENT = {"SelectQuery", "AskQuery", "Distinct", "Reduced", "OrderBy", "Group"}
_WAYS = 3
_HUB = 8
_TO_HUBS = {RDF.type, RDFS.subClassOf}


class OpaqueError(Exception):
    """The query holds something whose look-ups are not analysed."""


def query_reads(shape: Node, query: Query) -> list[Lookup | Trigger]:
    """Return the look-ups and triggers of a query that is evaluated with ``$this`` as the focus node."""
    analysis = _Analysis(shape)
    try:
        analysis.visit(query.algebra, [], {})
    except (OpaqueError, PathError):
        return list(_opaque(shape, query.algebra))
    return list(dict.fromkeys(analysis.found))


def is_unsteady(query: Query) -> bool:
    """Say whether a query may answer differently each time (RAND, UUID and their like)."""
    return any(part.name in UNSTEADY for part in parts(query.algebra))


def _opaque(shape: Node, algebra: Any) -> Iterator[Trigger]:
    if any(part.name in {"Graph", "ServiceGraphPattern"} for part in parts(algebra)):
        yield Trigger(shape)
    for part in parts(algebra):
        for pattern in part.get("triples") or () if part.name == "BGP" else ():
            yield from _triggers(shape, pattern)


def _triggers(shape: Node, pattern: Pattern) -> Iterator[Trigger]:
    subject, predicate, value = pattern
    if isinstance(predicate, URIRef | Variable):
        known = predicate if isinstance(predicate, URIRef) else None
        yield Trigger(shape, known, _constant(subject), _constant(value))
    elif any(isinstance(part, NegatedPath) for part in _path_parts(predicate)):
        yield Trigger(shape)
    elif may_be_empty(from_sparql(predicate)):
        yield Trigger(shape)  # every node of the graph is tied to itself
    else:
        yield from (Trigger(shape, step.predicate) for _, step in steps(from_sparql(predicate)))


def _path_parts(path: Any) -> Iterator[Any]:
    yield path
    for inner in (*getattr(path, "args", ()), getattr(path, "arg", None), getattr(path, "path", None)):
        if isinstance(inner, SparqlPath):
            yield from _path_parts(inner)


def _constant(term: Node) -> Node | None:
    return term if isinstance(term, URIRef | Literal) else None


class _Analysis:
    """Collects the look-ups of one query; see the module."""

    def __init__(self, shape: Node) -> None:
        self.shape = shape
        self.found: list[Lookup | Trigger] = []
        self._apart = 0

    def visit(self, part: CompValue, around: list[Pattern], names: dict[Node, Variable]) -> None:
        """Collect from one part; ``around`` are the patterns that every solution of it must match as well."""
        kind = part.name
        if kind == "BGP":
            own = _renamed(part.triples, names)
            for pattern in own:
                self._look_up(pattern, [*around, *own])
        elif kind == "Join":
            self.visit(part.p1, [*around, *_sure(part.p2, names)], names)
            self.visit(part.p2, [*around, *_sure(part.p1, names)], names)
        elif kind == "Union":
            self.visit(part.p1, around, names)
            self.visit(part.p2, around, names)
        elif kind == "LeftJoin":
            self.visit(part.p1, around, names)
            self._right_of(part, around, names)
        elif kind in {"Filter", "Extend"}:
            self.visit(part.p, around, names)
            self._expression(part.expr, around, _sure(part.p, names), names)
        elif kind == "AggregateJoin":
            self.visit(part.p, around, names)
            self._expression(part.A, [], [], names)
        elif kind in _TRANSPARENT:
            self.visit(part.p, around, names)
            self._expression(part.get("expr"), [], [], names)
        elif kind in {"Project", "ToMultiSet"}:
            self._scope(part, around, names)
        elif kind != "values":
            raise OpaqueError(kind)

    def _right_of(self, part: CompValue, around: list[Pattern], names: dict[Node, Variable]) -> None:
        """Visit what stands to the right of OPTIONAL: it shares only what the left is sure to bind."""
        left = _sure(part.p1, names)
        apart = self._renaming(names, part.p2, keep=_variables(left))
        self.visit(part.p2, [*around, *left], apart)
        # rdflib forgets here what the left took from further out: nothing is sure but $this.
        self._expression(part.expr, [], [], names)

    def _scope(self, part: CompValue, around: list[Pattern], names: dict[Node, Variable]) -> None:
        if part.name == "ToMultiSet" or not around:
            inner = part.p
            if inner is not None:
                self.visit(inner, around, names)
            return
        # Only what a sub-select returns is shared with the outside; $this is pre-bound everywhere.
        kept = {names.get(variable, variable) for variable in part.PV}
        self.visit(part.p, around, self._renaming(names, part.p, keep=kept))

    def _expression(
        self, expression: Any, around: list[Pattern], bound: list[Pattern], names: dict[Node, Variable]
    ) -> None:
        """Visit the EXISTS in an expression, which share what the group is sure to bind."""
        for part in outermost_parts(expression):
            if part.name in EXISTS:
                apart = self._renaming(names, part.graph, keep=_variables(bound))
                self.visit(part.graph, [*around, *bound], apart)
            elif part.name == "Function" and not str(part.iri).startswith(str(XSD)):
                raise OpaqueError(str(part.iri))
            elif part.name in UNSTEADY:
                raise OpaqueError(part.name)

    def _renaming(self, names: dict[Node, Variable], part: Any, keep: Iterable[Node]) -> dict[Node, Variable]:
        """Rename the variables of a part apart, those aside whose (renamed) names are kept."""
        self._apart += 1
        kept = {THIS, *keep}
        used = {
            term
            for inner in parts(part)
            if inner.name == "BGP"
            for triple in inner.triples
            for term in triple
        }
        fresh = {
            term for term in used if isinstance(term, Variable | BNode) and names.get(term, term) not in kept
        }
        return {**names, **{term: Variable(f"{term}.{self._apart}") for term in fresh}}

    def _look_up(self, pattern: Pattern, patterns: list[Pattern]) -> None:
        subject, predicate, value = pattern
        reached = _reached([each for each in patterns if each != pattern])
        path = from_sparql(predicate)
        forward = [(weight, prefix, path, _constant(value)) for weight, prefix in reached.get(subject, ())]
        back = [
            (weight, prefix, reverse(path), _constant(subject)) for weight, prefix in reached.get(value, ())
        ]
        ways = [*forward, *back] if isinstance(path, Step) else forward or back
        if not ways:
            self.found.extend(_triggers(self.shape, pattern))
            return
        ways.sort(key=lambda way: way[0])
        # All ways of a longer path start at the same end, so that its steps come in the same order.
        for at in range(len(steps(path))):
            lookups = [self._along(prefix, way, at, end) for _, prefix, way, end in ways]
            self.found.append(replace(lookups[0], instead=tuple(lookups[1:])))

    def _along(self, prefix: Path, path: Path, at: int, end: Node | None) -> Lookup:
        """Return the look-up of one step of a pattern's path, on one way to it."""
        before, step = steps(path, prefix)[at]
        return Lookup(
            self.shape, before, step, end=end if isinstance(path, Step) else None, in_its_graph=True
        )


@dataclass(frozen=True)
class _Bridge:
    """Stands for a UNION that ties two variables in each of its branches."""

    path: Path
    weight: int


_Ways = dict[Node, list[tuple[int, Path]]]


def _reached(patterns: list[Pattern]) -> _Ways:
    """Return the lightest ways over patterns from ``$this`` to each variable, a few for each."""
    reached: _Ways = {}
    order = count()
    todo: list[tuple[int, int, Node, Path, frozenset[Node]]] = [(0, next(order), THIS, HERE, frozenset())]
    links = [link for pattern in patterns for link in _links(pattern)]
    while todo:
        weight, _, node, path, over = heappop(todo)
        ways = reached.setdefault(node, [])
        if len(ways) >= (1 if node == THIS else _WAYS) or (weight, path) in ways:
            continue
        ways.append((weight, path))
        for start, end, link, further in links:
            if start == node and isinstance(end, Variable | BNode) and end not in over:
                heappush(todo, (weight + further, next(order), end, join(path, link), over | {node}))
    return reached


def _links(pattern: Pattern) -> Iterator[tuple[Node, Node, Path, int]]:
    """Return the ways from one term of a pattern to another, each with a guess of how far it spreads."""
    subject, predicate, value = pattern
    link = predicate.path if isinstance(predicate, _Bridge) else from_sparql(predicate)
    weight = predicate.weight if isinstance(predicate, _Bridge) else _HUB if predicate in _TO_HUBS else 1
    yield subject, value, link, weight
    yield value, subject, reverse(link), weight + 1
    if isinstance(predicate, Variable):
        yield subject, predicate, Properties(), _HUB


def _bridges(first: list[Pattern], second: list[Pattern]) -> list[Pattern]:
    """Return what both branches of a UNION are sure to tie to ``$this``."""
    one, other = _reached(first), _reached(second)
    shared = [node for node in one if node in other and node != THIS]
    return [
        (
            THIS,
            _Bridge(Choice((one[node][0][1], other[node][0][1])), one[node][0][0] + other[node][0][0]),
            node,
        )
        for node in shared
    ]


def _sure(part: CompValue, names: dict[Node, Variable]) -> list[Pattern]:
    """Return the patterns that every solution of a part matches."""
    kind = part.name
    if kind == "BGP":
        return _renamed(part.triples, names)
    if kind == "Join":
        return [*_sure(part.p1, names), *_sure(part.p2, names)]
    if kind in {"LeftJoin", "Minus"}:
        return _sure(part.p1, names)
    if kind == "Union":
        return _bridges(_sure(part.p1, names), _sure(part.p2, names))
    if kind in {"Filter", "Extend"}:
        return _sure(part.p, names)
    return []


def sure_variables(part: CompValue) -> frozenset[Node]:
    """Return the variables that every solution of a part binds."""
    return frozenset(_variables(_sure(part, {})))


def _renamed(patterns: Iterable[Pattern], names: dict[Node, Variable]) -> list[Pattern]:
    return [tuple(names.get(term, term) for term in pattern) for pattern in patterns]  # type: ignore[misc]


def _variables(patterns: Iterable[Pattern]) -> set[Node]:
    return {term for pattern in patterns for term in pattern if isinstance(term, Variable | BNode)}
