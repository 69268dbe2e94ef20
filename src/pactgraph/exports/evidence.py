"""Which sources stand behind an edge, and whether it rests on an inference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pactgraph.exports.ask import Ask
from pactgraph.exports.cells import text_of

SEPARATOR = " | "


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence: what is shared, which part of it a graph states, and the graph."""

    unit: str | None
    leg: str | None
    graph: str | None


class Sources:
    """The sources behind each named graph."""

    def __init__(self) -> None:
        self._of_graph: dict[str, set[str]] = defaultdict(set)
        self._titles: dict[str, str] = {}
        self._inference: set[str] = set()
        self.newest: str | None = None

    def read(self, ask: Ask, query: str) -> None:
        """Take the sources from the dataset."""
        for graph, source, title, issued, inferred in ask(query):
            iri = text_of(source)
            self._of_graph[text_of(graph)].add(iri)
            known = self._titles.get(iri)
            if title is not None and (known is None or title.value < known):
                self._titles[iri] = title.value
            if inferred is not None and inferred.value == "true":
                self._inference.add(text_of(graph))
            if issued is not None:
                self.newest = max(self.newest or "", issued.value)

    def of(self, graphs: Iterable[str]) -> tuple[str | None, str | None]:
        """Return the IRIs of the sources, joined by a space, and their titles, joined by `` | ``."""
        iris = sorted({source for graph in graphs for source in self._of_graph.get(graph, ())})
        titles = [self._titles.get(iri, iri).replace("|", "¦") for iri in iris]
        return (" ".join(iris) or None, SEPARATOR.join(titles) or None)

    def are_inferences(self, graphs: Iterable[str]) -> bool:
        """Whether there are graphs, and all of them are inferences."""
        graphs = set(graphs)
        return bool(graphs) and graphs <= self._inference

    def is_inferred(self, pieces: Iterable[Piece]) -> bool:
        """Whether nothing would be left without the inference graphs.

        Everything shared needs each of its legs; a leg stands when one graph states it that is no inference.
        """
        units: dict[str | None, dict[str | None, bool]] = defaultdict(dict)
        for piece in pieces:
            legs = units[piece.unit]
            legs[piece.leg] = legs.get(piece.leg, False) or piece.graph not in self._inference
        return bool(units) and not any(all(legs.values()) for legs in units.values())
