"""The look-ups that evaluating one shape makes: where, along which predicate, and from which end.

Judging a shape at a focus node reads the graph through look-ups of the form "the objects of x under p", "the
subjects of x under p" and "all triples of x". What is compiled here, once per shapes graph, says for each of
them how x is reached from the focus node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from rdflib import RDF, RDFS, SH, Graph, Literal, URIRef
from rdflib.term import Node

from pactgraph.shapes.paths import HERE, Path, PathError, Repeat, Step, join, read_path, reverse, steps

_PAIRS = (SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals)
_SHAPES = (SH.property, SH.node, SH["not"], SH.qualifiedValueShape)
_LISTS = (SH["and"], SH["or"], SH.xone)
_UPWARDS = Repeat(Step(RDFS.subClassOf), optional=True, many=True)
_UNREAD = frozenset((SH.js, SH.expression))


@dataclass(frozen=True)
class Lookup:
    """One look-up of a shape: ``prefix`` leads from the focus node to where ``step`` is taken.

    A look-up of ``rdf:type`` on behalf of ``sh:class`` names the class: other types do not change its
    outcome. Nor do steps that end elsewhere than at ``end``, if given, or along ``spared`` predicates
    (``sh:closed``).

    ``instead`` are other ways to the same triple, any of which finds the focus nodes: the patterns of a query
    hold together, in the graph that has the triple. ``in_its_graph`` says that the ways are to be walked
    there.
    """

    shape: Node
    prefix: Path
    step: Step
    instance_of: Node | None = None
    end: Node | None = None
    spared: frozenset[Node] = frozenset()
    instead: tuple[Lookup, ...] = ()
    in_its_graph: bool = False

    @cached_property
    def back(self) -> Path:
        """The path from where the step is taken to the focus node."""
        return reverse(self.prefix)


@dataclass(frozen=True)
class Trigger:
    """A triple pattern that is not tied to the focus node: a match may concern every target of the shape."""

    shape: Node
    predicate: Node | None = None
    subject: Node | None = None
    object: Node | None = None


@dataclass(frozen=True)
class Use:
    """``parent`` evaluates ``child`` at the nodes that its path leads to."""

    parent: Node
    path: Path
    child: Node

    @cached_property
    def back(self) -> Path:
        """The path from a node that the child judges to those that the parent does."""
        return reverse(self.path)


Read = Lookup | Trigger | Use


def shape_reads(shapes: Graph, shape: Node) -> Iterator[Read]:
    """Return what evaluating a shape reads, SPARQL constraints and custom components aside.

    A shape whose path cannot be read may be touched by anything.
    """
    try:
        path = read_path(shapes, shapes.value(shape, SH.path))
    except PathError:
        yield Trigger(shape)
        path = HERE
    for prefix, step in steps(path):
        yield Lookup(shape, prefix, step)
    yield from _pairs(shapes, shape)
    yield from _classes(shapes, shape, path)
    yield from _closed(shapes, shape, path)
    yield from (Use(shape, path, child) for child in _children(shapes, shape))
    if any(parameter in _UNREAD for parameter in shapes.predicates(shape)):
        yield Trigger(shape)


def _pairs(shapes: Graph, shape: Node) -> Iterator[Lookup]:
    for pair in _PAIRS:
        for other in shapes.objects(shape, pair):
            if isinstance(other, URIRef):
                yield Lookup(shape, HERE, Step(other))


def _classes(shapes: Graph, shape: Node, path: Path) -> Iterator[Lookup]:
    for kind in shapes.objects(shape, SH["class"]):
        yield Lookup(shape, path, Step(RDF.type), instance_of=kind)
        yield Lookup(shape, join(path, Step(RDF.type), _UPWARDS), Step(RDFS.subClassOf), instance_of=kind)


def _closed(shapes: Graph, shape: Node, path: Path) -> Iterator[Lookup]:
    for closed in shapes.objects(shape, SH.closed):
        if isinstance(closed, Literal) and closed.value:
            named = {shapes.value(each, SH.path) for each in shapes.objects(shape, SH.property)}
            ignored = {
                each for head in shapes.objects(shape, SH.ignoredProperties) for each in shapes.items(head)
            }
            spared = frozenset(each for each in named | ignored if isinstance(each, URIRef))
            yield Lookup(shape, path, Step(None), spared=spared)


def _children(shapes: Graph, shape: Node) -> Iterator[Node]:
    """Return the shapes that this one evaluates at its value nodes."""
    for parameter in _SHAPES:
        yield from shapes.objects(shape, parameter)
    for parameter in _LISTS:
        for head in shapes.objects(shape, parameter):
            yield from shapes.items(head)
    if (shape, SH.qualifiedValueShapesDisjoint, None) in shapes:
        yield from _siblings(shapes, shape)


def _siblings(shapes: Graph, shape: Node) -> Iterator[Node]:
    """Return the sibling shapes of a qualified value shape (SHACL 4.7.3)."""
    for parent in shapes.subjects(SH.property, shape):
        for other in shapes.objects(parent, SH.property):
            yield from shapes.objects(other, SH.qualifiedValueShape)
