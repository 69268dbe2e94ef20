"""Property paths as values: read from a shapes graph or a query, turned round, joined and walked.

A path here is made of steps, sequences, alternatives and repetitions; an inverse is pushed down to its steps,
so that ``^(a/b)`` is ``^b/^a`` (SPARQL 1.1, 9.3; SHACL 2.3.1). pySHACL 0.40 evaluates it as ``^a/^b``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from rdflib import RDF, SH, Graph, Literal, URIRef
from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath
from rdflib.paths import Path as SparqlPath
from rdflib.term import Node

_NESTING = 40


class PathError(ValueError):
    """A path that cannot be read: malformed, too deeply nested, or of a kind that has no steps."""


class TooManyNodesError(Exception):
    """A walk that reached more nodes than its budget allows."""


@dataclass(frozen=True)
class Step:
    """One triple: from subject to object, or back; without a predicate, along any."""

    predicate: URIRef | None
    back: bool = False


@dataclass(frozen=True)
class Sequence:
    """One path after the other; the empty sequence stays where it is."""

    parts: tuple[Path, ...]


@dataclass(frozen=True)
class Choice:
    """Any of several paths."""

    parts: tuple[Path, ...]


@dataclass(frozen=True)
class Repeat:
    """A path several times over: ``*`` (0, many), ``+`` (1, many), ``?`` (0, once)."""

    path: Path
    optional: bool
    many: bool


@dataclass(frozen=True)
class Properties:
    """From a node to the predicates of its triples, or back from a predicate to all nodes that have it."""

    back: bool = False


Path = Step | Sequence | Choice | Repeat | Properties
HERE = Sequence(())
"""The path that leads nowhere else."""

_REPEATS = {SH.zeroOrMorePath: (True, True), SH.oneOrMorePath: (False, True), SH.zeroOrOnePath: (True, False)}
_MODIFIERS = {"*": (True, True), "+": (False, True), "?": (True, False)}


class Steps(Protocol):
    """What a walk needs of a graph: the ends of one step."""

    def objects(self, subject: Node, predicate: Node | None) -> Iterable[Node]:
        """Return the objects of the triples with this subject and predicate."""

    def subjects(self, predicate: Node | None, object: Node | None) -> Iterable[Node]:
        """Return the subjects of the triples with this predicate and object."""

    def predicates(self, subject: Node) -> Iterable[Node]:
        """Return the predicates of the triples with this subject."""


def join(*paths: Path) -> Path:
    """Return the paths one after the other.

    >>> join(HERE, Step(RDF.type)) == Step(RDF.type)
    True
    """
    parts = tuple(part for path in paths for part in (path.parts if isinstance(path, Sequence) else (path,)))
    return parts[0] if len(parts) == 1 else Sequence(parts)


def reverse(path: Path) -> Path:
    """Return the path from its end to its start."""
    if isinstance(path, Step):
        return Step(path.predicate, not path.back)
    if isinstance(path, Properties):
        return Properties(not path.back)
    if isinstance(path, Sequence):
        return Sequence(tuple(reverse(part) for part in reversed(path.parts)))
    if isinstance(path, Choice):
        return Choice(tuple(reverse(part) for part in path.parts))
    return Repeat(reverse(path.path), path.optional, path.many)


def read_path(shapes: Graph, node: Node | None, depth: int = 0) -> Path:
    """Read the value of ``sh:path``; None, the path of a node shape, is HERE.

    Raises PathError for a malformed path, such as a list of one or a path that contains itself.
    """
    if node is None:
        return HERE
    if isinstance(node, URIRef):
        return Step(node)
    if isinstance(node, Literal) or depth > _NESTING:
        raise PathError(f"not a property path: {node}")
    if shapes.value(node, RDF.first) is not None:
        return join(*_members(shapes, node, depth))
    back = shapes.value(node, SH.inversePath)
    if back is not None:
        return reverse(read_path(shapes, back, depth + 1))
    choices = shapes.value(node, SH.alternativePath)
    if choices is not None:
        return Choice(_members(shapes, choices, depth))
    for parameter, (optional, many) in _REPEATS.items():
        repeated = shapes.value(node, parameter)
        if repeated is not None:
            return Repeat(read_path(shapes, repeated, depth + 1), optional, many)
    raise PathError(f"not a property path: {node}")


def _members(shapes: Graph, head: Node, depth: int) -> tuple[Path, ...]:
    try:
        members = tuple(read_path(shapes, item, depth + 1) for item in shapes.items(head))
    except ValueError as fault:
        raise PathError(f"not a list of property paths: {fault}") from fault
    if len(members) < 2:
        raise PathError("a sequence or alternative path needs two members")
    return members


def from_sparql(path: Node | SparqlPath) -> Path:
    """Return the path that stands as predicate in a parsed query; a variable is any predicate.

    Raises PathError for a negated property set.
    """
    if isinstance(path, URIRef):
        return Step(path)
    if isinstance(path, SequencePath):
        return join(*(from_sparql(part) for part in path.args))
    if isinstance(path, AlternativePath):
        return Choice(tuple(from_sparql(part) for part in path.args))
    if isinstance(path, InvPath):
        return reverse(from_sparql(path.arg))
    if isinstance(path, MulPath):
        return Repeat(from_sparql(path.path), *_MODIFIERS[path.mod])
    if isinstance(path, SparqlPath):
        raise PathError("a negated property set")
    return Step(None)


def sparql_text(path: Path) -> str:
    """Write a path as SPARQL does.

    >>> sparql_text(Repeat(Step(RDF.type, back=True), optional=True, many=True))
    '(^<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>)*'

    Raises PathError for a step along any predicate.
    """
    if isinstance(path, Step) and path.predicate is not None:
        return f"{'^' if path.back else ''}{path.predicate.n3()}"
    if isinstance(path, Sequence | Choice):
        return f"({('/' if isinstance(path, Sequence) else '|').join(map(sparql_text, path.parts))})"
    if isinstance(path, Repeat):
        return f"({sparql_text(path.path)})" + (("*" if path.optional else "+") if path.many else "?")
    raise PathError("a step along any predicate")


def may_be_empty(path: Path) -> bool:
    """Say whether a path may lead from a node to itself without a step."""
    if isinstance(path, Sequence):
        return all(may_be_empty(part) for part in path.parts)
    if isinstance(path, Choice):
        return any(may_be_empty(part) for part in path.parts)
    return isinstance(path, Repeat) and (path.optional or may_be_empty(path.path))


def steps(path: Path, prefix: Path = HERE) -> list[tuple[Path, Step]]:
    """List the steps of a path, each with the path that leads from the start to where it is taken."""
    if isinstance(path, Step):
        return [(prefix, path)]
    if isinstance(path, Properties):
        return [(prefix, Step(None))]
    if isinstance(path, Sequence):
        parts = path.parts
        return [found for at, part in enumerate(parts) for found in steps(part, join(prefix, *parts[:at]))]
    if isinstance(path, Choice):
        return [found for part in path.parts for found in steps(part, prefix)]
    return steps(path.path, join(prefix, Repeat(path.path, True, True)) if path.many else prefix)


def walk(graph: Steps, path: Path, starts: Iterable[Node], budget: int | None = None) -> set[Node]:
    """Return the nodes that the path leads to from the starts.

    Raises TooManyNodesError when more than ``budget`` nodes are reached on the way.
    """
    nodes = set(starts)
    if isinstance(path, Step | Properties):
        nodes = _within(budget, (end for node in nodes for end in _ends(graph, path, node)))
    elif isinstance(path, Sequence):
        for part in path.parts:
            nodes = walk(graph, part, nodes, budget)
    elif isinstance(path, Choice):
        nodes = _within(budget, (end for part in path.parts for end in walk(graph, part, nodes, budget)))
    else:
        nodes = _repeated(graph, path, nodes, budget)
    return nodes


def _repeated(graph: Steps, path: Repeat, nodes: set[Node], budget: int | None) -> set[Node]:
    fresh = walk(graph, path.path, nodes, budget)
    reached = nodes | fresh if path.optional else set(fresh)
    if path.many:
        fresh -= nodes if path.optional else set()
        while fresh:
            fresh = walk(graph, path.path, fresh, budget) - reached
            reached = _within(budget, (*reached, *fresh))
    return reached


def _ends(graph: Steps, step: Step | Properties, node: Node) -> Iterable[Node]:
    if isinstance(step, Properties):
        return graph.subjects(node, None) if step.back else graph.predicates(node)
    if step.back:
        return graph.subjects(step.predicate, node)
    return () if isinstance(node, Literal) else graph.objects(node, step.predicate)


def _within(budget: int | None, nodes: Iterable[Node]) -> set[Node]:
    reached: set[Node] = set()
    for node in nodes:
        reached.add(node)
        if budget is not None and len(reached) > budget:
            raise TooManyNodesError(f"more than {budget} nodes are affected")
    return reached
