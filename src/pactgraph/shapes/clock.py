"""SPARQL queries at a given time: ``NOW()`` is an argument, as the commit that is judged has one time only.

rdflib asks the machine's clock anew for each part of a query. The context below hands its time on instead;
nothing in rdflib itself is changed.
"""

# mypy: allow-untyped-calls
# (rdflib's SPARQL has types in part only)

# ruff: noqa: ANN401 - rdflib and pySHACL pass terms, parts of queries and options without types

from __future__ import annotations

from datetime import datetime
from typing import Any

from rdflib import Graph, Variable
from rdflib.plugins.sparql.evaluate import evalPart
from rdflib.plugins.sparql.processor import SPARQLResult
from rdflib.plugins.sparql.sparql import FrozenBindings, Query, QueryContext
from rdflib.query import Result
from rdflib.term import Identifier


class _TimedContext(QueryContext):
    """A query context that hands its time on to the contexts made from it."""

    def clone(self, bindings: Any = None) -> _TimedContext:
        copy = _TimedContext(self.graph, bindings or self.bindings, initBindings=self.initBindings)
        copy.prologue = self.prologue
        copy.bnodes = self.bnodes
        copy._now = self._now
        return copy


def evaluate(graph: Graph, query: Query, bindings: dict[str, Identifier], now: datetime | None) -> Result:
    """Evaluate a prepared query with pre-bound variables on one graph; ``NOW()`` is ``now``, if given."""
    bound: dict[str, Identifier] = {Variable(name): value for name, value in bindings.items()}
    context = _TimedContext(graph, initBindings=bound)
    context.prologue = query.prologue
    context._now = now
    context._now = context.now
    return SPARQLResult(evalPart(context, query.algebra))


def solution(graph: Graph, bindings: Any, now: datetime | None) -> FrozenBindings:
    """Return bindings as rdflib's expressions take them; ``NOW()`` is ``now``, if given."""
    context = _TimedContext(graph, initBindings=bindings)
    context._now = now
    context._now = context.now
    return FrozenBindings(context, bindings)
