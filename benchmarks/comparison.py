"""One case of the comparison: a random shapes graph, a random data graph, and a series of patches to it."""

# ruff: noqa: ANN401 - our judgement is a Delta, or the error that stands for it

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, Protocol

import pyoxigraph as ox
from random_shacl import ShapesWriter, Triple, World
from rdflib import Graph
from reference import Reference, has_inverted_sequence, with_inverses_pushed_down

from pactgraph.errors import PactgraphError
from pactgraph.shapes.answers import StoreTriples
from pactgraph.shapes.crossing import from_rdflib, graph_of
from pactgraph.shapes.delta import DeltaValidator
from pactgraph.shapes.findings import Finding, introduced
from pactgraph.shapes.full import FullValidator
from pactgraph.shapes.overlay import Patch

_FULL_EVERY = 5
NOW = datetime(2024, 6, 1, tzinfo=UTC)


@dataclass
class Tally:
    """What was compared, and what did not agree."""

    counts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)


def quads(triples: set[Triple]) -> list[ox.Quad]:
    """Return the triples as statements of the default graph."""
    return [ox.Quad(*(from_rdflib(term) for term in triple)) for triple in triples]


def compare(seed: int, patches: int, tally: Tally, budget: int = 50_000) -> None:
    """Compare the delta validation of a series of patches with full validation before and after each."""
    random = Random(seed)  # noqa: S311 - test data
    world = World(random)
    shapes = ShapesWriter(world).write()
    data = world.data()
    series = Series(shapes, quads(data), tally, f"seed {seed}", budget=budget)
    for _ in range(patches if series.usable else 0):
        added, removed = world.patch(data)
        series.step(quads(added), quads(removed))
        data = (data - removed) | added


class Arbiter(Protocol):
    """What validates a whole graph."""

    def run(self, graph: Graph) -> tuple[bool, list[Finding]]:
        """Return whether it conforms, and the results."""


class Series:
    """Patches to one graph, each judged by both sides."""

    def __init__(
        self,
        shapes: Graph,
        data: list[ox.Quad],
        tally: Tally,
        name: str,
        *,
        budget: int = 50_000,
        reference: Arbiter | None = None,
    ) -> None:
        """Validate the graph as it is; ``usable`` says whether the reference did: pySHACL unless another is
        given."""
        self.store = ox.Store()
        self.store.extend(data)
        self._tally, self._name, self._number = tally, name, 0
        inverted = has_inverted_sequence(shapes)
        self.usable = False
        try:
            self.delta = DeltaValidator(shapes, budget)
            self.full = FullValidator(shapes)
            pushed = with_inverses_pushed_down(shapes) if inverted else shapes
            self._reference = reference or Reference(pushed, NOW)
            self._before = self._full()
        except Exception as fault:
            tally.refusals[f"{type(fault).__name__}: {str(fault)[:70]}"] += 1
            return
        self.usable = True
        tally.counts["shapes graphs"] += 1
        tally.counts["shapes graphs with recursion"] += bool(self.delta.dependencies.recursive)
        tally.counts["shapes graphs with ^(a/b), ours is the recommendation's side"] += inverted

    def _full(self) -> tuple[bool, list[Finding]] | None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return self._reference.run(graph_of(self.store))
        except Exception as fault:  # whatever pySHACL raises is its refusal
            self._tally.refusals[f"{type(fault).__name__}: {str(fault)[:70]}"] += 1
            return None

    def step(self, added: list[ox.Quad], removed: list[ox.Quad]) -> Any:
        """Judge one patch, apply it, and compare; returns our judgement."""
        self._number += 1
        ours: Any
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ours = self.delta.judge(StoreTriples(self.store), Patch(added, removed), NOW)
        except PactgraphError as fault:
            ours = fault
        for quad in removed:
            self.store.remove(quad)
        self.store.extend(added)
        before, self._before = self._before, self._full()
        if before is None or self._before is None:
            self._tally.counts["patches that pySHACL refuses to judge"] += 1
            return ours
        self._compare(ours, before[1], self._before[1])
        if self._number % _FULL_EVERY == 0:
            self._compare_full(self._before[1])
        return ours

    def _compare_full(self, expected: list[Finding]) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = self.full.run(self.store, NOW)[1]
        self._tally.counts["full validations"] += 1
        ours, theirs = (Counter((each.key, each.severity) for each in side) for side in (found, expected))
        if ours != theirs:
            self._tally.misses.append(
                f"{self._name}, patch {self._number}: full validation misses {list(theirs - ours)[:2]}, "
                f"too many {list(ours - theirs)[:2]}"
            )

    def _compare(self, ours: Any, before: list[Finding], after: list[Finding]) -> None:
        counts = self._tally.counts
        expected = Counter((finding.key, finding.severity) for finding in introduced(after, before))
        counts["patches"] += 1
        if isinstance(ours, PactgraphError):
            self._tally.misses.append(f"{self._name}, patch {self._number}: ours fails: {ours}")
            return
        found = Counter((finding.key, finding.severity) for finding in ours.introduced)
        counts["patches that introduce results"] += bool(expected)
        counts["patches that introduce violations"] += not ours.conforms
        counts["results introduced"] += expected.total()
        counts["results in all"] += len(after)
        counts["pairs affected"] += len(ours.affected)
        counts["patches that touch a whole shape"] += bool(ours.affected.whole)
        conforms = all(severity in {"Warning", "Info"} for _, severity in expected)
        by_key = Counter(key[1:] for key, _ in expected.elements())
        by_key.subtract(
            Counter(finding.key[1:] for finding in after) - Counter(finding.key[1:] for finding in before)
        )
        counts["patches whose new result another shape had before"] += any(by_key.values())
        if found != expected or ours.conforms != conforms:
            missing, extra = expected - found, found - expected
            self._tally.misses.append(
                f"{self._name}, patch {self._number}: missing {list(missing)[:2]}, too many {list(extra)[:2]}"
            )
