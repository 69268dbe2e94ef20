"""Would these facts be let in? The state after a patch is judged, at the cost of the patch, and only what the
patch brings is reported."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import uuid4

import pyoxigraph as ox
from rdflib import Graph

from pactgraph import vocab
from pactgraph.shapes.answers import StoreTriples
from pactgraph.shapes.compiled import Compiled
from pactgraph.shapes.crossing import store_of
from pactgraph.shapes.delta import DeltaValidator
from pactgraph.shapes.duplicates import Namesakes, namesakes_in, possible_duplicates
from pactgraph.shapes.overlay import Patch
from pactgraph.shapes.report import Report
from pactgraph.shapes.sourcing import attributed, unsourced
from pactgraph.terms import canonical, skolemized, sort_key

Base = Graph | ox.Store
"""What patches are judged against; a Dataset or a store stands for its default graph."""
Shapes = Graph | Compiled


class Check:
    """Judges patches to one base, which is never written."""

    def __init__(self, shapes: Shapes, base: Base, namesakes: Namesakes | None = None) -> None:
        """Judge patches to ``base``: a graph is copied, a store is read where it is.

        ``namesakes`` knows the names in it, for hints at duplicates; else they are read when first needed.
        """
        self._delta = DeltaValidator(shapes)
        self._base = StoreTriples(base if isinstance(base, ox.Store) else store_of(base))
        self._namesakes = namesakes or namesakes_in(self._base)

    def report(
        self, patch: Iterable[ox.Quad], *, source: str | None = None, now: datetime | None = None
    ) -> Report:
        """Judge the base with the patch added, as the store will keep it; report what the patch introduces.

        Statements without a graph belong to ``source``; facts without a described source do not conform. The
        shapes see ``now``, the present unless given, as the time.

        Raises InputError when ``source`` is not the IRI of a source.
        """
        # as the door does: nothing that is stored is blank
        named = skolemized(patch, f"{vocab.GENID}{uuid4().hex}-")
        quads = sorted(canonical(attributed(named, source)), key=sort_key)
        change = Patch(quads)
        delta = self._delta.judge(self._base, change, now or datetime.now(UTC))
        refused = unsourced(delta.after, quads, delta.report)
        added = [each for each in change.added if not any(self._base.triples(*each))]
        hints = possible_duplicates(delta.after, added, self._namesakes, delta.report)
        return self._delta.report(delta, [*refused, *hints])


def check(base: Base, patch: Iterable[ox.Quad], shapes: Shapes, *, source: str | None = None) -> Report:
    """Judge one patch; to judge several, keep a Check."""
    return Check(shapes, base).report(patch, source=source)
