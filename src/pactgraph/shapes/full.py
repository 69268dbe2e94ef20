"""Full validation of a store: all shapes at all their targets, with the results of pySHACL and bounded
memory.

Targets are read from the store shape by shape and judged in portions. SPARQL constraints, which rdflib
evaluates a thousand times more slowly than the store, are judged only where a sweep of the store finds that
they could complain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice

import pyoxigraph as ox
from rdflib import RDF, Graph, URIRef
from rdflib.term import Node

from pactgraph.errors import PactgraphError
from pactgraph.shapes.answers import StoreTriples, Term
from pactgraph.shapes.compiled import Compiled
from pactgraph.shapes.crossing import from_rdflib
from pactgraph.shapes.dependencies import Targets
from pactgraph.shapes.findings import introduced
from pactgraph.shapes.judge import Judged
from pactgraph.shapes.overlay import GraphView
from pactgraph.shapes.report import Report
from pactgraph.shapes.running import ShapeFaultError
from pactgraph.shapes.sourcing import unsourced

PORTION = 2_000
TOLD = 1_000
"""The most violations that one report words."""
NAMED = 5
"""How many violations of a seed are named."""
Progress = Callable[[int, int], None]
"""Called with the number of shapes judged so far, and of all."""


class FullValidator:
    """Validates the default graph of a store against one shapes graph, compiled once; keep it."""

    def __init__(self, shapes: Graph | Compiled) -> None:
        """Compile a shapes graph, unless it is.

        Raises what pySHACL raises for a malformed shapes graph.
        """
        compiled = shapes if isinstance(shapes, Compiled) else Compiled(shapes)
        self._validator, self._judge = compiled.validator, compiled.judge
        self._dependencies, self._sweeps = compiled.dependencies, compiled.sweeps

    def validate(self, store: ox.Store, now: datetime, progress: Progress | None = None) -> Report:
        """Report, in plain language, all results for the default graph of a store that nobody writes to
        meanwhile.

        Raises PactgraphError when a shape cannot be evaluated.
        """
        report, found = self.run(store, now, progress)
        return self._validator.report(GraphView(StoreTriples(store), now=now), report, found)

    def introduced(
        self,
        before: ox.Store,
        after: ox.Store,
        stated: Iterable[ox.Quad],
        now: datetime,
        progress: Progress | None = None,
    ) -> Report:
        """Report, in plain language, what holds for one store and not for the other, and what has no source.

        ``stated`` has a quad of each graph whose source is asked for. Of very many violations the first are
        told. Raises PactgraphError when a shape cannot be evaluated.
        """
        report, found = self.run(after, now, progress)
        _, prior = self.run(before, now)
        view = GraphView(StoreTriples(after), now=now)
        refused = unsourced(view, stated, report)
        new = introduced(found, prior)
        violations = [finding for finding in new if finding.severity not in {"Warning", "Info"}]
        told = violations[:TOLD] if len(violations) > TOLD else new
        return self._validator.report(view, report, told, refused)

    def run(self, store: ox.Store, now: datetime, progress: Progress | None = None) -> Judged:
        """Return the standard report and the results, not yet worded.

        Raises PactgraphError when a shape cannot be evaluated.
        """
        view = GraphView(StoreTriples(store), None, now, self._judge.prepared)
        try:
            return self._judge.judge(view, self._portions(store, view, progress))
        except ShapeFaultError as fault:
            reason = str(fault).partition("\n")[0]
            raise PactgraphError(
                f"A shape cannot be evaluated ({reason}); mend it in the shapes folder."
            ) from fault

    def _portions(
        self, store: ox.Store, view: GraphView, progress: Progress | None
    ) -> Iterator[tuple[Node, list[Node]]]:
        shapes = self._dependencies.targets
        for done, (shape, targets) in enumerate(shapes.items()):
            if progress is not None:
                progress(done, len(shapes))
            places = _target_patterns(targets, view)
            view.candidates = {
                constraint: _matching(store, view, places, patterns)
                for constraint, patterns in self._sweeps.get(shape, {}).items()
            }
            nodes = iter(_targets(store, view, targets))
            while portion := list(islice(nodes, PORTION)):
                view.forget()
                yield shape, [view.term(node) for node in portion]


def seed_guard(quads: Iterable[ox.Quad], shapes: Graph | Compiled, now: datetime) -> None:
    """Let the shipped quads in as the first revision, or raise PactgraphError naming the first violations."""
    store = ox.Store()
    store.extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    violations = FullValidator(shapes).validate(store, now).violations
    if violations:
        named = "\n".join(f"- {violation.message}" for violation in violations[:NAMED])
        counted = f"{len(violations)} violation{'' if len(violations) == 1 else 's'}"
        raise PactgraphError(f"The shipped facts do not conform ({counted}); mend them first:\n{named}")


def _matching(store: ox.Store, view: GraphView, places: list[str], patterns: list[str]) -> set[Node]:
    found: set[Term] = set()
    for place in places:
        for pattern in patterns:
            solutions = store.query(f"SELECT DISTINCT ?this WHERE {{ {place} {pattern} }}")
            found.update(solution["this"] for solution in solutions)  # type: ignore[union-attr] # a SELECT
    return {view.term(node) for node in found}


def _target_patterns(targets: Targets, view: GraphView) -> list[str]:
    """Return patterns that bind ``?this``, of which each target matches one."""
    kinds = {below for kind in targets.classes for below in view.closure(kind, down=True)}
    listed = " ".join(str(from_rdflib(kind)) for kind in kinds if isinstance(kind, URIRef))
    patterns = [f"VALUES ?target_kind {{ {listed} }} ?this {RDF.type.n3()} ?target_kind ."] if listed else []
    patterns += [f"?this {each.n3()} ?target_object ." for each in targets.subjects_of]
    patterns += [f"?target_subject {each.n3()} ?this ." for each in targets.objects_of]
    named = " ".join(str(from_rdflib(node)) for node in targets.nodes)
    return [*patterns, f"VALUES ?this {{ {named} }}"] if named else patterns


def _targets(store: ox.Store, view: GraphView, targets: Targets) -> dict[Term, None]:
    """Return the targets that are in the store, each once, and those that a shape names."""
    triples = StoreTriples(store)
    found: dict[Term, None] = dict.fromkeys(from_rdflib(node) for node in targets.nodes)
    for kind in {below for each in targets.classes for below in view.closure(each, down=True)}:
        instances = triples.triples(None, from_rdflib(RDF.type), from_rdflib(kind))
        found.update((subject, None) for subject, _, _ in instances)
    for each in targets.subjects_of:
        found.update((subject, None) for subject, _, _ in triples.triples(None, from_rdflib(each), None))
    for each in targets.objects_of:
        found.update((value, None) for _, _, value in triples.triples(None, from_rdflib(each), None))
    return found
