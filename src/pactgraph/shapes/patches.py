"""Judges patches to a dataset: the shapes, at the cost of the patch, and that every fact has a source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from threading import Lock
from typing import Protocol

import pyoxigraph as ox
from rdflib import Graph

from pactgraph import vocab
from pactgraph.shapes.answers import Term, Triple
from pactgraph.shapes.delta import DeltaValidator
from pactgraph.shapes.duplicates import Namesakes, no_namesakes, possible_duplicates
from pactgraph.shapes.full import seed_guard
from pactgraph.shapes.overlay import Patch
from pactgraph.shapes.report import Report
from pactgraph.shapes.sourcing import unsourced

_TIES = {vocab.HAD_PRIMARY_SOURCE, vocab.TYPE, vocab.TITLE}


class Held(Protocol):
    """What is asked of a dataset."""

    def quads(
        self,
        subject: ox.NamedNode | ox.BlankNode | ox.Triple | None = None,
        predicate: ox.NamedNode | None = None,
        value: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None = None,
        graph: ox.NamedNode | ox.DefaultGraph | None = None,
    ) -> Iterable[ox.Quad]:
        """Yield the quads that match."""


class PatchJudge:
    """Judges the state after a patch. The shapes are compiled when first needed, or by ``warm_up``."""

    def __init__(self, shapes: Callable[[], Graph], namesakes: Namesakes = no_namesakes) -> None:
        """Judge with these shapes; ``namesakes`` knows the names in the dataset, for hints at duplicates."""
        self._shapes = shapes
        self.namesakes = namesakes
        self._validator: DeltaValidator | None = None
        self._compiling = Lock()

    def warm_up(self) -> DeltaValidator:
        """Compile the shapes, unless they are."""
        with self._compiling:
            if self._validator is None:
                self._validator = DeltaValidator(self._shapes())
            return self._validator

    def guard(self, quads: Iterable[ox.Quad], now: datetime) -> None:
        """Let the quads of a first revision in, or raise PactgraphError naming the first violations."""
        seed_guard(quads, self.warm_up().compiled, now)

    def judge(
        self, dataset: Held, added: Iterable[ox.Quad], removed: Iterable[ox.Quad], now: datetime
    ) -> Report:
        """Return what a patch introduces; ``added`` and ``removed`` hold the default graph's quads too.

        Raises PactgraphError when a shape cannot be evaluated.
        """
        added, removed = list(added), list(removed)
        patch = Patch(filter(_is_default, added), filter(_is_default, removed))
        validator = self.warm_up()
        delta = validator.judge(_DefaultGraph(dataset), patch, now)
        stated = [quad for quad in added if not _is_default(quad)]
        stated += _left_behind(dataset, removed, set(removed))
        refused = unsourced(delta.after, stated, delta.report)
        hints = possible_duplicates(delta.after, patch.added, self.namesakes, delta.report)
        return validator.report(delta, [*refused, *hints])


class _DefaultGraph:
    """The default graph of a dataset, as the delta validator asks for it."""

    def __init__(self, dataset: Held) -> None:
        self._dataset = dataset

    def triples(self, subject: Term | None, predicate: Term | None, object: Term | None) -> Iterator[Triple]:
        """Yield the triples that match."""
        for quad in self._dataset.quads(subject, predicate, object, ox.DefaultGraph()):  # type: ignore[arg-type]  # a term in the wrong place matches nothing
            yield quad.subject, quad.predicate, quad.object


def _is_default(quad: ox.Quad) -> bool:
    return isinstance(quad.graph_name, ox.DefaultGraph)


def _left_behind(dataset: Held, removed: Iterable[ox.Quad], gone: set[ox.Quad]) -> Iterator[ox.Quad]:
    """Yield one remaining quad of each graph whose source, or its description, a patch takes away."""
    for graph in {
        graph for quad in removed if quad.predicate in _TIES for graph in _graphs_of(dataset, quad)
    }:
        remaining = (quad for quad in dataset.quads(graph=graph) if quad not in gone)
        first = next(remaining, None)
        if first is not None:
            yield first


def _graphs_of(dataset: Held, quad: ox.Quad) -> Iterator[ox.NamedNode]:
    """Yield the graphs that rest on a statement about a source, or about the graph itself."""
    if quad.predicate == vocab.HAD_PRIMARY_SOURCE:
        if isinstance(quad.subject, ox.NamedNode):
            yield quad.subject
        return
    for tie in dataset.quads(None, vocab.HAD_PRIMARY_SOURCE, quad.subject, ox.DefaultGraph()):
        if isinstance(tie.subject, ox.NamedNode):
            yield tie.subject
