"""The texts that the engine gets for one operation, and its errors in terms of the whole update.

Each text is a part of the update as it stands, or with all but its line ends blanked out, after lines of our
own; so a place in it is easily told as a place in the update.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pyoxigraph as ox

from pactgraph.errors import QueryRefused, SyntaxFault
from pactgraph.ingest.update_operations import DataOperation, PatternOperation, Span, Template
from pactgraph.query.evaluation import read_syntax_error, what_stands_at
from pactgraph.terms import Term

_NO_LINE_END = re.compile(r"[^\n]")


class EngineText:
    """Text for the engine: lines of our own, a part of the update from ``start`` on, an end of our own."""

    def __init__(self, update: str, preface: str, start: int, part: str, end: str = "") -> None:
        self.text = f"{preface}{part}{end}"
        self._update = update
        self._start = start
        self._lines = preface.count("\n")

    @contextmanager
    def faults_told(self) -> Iterator[None]:
        """Turn what the engine raises into ``SyntaxFault``, with the place in the update, and
        ``QueryRefused``."""
        try:
            yield
        except SyntaxError as error:
            raise self._fault(str(error)) from None
        except RuntimeError as error:
            raise QueryRefused(f"The update cannot be evaluated: {error}; change that part of it") from None

    def _fault(self, error: str) -> SyntaxFault:
        place = read_syntax_error(error)
        if place is None or place[0] <= self._lines:
            return SyntaxFault(f"The update does not parse: {error}; correct it", code="query-syntax")
        line, column, reason = place
        before = self._update[: self._start]
        if line == self._lines + 1:
            column += len(before) - (before.rfind("\n") + 1)
        line += before.count("\n") - self._lines
        found = what_stands_at(self._update, line, column)
        message = f"The update does not parse at line {line}, column {column}: {reason}{found}"
        return SyntaxFault(message, line=line, column=column, code="query-syntax")


def checking(update: str, operation: DataOperation | PatternOperation) -> EngineText:
    """Return the operation itself, with the pattern of DELETE/INSERT emptied; it is to parse, no more."""
    span, end = operation.span, ""
    if isinstance(operation, PatternOperation) and not operation.deletes_what_matches:
        span, end = Span(span.start, operation.where.start), "{}"
    return EngineText(update, operation.prologue, span.start, update[span.start : span.end], end)


def selecting(update: str, operation: PatternOperation, variables: Iterable[str]) -> EngineText:
    """Return the query for the solutions of the pattern, projected to the variables of the templates."""
    start, where = operation.span.start, operation.where
    projection = " ".join(f"?{name}" for name in variables) or "*"
    blanked = _NO_LINE_END.sub(" ", update[start : where.start])
    return EngineText(
        update,
        f"{operation.prologue}SELECT {projection}\n",
        start,
        blanked + update[where.start : where.end],
    )


def filling(
    update: str, prologue: str, template: Template, rows: Iterable[str], graph: str | None = None
) -> EngineText:
    """Return the insertion of a template's quads, one set of them for each row of values."""
    names = " ".join(f"?{name}" for name in template.variables)
    values = "\n".join(rows)
    home = "" if graph is None else f"WITH <{graph}>\n"
    span = template.span
    return EngineText(
        update,
        f"{prologue}{home}INSERT\n",
        span.start,
        update[span.start : span.end],
        f" WHERE {{ VALUES ({names}) {{\n{values}\n}} }}",
    )


def inserting(update: str, operation: DataOperation) -> EngineText:
    """Return the insertion of a DATA block's quads."""
    span = operation.block.span
    return EngineText(update, f"{operation.prologue}INSERT DATA\n", span.start, update[span.start : span.end])


def row(terms: Iterable[Term | None]) -> str:
    """Return one row of VALUES; the terms come from the engine, which escapes them."""
    return f"({' '.join('UNDEF' if term is None else _text(term) for term in terms)})"


def _text(term: Term) -> str:
    """Return a term as SPARQL text; a triple term prints without its brackets."""
    if isinstance(term, ox.Triple):
        return f"<<( {_text(term.subject)} {term.predicate} {_text(term.object)} )>>"
    return str(term)


def on_terms(triple: ox.Triple, change: Callable[[Any], Any]) -> ox.Triple:
    """Return the triple term with its subject and object changed."""
    return ox.Triple(change(triple.subject), triple.predicate, change(triple.object))
