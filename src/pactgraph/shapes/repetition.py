"""Repeated paths in queries (``*``, ``+``, ``?``), evaluated as SPARQL 1.1, 9.3 says also at literals.

rdflib 7.6 asks whether an end of a path is true where it means whether it is given, so that ``""``, ``0`` and
``false`` count as not given and the path is evaluated from every node of the graph.
"""

# ruff: noqa: ANN401 - rdflib and pySHACL pass terms, parts of queries and options without types

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from rdflib import Graph
from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath
from rdflib.paths import Path as SparqlPath
from rdflib.term import Node

from pactgraph.shapes.paths import PathError, from_sparql, reverse, walk


class _Repetition(MulPath):
    """A repeated path that is walked from the end that is given."""

    def __init__(self, path: MulPath) -> None:
        super().__init__(path.path, path.mod)
        self._walked = from_sparql(path)

    def eval(
        self, graph: Graph, subj: Node | None = None, obj: Node | None = None, first: bool = True
    ) -> Generator[tuple[Any, Any], None, None]:
        """Return the pairs of ends; see rdflib."""
        if subj is not None:
            ends = walk(graph, self._walked, (subj,))
            yield from ((subj, end) for end in ends if obj is None or end == obj)
        elif obj is not None:
            yield from ((start, obj) for start in walk(graph, reverse(self._walked), (obj,)))
        else:
            yield from super().eval(graph, subj, obj, first)


def as_specified(path: Node | SparqlPath) -> Any:
    """Return a predicate or path of a query with its repetitions as they are specified."""
    if isinstance(path, MulPath) and not isinstance(path, _Repetition):
        try:
            return _Repetition(path)
        except PathError:
            return path  # it repeats a negated property set
    if isinstance(path, SequencePath):
        return SequencePath(*map(as_specified, path.args))
    if isinstance(path, AlternativePath):
        return AlternativePath(*map(as_specified, path.args))
    return InvPath(as_specified(path.arg)) if isinstance(path, InvPath) else path
