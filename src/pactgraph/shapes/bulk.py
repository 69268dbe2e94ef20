"""Judges bulk loads: the whole graph after one, compared with the whole graph before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import pyoxigraph as ox
from rdflib import Graph

from pactgraph.model import Snapshot
from pactgraph.shapes.full import FullValidator, Progress
from pactgraph.shapes.report import Report


class WholeJudge:
    """Judges the state after a load at a cost that follows the graph, not the number of affected nodes.

    A patch of many statements touches nearly every node that it describes, several times over; one pass over
    all targets, with the store's own joins for SPARQL constraints, is then some ten times cheaper.
    """

    def __init__(self, shapes: Callable[[], Graph], progress: Progress | None = None) -> None:
        self._shapes = shapes
        self._progress = progress

    def judge(self, before: Snapshot, after: ox.Store, stated: Iterable[ox.Quad], now: datetime) -> Report:
        """Return what is wrong after and was not before.

        Raises PactgraphError when a shape cannot be evaluated.
        """
        validator = FullValidator(self._shapes())
        old = ox.Store.read_only(str(before.path))
        return validator.introduced(old, after, stated, now, self._progress)
