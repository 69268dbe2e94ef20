"""Graphs of any size that look like the shipped one: its entities, copied under new names until there are
enough.

Code lists, topics, classes and places stay shared, as they are in a real graph that grows; what identifies a
thing (its IRI, labels, identifiers) gets a number, so that the copies conform where the original does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyoxigraph as ox

from pactgraph.resources import shipped_files

_COPIED = re.compile(r"https://w3id\.org/eukdp/(?:id|source)/(?!place|country)[^/]+/?")
_NUMBERED = {"callId": "-{}", "acronym": " {}", "notation": "{:06}"}
LEFT_OUT = {"ror", "officialReference", "sourceNumber", "grantNumber", "procedureNumber"}


def shipped_quads() -> list[ox.Quad]:
    """Return the shipped ontology and facts as statements of the default graph, each once."""
    files = [*shipped_files("ontology", ".ttl"), *shipped_files("facts", ".trig")]
    found = (quad for file in files for quad in ox.parse(path=file))
    return list(dict.fromkeys(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in found))


def partnership(size: int) -> Iterator[ox.Quad]:
    """Return at least ``size`` statements: the shipped ones, and numbered copies of what they say of
    entities."""
    original = shipped_quads()
    yield from original
    of_entities = [quad for quad in original if _is_copied(quad.subject) and local_name(quad) not in LEFT_OUT]
    for number in range(max(0, -(-(size - len(original)) // len(of_entities)))):
        yield from (copy_of(quad, number + 2) for quad in of_entities)


def copy_of(quad: ox.Quad, number: int) -> ox.Quad:
    """Return what a statement says, of the entities' copies with this number."""
    return ox.Quad(_named(quad.subject, number), quad.predicate, _valued(quad, number))


def _is_copied(term: object) -> bool:
    return isinstance(term, ox.NamedNode) and _COPIED.match(term.value) is not None


def _named(term: ox.NamedNode, number: int) -> ox.NamedNode:
    return ox.NamedNode(f"{term.value}-{number}") if _is_copied(term) else term


def _valued(quad: ox.Quad, number: int) -> ox.NamedNode | ox.Literal:
    value = quad.object
    return _named(value, number) if isinstance(value, ox.NamedNode) else numbered(quad, number)


def numbered(quad: ox.Quad, number: int) -> ox.NamedNode | ox.Literal:
    """Return the object of a statement; a text or identifier that must be its own has the number in it."""
    value = quad.object
    if isinstance(value, ox.NamedNode):
        return value
    if value.language is not None:
        return ox.Literal(f"{value.value} {number}", language=value.language)
    form = _NUMBERED.get(local_name(quad))
    return ox.Literal(f"{value.value}{form.format(number)}") if form else value


def local_name(quad: ox.Quad) -> str:
    """Return the last part of a statement's predicate."""
    return re.split("[#/]", quad.predicate.value)[-1]
