"""Which statements are names, and of what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from pactgraph import vocab

_SKOS = "http://www.w3.org/2004/02/skos/core#"
WEIGHTS = {
    NamedNode(f"{_SKOS}prefLabel"): 1.0,
    vocab.LABEL: 1.0,
    NamedNode("http://xmlns.com/foaf/0.1/name"): 1.0,
    NamedNode(f"{_SKOS}altLabel"): 0.98,
    NamedNode(f"{vocab.PACT}acronym"): 0.98,
    NamedNode(f"{_SKOS}hiddenLabel"): 0.96,
    NamedNode(f"{vocab.PACT}projectTitle"): 0.96,
    vocab.TITLE: 0.9,
}
"""The properties that name something; the weight decides between things that are equally near."""
LONGEST = 400
"""How many characters of a name are kept; what is longer is no name, and would make every search slow."""
_RELEVANT = {*WEIGHTS, vocab.TYPE}
_DEFAULT = DefaultGraph()


class Dataset(Protocol):
    """What is asked of a dataset."""

    def quads(
        self,
        subject: NamedNode | BlankNode | Triple | None = None,
        predicate: NamedNode | None = None,
        value: NamedNode | BlankNode | Literal | Triple | None = None,
        graph: NamedNode | DefaultGraph | None = None,
    ) -> Iterator[Quad]:
        """Yield the quads that match."""


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """One name of an entity; ``lang`` is empty where the text has no language tag."""

    iri: str
    label: str
    lang: str
    weight: float


@dataclass(frozen=True, slots=True)
class Named:
    """An entity with its names and its classes, as they are stated; without names it is not searched."""

    iri: str
    names: frozenset[Name]
    kinds: frozenset[str]


def touched(quads: Iterable[Quad]) -> set[str]:
    """Return the entities whose names or classes these quads change."""
    return {
        quad.subject.value
        for quad in quads
        if quad.predicate in _RELEVANT and isinstance(quad.subject, NamedNode) and _is_entity(quad.subject)
    }


def everything_named(dataset: Dataset) -> Iterator[str]:
    """Yield the entities that have a name, each once."""
    seen: set[str] = set()
    for predicate in WEIGHTS:
        for quad in dataset.quads(None, predicate, None, _DEFAULT):
            for iri in touched((quad,)) - seen:
                seen.add(iri)
                yield iri


def read_named(dataset: Dataset, iri: str) -> Named:
    """Return the names and classes of an entity, as the default graph has them now."""
    names: dict[tuple[str, str], float] = {}
    kinds: set[str] = set()
    for quad in dataset.quads(NamedNode(iri), None, None, _DEFAULT):
        weight = WEIGHTS.get(quad.predicate)
        if weight is not None and isinstance(quad.object, Literal):
            key = quad.object.value[:LONGEST], quad.object.language or ""
            names[key] = max(weight, names.get(key, 0.0))
        elif quad.predicate == vocab.TYPE and isinstance(quad.object, NamedNode):
            kinds.add(quad.object.value)
    found = (Name(iri, label, lang, weight) for (label, lang), weight in names.items())
    return Named(iri, frozenset(found), frozenset(kinds) if names else frozenset())


def _is_entity(subject: NamedNode) -> bool:
    """Whether it is about the world: the terms of the ontology are found on its own page."""
    return not subject.value.startswith(vocab.ONTOLOGY_GRAPH.value)
