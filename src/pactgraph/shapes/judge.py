"""Judges focus nodes with pySHACL's own shapes: one judgement for a whole graph and for the few nodes of a
patch.

On top of the mended pySHACL, a blank node that cannot be compared is a violation and not a failure, and
SPARQL constraints are prepared once and screened.
"""

# mypy: allow-untyped-calls
# (pySHACL has types in part only)

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from pyshacl.pytypes import SHACLExecutor
from pyshacl.shapes_graph import ShapesGraph
from pyshacl.validator import Validator
from rdflib import Graph
from rdflib.plugins.sparql.sparql import Query
from rdflib.term import Node

from pactgraph.shapes import running
from pactgraph.shapes.components import AskingExecutor, PreparedSPARQL, better
from pactgraph.shapes.crossing import memory_copy
from pactgraph.shapes.findings import Finding, findings
from pactgraph.shapes.mended import (
    Found,
    MendedShape,
    MendedShapesGraph,
    Steps,
    Verdict,
)
from pactgraph.shapes.overlay import GraphView

Judged = tuple[Graph, list[Finding]]
"""A standard report and the results in it."""


class Judge:
    """pySHACL's shapes of one shapes graph, ready to judge any focus node of any view."""

    def __init__(self, shapes: Graph) -> None:
        """Serve a copy of this shapes graph; unmended where the version of pySHACL is not known."""
        self.shapes: ShapesGraph = running.shapes_graph(memory_copy(shapes))
        if isinstance(self.shapes, MendedShapesGraph):
            self.shapes = JudgedShapesGraph(self.shapes.graph)
        self.prepared: dict[str, Query] = {}

    def prepare(self, queries: Mapping[Node, Mapping[Node, Query]]) -> None:
        """Make the SPARQL constraints ready from their queries, by shape and constraint.

        The queries are put into another order, in place.
        """
        for shape in self.shapes.shapes:
            known = isinstance(shape, JudgedShape) and not shape.deactivated
            for component in shape.components() if known else ():
                if isinstance(component, PreparedSPARQL):
                    component.prepare(queries.get(shape.node, {}))

    def targets(self, view: GraphView, shape: Node) -> set[Node]:
        """Return all targets of a shape."""
        found: set[Node] = self.shapes.lookup_shape_from_node(shape).focus_nodes(view)
        return found

    def judge(self, view: GraphView, pairs: Iterable[tuple[Node, Collection[Node]]]) -> Judged:
        """Evaluate shapes at focus nodes.

        Raises running.ShapeFaultError for a shape that cannot be evaluated.
        """
        found: Found = []
        roots: dict[Node, Node] = {}
        conforms = True
        for shape, nodes in pairs:
            passed, results = self._one(view, shape, list(nodes))
            conforms = conforms and passed
            found.extend(results)
            roots.update((node, shape) for _, node, _ in results)
        report, _ = Validator.create_validation_report(self.shapes, conforms, found)
        return report, findings(report, roots)

    def _one(self, view: GraphView, shape: Node, nodes: list[Any]) -> Verdict:
        try:
            verdict: Verdict = self.shapes.lookup_shape_from_node(shape).validate(
                SHACLExecutor(), view, nodes
            )
        except Exception as fault:  # pySHACL and rdflib raise anything here, from Exception to AttributeError
            raise running.ShapeFaultError(f"{shape}: {fault}") from fault
        return verdict


class JudgedShape(MendedShape):
    """A mended shape that knows when only its verdict is asked for."""

    __slots__ = ()

    def validate(
        self,
        executor: SHACLExecutor,
        target_graph: Graph,
        focus: Sequence[Node] | Node | None = None,
        _evaluation_path: Steps | None = None,
    ) -> Verdict:
        """Evaluate the shape at the focus nodes given; see MendedShape."""
        if not isinstance(executor, AskingExecutor) or not isinstance(target_graph, GraphView):
            return super().validate(executor, target_graph, focus, _evaluation_path)
        target_graph.asked += 1
        try:
            return super().validate(executor, target_graph, focus, _evaluation_path)
        finally:
            target_graph.asked -= 1


class JudgedShapesGraph(MendedShapesGraph):
    """A mended shapes graph whose shapes and components are those of this module."""

    def __init__(self, graph: Graph) -> None:
        """Serve this shapes graph."""
        super().__init__(graph)
        own = {known: better(known) for known in set(self.component_classes.values())}
        self.component_classes = {name: own[known] for name, known in self.component_classes.items()}

    def _build_node_shape_cache(self) -> None:
        ShapesGraph._build_node_shape_cache(self)
        originals = self._node_shape_cache
        self._node_shape_cache = {node: JudgedShape(self, original) for node, original in originals.items()}
