"""Would these facts be let in? The state after a patch is judged, and only what the patch brings is
reported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar
from uuid import uuid4

import pyoxigraph as ox
from rdflib import Graph
from rdflib.term import Node

from pactgraph.shapes.crossing import as_stored, graph_of, memory_copy
from pactgraph.shapes.duplicates import namesakes_in, possible_duplicates
from pactgraph.shapes.findings import Finding, introduced
from pactgraph.shapes.report import Report
from pactgraph.shapes.sourcing import attributed, unsourced
from pactgraph.shapes.validator import Progress, Validator

BaseGraph = Graph
"""What a base graph is, for rooms that know no rdflib; a Dataset stands for its default graph."""
T = TypeVar("T")
GENID = "https://w3id.org/eukdp/.well-known/genid/"


class Check:
    """Judges patches to one base graph, whose own results are found once."""

    def __init__(self, validator: Validator, base: Graph) -> None:
        """Judge patches to a copy of ``base``; a Dataset stands for its default graph."""
        self._validator = validator
        self._base = memory_copy(base)
        self._known: dict[Node, list[Finding]] = {}
        self._namesakes = namesakes_in(self._base)

    def _before(self, roots: set[Node]) -> list[Finding]:
        """Return the results that these shapes have without any patch; shapes are evaluated when first asked
        for."""
        missing = roots - self._known.keys()
        if missing:
            self._known.update({root: [] for root in missing})
            for finding in self._validator.run(self._base, missing)[1]:
                self._known[finding.root].append(finding)
        return [finding for root in roots for finding in self._known[root]]

    def report(
        self, patch: Iterable[ox.Quad], *, source: str | None = None, progress: Progress | None = None
    ) -> Report:
        """Validate the base with the patch added, as the store will keep it, and report what the patch
        introduces.

        Statements without a graph belong to ``source``; facts without a described source do not conform.

        Raises InputError when ``source`` is not the IRI of a source.
        """
        quads = as_stored(attributed(_named(patch), source))
        after = self._base + graph_of(quads)
        report, found = self._validator.run(after, progress=progress)
        refused = unsourced(after, quads, report)
        new = introduced(found, self._before({finding.root for finding in found}))
        added = [triple for triple in graph_of(quads) if triple not in self._base]
        hints = possible_duplicates(after, added, self._namesakes, report)
        return self._validator.report(after, report, new, [*refused, *hints])


def check(base: Graph, patch: Iterable[ox.Quad], shapes: Graph, *, source: str | None = None) -> Report:
    """Judge one patch to a graph; to judge several, keep a Check."""
    return Check(Validator(shapes), base).report(patch, source=source)


def _named(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Give blank nodes stand-in IRIs, as the store will: nothing that is stored is blank."""
    given: dict[ox.BlankNode, ox.NamedNode] = {}

    def named(term: T) -> T | ox.NamedNode:
        if isinstance(term, ox.BlankNode):
            return given.setdefault(term, ox.NamedNode(GENID + uuid4().hex))
        return term

    return [
        ox.Quad(named(quad.subject), quad.predicate, named(quad.object), named(quad.graph_name))
        for quad in quads
    ]
