"""One snapshot in memory, twice: whole, and its default graph alone.

The engine looks up a triple pattern among the quads of all graphs, and the default graph repeats what the
named graphs state: where it lies alone, most queries take a third less time.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox


@dataclass(slots=True)
class Copies:
    """What workers share: ``merged`` holds the default graph of ``whole``; ``snapshot`` names both."""

    snapshot: str
    whole: ox.Store
    merged: ox.Store

    def apply(self, default: str, named: str) -> None:
        """Follow an update of the default graph and one of the named graphs; either may be empty."""
        if default:
            self.merged.update(default)
            self.whole.update(default)
        if named:
            self.whole.update(named)

    def of(self, text: str, *, described: bool) -> ox.Store:
        """Return what to ask a query of: the default graph alone for one that can name no other.

        ``described`` says whether the query comes with graphs of its own. The guard lets no escape pass
        outside of strings and IRIs, so that a text without these letters has no GRAPH.
        """
        return self.whole if described or "graph" in text.lower() else self.merged
