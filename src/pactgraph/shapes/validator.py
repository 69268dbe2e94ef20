"""Full validation of a graph, and the verdict on a change to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property

from pyshacl.errors import ShapeLoadError
from rdflib import Graph
from rdflib.term import Node

from pactgraph.errors import PactgraphError
from pactgraph.shapes import running
from pactgraph.shapes.crossing import memory_copy
from pactgraph.shapes.findings import Finding, findings
from pactgraph.shapes.naming import prefixes
from pactgraph.shapes.report import Report, restricted, sorted_results
from pactgraph.shapes.wording import Listed, Result, Wording, listed_constraints

Progress = running.Progress
_NAMED = 5


class Validator:
    """The arbiter: validates graphs against one shapes graph.

    What pySHACL builds for a shapes graph is built once and kept, so a validator is worth keeping.
    """

    def __init__(self, shapes: Graph) -> None:
        """Take a copy of the shapes graph."""
        self.shapes = memory_copy(shapes)
        self._shapes_graph = running.shapes_graph(memory_copy(self.shapes))

    @cached_property
    def _listed(self) -> Listed:
        return listed_constraints(self.shapes)

    @property
    def roots(self) -> list[Node]:
        """The shapes that are evaluated one by one, in a fixed order."""
        return sorted(shape.node for shape in self._shapes_graph.shapes)

    def validate(self, graph: Graph, progress: Progress | None = None) -> Report:
        """Validate a whole graph; it must hold the ontology, whose ``rdfs:subClassOf`` classes rely on.

        Raises PactgraphError when the shapes graph itself is at fault.
        """
        report, found = self.run(graph, progress=progress)
        return self.report(graph, report, found)

    def run(
        self, graph: Graph, only: Collection[Node] | None = None, progress: Progress | None = None
    ) -> tuple[Graph, list[Finding]]:
        """Return the standard report of a graph and its results, not yet worded; of all shapes, or only
        these.

        Raises PactgraphError when the shapes graph itself is at fault.
        """
        try:
            ran = running.run(graph, self._shapes_graph, only, progress)
        except (running.ShapeFaultError, ShapeLoadError) as fault:
            reason = str(fault).partition("\n")[0]
            raise PactgraphError(
                f"A shape cannot be evaluated ({reason}); mend it in the shapes folder."
            ) from fault
        for prefix, namespace in prefixes(self.shapes).items():
            ran.report.bind(prefix, namespace)
        return ran.report, findings(ran.report, ran.roots)

    def report(
        self, graph: Graph, report: Graph, found: Iterable[Finding], further: Iterable[Result] = ()
    ) -> Report:
        """Word the results found in a graph; the report keeps only them and the ``further`` ones, already
        worded."""
        wording = Wording(graph, self.shapes, self._listed)
        worded = [*further, *(wording.result(finding) for finding in found)]
        nodes = [result.node for result in worded if result.node is not None]
        return Report(sorted_results(worded), restricted(report, nodes))
