"""The named views: what of the dataset an export holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from pyoxigraph import DefaultGraph, NamedNode, Quad

from pactgraph import vocab
from pactgraph.errors import InputError


class QuadSource(Protocol):
    """A dataset that can list its quads."""

    def quads(self, *, graph: NamedNode | DefaultGraph | None = None) -> Iterable[Quad]:
        """Yield the quads of one graph, or of all with the default graph."""


@dataclass(frozen=True, slots=True)
class View:
    """One view: its name, what it is for, the formats it comes in, and how its quads are found."""

    name: str
    title: str
    formats: tuple[str, ...]
    quads: Callable[[QuadSource], Iterator[Quad]]


def _statements(dataset: QuadSource) -> Iterator[Quad]:
    """Yield every statement in the graph of the source that states it; those about revisions are none."""
    for quad in dataset.quads():
        if not isinstance(quad.graph_name, DefaultGraph) and quad.graph_name != vocab.REVISIONS_GRAPH:
            yield quad


def _entities(dataset: QuadSource) -> Iterator[Quad]:
    """Yield what the default graph says of everything that has an IRI under ``/id/``."""
    for quad in dataset.quads(graph=DefaultGraph()):
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(vocab.ENTITIES):
            yield quad


_RDF = ("turtle", "ntriples", "jsonld", "rdfxml", "trig", "nquads")
VIEWS = (
    View("entities", "everything that is a thing, with its properties", _RDF, _entities),
    View(
        "statements",
        "every statement, in the graph of its source",
        ("trig", "nquads", "jsonld", "turtle", "ntriples"),
        _statements,
    ),
)


def view_by_name(name: str) -> View:
    """Return the view of this name; raises ``InputError`` (``unknown-view``), which lists the known ones."""
    for view in VIEWS:
        if view.name == name:
            return view
    known = ", ".join(view.name for view in VIEWS)
    raise InputError(f"There is no view {name!r}; the views are {known}", code="unknown-view")
