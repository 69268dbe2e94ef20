"""One triple pattern of a query as a function over the look-ups of a view."""

# ruff: noqa: ANN401 - a predicate is a term or a path

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from rdflib import BNode, URIRef, Variable
from rdflib.paths import Path as SparqlPath

from pactgraph.shapes.algebra import Pattern
from pactgraph.shapes.conditions import Row
from pactgraph.shapes.overlay import GraphView
from pactgraph.shapes.paths import Path, PathError, from_sparql, reverse, walk

Matches = Callable[[GraphView, Row], Iterator[Row]]


class NotScreenedError(Exception):
    """A query, or a row of its evaluation, that is left to rdflib."""


def is_variable(term: Any) -> bool:
    """Say whether a term of a pattern is a variable; blank nodes are, too (SPARQL 1.1, 4.1.4)."""
    return isinstance(term, Variable | BNode)


def pattern_matches(pattern: Pattern) -> Matches:
    """Return a function that yields, for a row, the rows that a pattern makes of it.

    Raises NotScreenedError for a negated property set; the function does for a pattern without an end that is
    bound, which would read the whole graph.
    """
    subject, predicate, value = pattern
    if isinstance(predicate, SparqlPath):
        try:
            return _path(subject, from_sparql(predicate), value)
        except PathError as fault:
            raise NotScreenedError(str(fault)) from fault
    if is_variable(predicate):
        return _any_predicate(subject, predicate, value)
    return _step(subject, predicate, value)


def _step(subject: Any, predicate: URIRef, value: Any) -> Matches:
    open_start, open_end = is_variable(subject), is_variable(value)

    def matches(view: GraphView, row: Row) -> Iterator[Row]:
        start = row.get(subject) if open_start else subject
        end = row.get(value) if open_end else value
        if start is not None:
            if end is None:
                for found in view.objects(start, predicate):
                    yield {**row, value: found}
            elif view.holds(start, predicate, end):
                yield row
        elif end is None:
            raise NotScreenedError("a pattern with two open ends")
        else:
            for found in view.subjects(predicate, end):
                yield {**row, subject: found}

    return matches


def _path(subject: Any, path: Path, value: Any) -> Matches:
    back = reverse(path)
    open_start, open_end = is_variable(subject), is_variable(value)

    def matches(view: GraphView, row: Row) -> Iterator[Row]:
        start = row.get(subject) if open_start else subject
        end = row.get(value) if open_end else value
        if start is not None:
            reached = walk(view, path, (start,))
            if end is None:
                yield from ({**row, value: found} for found in reached)
            elif end in reached:
                yield row
        elif end is None:
            raise NotScreenedError("a path with two open ends")
        else:
            yield from ({**row, subject: found} for found in walk(view, back, (end,)))

    return matches


def _any_predicate(subject: Any, predicate: Any, value: Any) -> Matches:
    if predicate in {subject, value}:
        raise NotScreenedError("a predicate that is an end, too")
    open_start, open_end = is_variable(subject), is_variable(value)

    def matches(view: GraphView, row: Row) -> Iterator[Row]:
        start = row.get(subject) if open_start else subject
        if start is None:
            raise NotScreenedError("a pattern without a subject")
        end = row.get(value) if open_end else value
        along = row.get(predicate)
        for found, reached in view.statements(start):
            if along in {None, found} and end in {None, reached}:
                matched = {**row, predicate: found}
                yield {**matched, value: reached} if open_end else matched

    return matches
