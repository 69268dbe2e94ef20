"""What a patch would break: judged at a cost that follows the patch, with the results of full validation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import pyoxigraph as ox
from rdflib import Graph
from rdflib.term import Node

from pactgraph.errors import PactgraphError
from pactgraph.shapes.affected import BUDGET, Affected, affected, is_target
from pactgraph.shapes.answers import Answers, Committed
from pactgraph.shapes.compiled import Compiled
from pactgraph.shapes.crossing import to_rdflib
from pactgraph.shapes.findings import Finding, introduced
from pactgraph.shapes.judge import Judged
from pactgraph.shapes.overlay import GraphView, Patch
from pactgraph.shapes.report import Report
from pactgraph.shapes.running import ShapeFaultError
from pactgraph.shapes.wording import Result

LARGE = 5_000
"""A patch may affect as many pairs as the budget allows for each so many statements."""


@dataclass(frozen=True)
class Delta:
    """The judgement of one patch: what it introduces, what it concerned, and the graph after it.

    ``report`` is the standard report of the results found; ``introduced`` are those that were not there
    before.
    """

    introduced: list[Finding]
    affected: Affected
    report: Graph
    after: GraphView

    @property
    def conforms(self) -> bool:
        """Say whether the patch may be let in: warnings and infos do not refuse."""
        return all(finding.severity in {"Warning", "Info"} for finding in self.introduced)


class DeltaValidator:
    """Judges patches against one shapes graph, compiled once; keep it.

    The results that a patch introduces are those of full validation after it, less those before it; both are
    taken at the same time, ``now``, for shapes that read the clock.
    """

    def __init__(self, shapes: Graph | Compiled, budget: int = BUDGET) -> None:
        """Compile a shapes graph, unless it is.

        Past ``budget`` affected pairs everything is validated; for a large patch the budget grows with it.

        Raises what pySHACL raises for a malformed shapes graph.
        """
        self.compiled = compiled = shapes if isinstance(shapes, Compiled) else Compiled(shapes)
        self._validator, self._judge = compiled.validator, compiled.judge
        self._budget = budget
        self.dependencies = compiled.dependencies

    def introduced(
        self, before: Committed, added: Iterable[ox.Quad], removed: Iterable[ox.Quad], now: datetime
    ) -> Report:
        """Report, in plain language, what a patch to the default graph introduces.

        Raises PactgraphError when a shape cannot be evaluated.
        """
        return self.report(self.judge(before, Patch(added, removed), now))

    def report(self, delta: Delta, further: Iterable[Result] = ()) -> Report:
        """Word what a patch introduces, together with ``further`` results that are worded already."""
        return self._validator.report(delta.after, delta.report, delta.introduced, further)

    def judge(self, before: Committed, patch: Patch, now: datetime) -> Delta:
        """Judge a patch, not yet worded.

        Raises PactgraphError when a shape cannot be evaluated.
        """
        effect = patch.effect_on(before)
        kept = self._judge.prepared
        answers = Answers(before, {to_rdflib(triple[0]) for triple in effect.added | effect.removed})
        old, new = GraphView(answers, None, now, kept), GraphView(answers, effect, now, kept)
        budget = self._budget * max(1, len(effect) // LARGE)
        found = affected(self.dependencies, old, new, effect, budget)
        try:
            report, after = self._judged(new, found, set(self.dependencies.targets))
            # A result that was not there before has its like, if any, among those of the same shape.
            _, prior = self._judged(old, found, {each.root for each in after}) if after else (report, [])
        except ShapeFaultError as fault:
            reason = str(fault).partition("\n")[0]
            raise PactgraphError(
                f"A shape cannot be evaluated ({reason}); mend it in the shapes folder."
            ) from fault
        return Delta(introduced(after, prior), found, report, new)

    def _judged(self, view: GraphView, found: Affected, shapes: set[Node]) -> Judged:
        return self._judge.judge(view, self._pairs(view, found, shapes))

    def _pairs(self, view: GraphView, found: Affected, shapes: set[Node]) -> Iterator[tuple[Node, set[Node]]]:
        for shape in found.whole & shapes:
            yield shape, self._judge.targets(view, shape)
        for shape in (found.nodes.keys() & shapes) - found.whole:
            nodes = {node for node in found.nodes[shape] if is_target(self.dependencies, view, shape, node)}
            if nodes:
                yield shape, nodes
