"""One run of pySHACL over a graph in memory."""

# mypy: allow-untyped-calls
# (pySHACL has types in part only)

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from importlib.metadata import version
from typing import Self, cast

from pyshacl.graph_abstraction import DataGraph, RdfLibDataGraph
from pyshacl.pytypes import SHACLExecutor
from pyshacl.shapes_graph import ShapesGraph
from pyshacl.validator import Validator
from rdflib import OWL, SH, Graph
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result
from rdflib.term import Identifier, Node

from pactgraph.shapes.mended import Found, MendedShapesGraph

_PROVED = re.compile(r"0\.40\.\d+$")


class _DataGraph(RdfLibDataGraph):
    """A graph that counts as present without being counted, and that parses each query once."""

    def __init__(self, graph: Graph, prepared: dict[str, Query]) -> None:
        super().__init__(graph.store, graph)
        self._prepared = prepared

    def __new__(cls, graph: Graph, prepared: dict[str, Query]) -> Self:
        return cast(Self, super().__new__(cls, graph.store))

    def __bool__(self) -> bool:
        return True

    # pySHACL's own classes differ in their signatures of query(); this is what its constraints call.
    def query(  # type: ignore[override]
        self,
        query_object: str,
        initBindings: dict[str, Identifier] | None = None,  # noqa: N803 - rdflib's name
    ) -> Result:
        """Evaluate a query; its text is parsed the first time it is seen."""
        if query_object not in self._prepared:
            self._prepared[query_object] = prepareQuery(query_object)
        return self.impl.query(self._prepared[query_object], initBindings=initBindings)


@dataclass(frozen=True)
class Run:
    """The standard report of a validation, and for each of its results the shape whose targets led to it."""

    report: Graph
    roots: dict[Node, Node]


def shapes_graph(graph: Graph) -> ShapesGraph:
    """Return a shapes graph for ``run``; mended for the versions of pySHACL that this was proved with, else
    as it is."""
    _inherit_prefixes(graph)
    return MendedShapesGraph(graph) if _PROVED.match(version("pyshacl")) else ShapesGraph(graph)


def _inherit_prefixes(graph: Graph) -> None:
    """Declare on each node the prefixes of what it imports, as SHACL 5.2.1 asks for; nothing is fetched."""
    for importing in set(graph.subjects(OWL.imports)):
        for imported in graph.transitive_objects(importing, OWL.imports):
            for declaration in list(graph.objects(imported, SH.declare)):
                graph.add((importing, SH.declare, declaration))


class ShapeFaultError(Exception):
    """A shape that cannot be evaluated: it is malformed, nests too deeply, or its query is."""


Progress = Callable[[int, int], None]
"""Called with the number of shapes evaluated so far, and of all."""


def run(
    graph: Graph,
    shapes: ShapesGraph,
    only: Collection[Node] | None = None,
    progress: Progress | None = None,
) -> Run:
    """Validate a graph against all shapes of a shapes graph, or only those named.

    SHACL Core and SHACL-SPARQL; no advanced features, no JavaScript, no owl:imports, no inference.
    """
    data = DataGraph.from_rdflib(graph)
    if isinstance(shapes, MendedShapesGraph):
        data = _DataGraph(graph, shapes.prepared)
    found: Found = []
    roots: dict[Node, Node] = {}
    conforms = True
    chosen = [shape for shape in shapes.shapes if only is None or shape.node in only]
    for done, shape in enumerate(chosen):
        if progress is not None:
            progress(done, len(chosen))
        try:
            passed, results = shape.validate(SHACLExecutor(), data)
        except Exception as fault:  # pySHACL and rdflib raise anything here, from Exception to AttributeError
            raise ShapeFaultError(f"{shape.node}: {fault}") from fault
        conforms = conforms and passed
        found.extend(results)
        roots.update((node, shape.node) for _, node, _ in results)
    report, _ = Validator.create_validation_report(shapes, conforms, found)
    return Run(report, roots)
