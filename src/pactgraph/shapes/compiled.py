"""A shapes graph made ready for the judges, once: what they share."""

from __future__ import annotations

from rdflib import Graph
from rdflib.term import Node

from pactgraph.shapes.dependencies import Dependencies
from pactgraph.shapes.judge import Judge
from pactgraph.shapes.sweep import NotSweptError, relaxed
from pactgraph.shapes.validator import Validator

Sweeps = dict[Node, dict[Node, list[str]]]
"""Relaxed patterns, by shape and the node of the SPARQL constraint."""


class Compiled:
    """What the shapes depend on, their sweeps, and the judge that evaluates them.

    Parsing the queries is most of the cost; each is parsed once. ``not_swept`` says why a SPARQL constraint
    has no sweep.
    """

    def __init__(self, shapes: Graph) -> None:
        """Compile a shapes graph.

        Raises what pySHACL raises for a malformed shapes graph.
        """
        self.validator = Validator(shapes)
        self.judge = Judge(self.validator.shapes)
        self.dependencies = Dependencies(self.judge.shapes)
        self.sweeps, self.not_swept = _sweeps(self.dependencies)
        self.judge.prepare(self.dependencies.queries)  # puts them into another order: they come last


def _sweeps(dependencies: Dependencies) -> tuple[Sweeps, dict[Node, str]]:
    """Return the sweeps, and why the other constraints have none.

    A shape that others use is evaluated at more nodes than its targets, so its constraints are not swept.
    """
    sweeps: Sweeps = {}
    reasons: dict[Node, str] = {}
    for shape, queries in dependencies.queries.items():
        for constraint, query in queries.items():
            if (
                shape not in dependencies.targets
                or dependencies.uses.get(shape)
                or shape in dependencies.unsteady
            ):
                reasons[constraint] = "not evaluated at targets only"
                continue
            try:
                sweeps.setdefault(shape, {})[constraint] = relaxed(query)
            except NotSweptError as reason:
                reasons[constraint] = str(reason)
    return sweeps, reasons
