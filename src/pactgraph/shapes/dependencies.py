"""What the shapes of a shapes graph depend on, compiled once: look-ups by predicate, triggers, and who uses
whom."""

# mypy: allow-untyped-calls
# (pySHACL has types in part only)

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TypeVar

from pyshacl.constraints.sparql.sparql_based_constraints import SPARQLBasedConstraint
from pyshacl.shape import Shape
from pyshacl.shapes_graph import ShapesGraph
from rdflib import SH, URIRef
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.term import Node

from pactgraph.shapes.lookups import Lookup, Read, Trigger, Use, shape_reads
from pactgraph.shapes.sparql_lookups import is_unsteady, query_reads

Found = TypeVar("Found")


class Targets:
    """The targets that a shape declares (SHACL 2.1.3); an implicit class target is one of its classes."""

    def __init__(self, shape: Shape) -> None:
        """Read them once."""
        self.nodes = set(shape.target_nodes())
        self.classes = {*shape.target_classes(), *shape.implicit_class_targets()}
        self.subjects_of = set(shape.target_subjects_of())
        self.objects_of = set(shape.target_objects_of())

    def __bool__(self) -> bool:
        """Say whether there are any."""
        return bool(self.nodes or self.classes or self.subjects_of or self.objects_of)


class Dependencies:
    """The compiled dependencies of a shapes graph.

    ``recursive`` are the shapes that use themselves, which the recommendation leaves undefined; ``unsteady``
    those whose queries may answer differently each time. Both are judged as pySHACL does, whenever a patch
    can touch them.
    """

    def __init__(self, shapes: ShapesGraph) -> None:
        """Compile the shapes graph; deactivated shapes read nothing.

        Raises what pySHACL raises for a malformed shapes graph.
        """
        self.shapes = {shape.node: shape for shape in shapes.shapes if not shape.deactivated}
        self.targets = {node: found for node, shape in self.shapes.items() if (found := Targets(shape))}
        self.lookups: dict[Node | None, list[Lookup]] = defaultdict(list)
        self.triggers: dict[Node | None, list[Trigger]] = defaultdict(list)
        self.uses: dict[Node, list[Use]] = defaultdict(list)
        self.queries: dict[Node, dict[Node, Query]] = defaultdict(dict)
        self.unsteady: set[Node] = set()
        for read in dict.fromkeys(read for shape in self.shapes.values() for read in self._reads(shape)):
            self._keep(read)
        self.recursive = self._recursive()
        for node in self.recursive:
            self._keep(Trigger(node))

    @cached_property
    def targets_by_class(self) -> dict[Node, list[Node]]:
        """The shapes that target each class."""
        return _inverted((kind, node) for node, targets in self.targets.items() for kind in targets.classes)

    @cached_property
    def targets_by_subject(self) -> dict[Node, list[Node]]:
        """The shapes that target the subjects of each property."""
        return _inverted(
            (each, node) for node, targets in self.targets.items() for each in targets.subjects_of
        )

    @cached_property
    def targets_by_object(self) -> dict[Node, list[Node]]:
        """The shapes that target the objects of each property."""
        return _inverted(
            (each, node) for node, targets in self.targets.items() for each in targets.objects_of
        )

    @cached_property
    def unclassed(self) -> dict[Node | None, list[Lookup]]:
        """The look-ups along each predicate, without those on behalf of a class; under None, along any."""
        return {
            predicate: [lookup for lookup in lookups if lookup.instance_of is None]
            for predicate, lookups in self.lookups.items()
        }

    @cached_property
    def classed(self) -> dict[Node | None, dict[Node, list[Lookup]]]:
        """The look-ups along each predicate on behalf of a class, by class."""
        return {
            predicate: by_class
            for predicate, lookups in self.lookups.items()
            if (by_class := _by_class(lookups))
        }

    def users(self, shapes: Iterable[Node]) -> set[Node]:
        """Return the shapes and all that use them, directly or not."""
        reached = set(shapes)
        todo = list(reached)
        while todo:
            parents = {use.parent for use in self.uses.get(todo.pop(), ())}
            todo.extend(parents - reached)
            reached |= parents
        return reached

    def _keep(self, read: Read) -> None:
        if isinstance(read, Use):
            if read.child in self.shapes:
                self.uses[read.child].append(read)
        elif isinstance(read, Lookup):
            self.lookups[read.step.predicate].append(read)
        else:
            self.triggers[read.predicate].append(read)

    def _reads(self, shape: Shape) -> Iterator[Read]:
        yield from shape_reads(shape.sg.graph, shape.node)
        if shape.find_custom_constraints():
            yield Trigger(shape.node)  # its queries see parameters and values that only pySHACL knows
        if any(shape.objects(SH.sparql)):
            yield from self._sparql_reads(shape)

    def _sparql_reads(self, shape: Shape) -> Iterator[Read]:
        for node, query in sparql_queries(shape):
            if query is None:
                yield Trigger(shape.node)
                continue
            self.queries[shape.node][node] = query
            yield from query_reads(shape.node, query)
            if is_unsteady(query):
                self.unsteady.add(shape.node)

    def _recursive(self) -> set[Node]:
        return {
            node for node in self.shapes if node in self.users(use.parent for use in self.uses.get(node, ()))
        }


def sparql_queries(shape: Shape) -> Iterator[tuple[Node, Query | None]]:
    """Return the active SPARQL constraints of a shape with their queries; None where there is no valid
    one."""
    for constraint in SPARQLBasedConstraint(shape).sparql_constraints:
        if constraint.deactivated:
            continue
        try:
            _, text = constraint.pre_bind_variables(URIRef("urn:x-pactgraph:focus"))
            yield constraint.node, prepareQuery(constraint.apply_prefixes(text))
        except Exception:  # whatever pySHACL or rdflib dislikes, they say so when the shape is judged
            yield constraint.node, None


def _by_class(lookups: Iterable[Lookup]) -> dict[Node, list[Lookup]]:
    return _inverted((each.instance_of, each) for each in lookups if each.instance_of is not None)


def _inverted(pairs: Iterable[tuple[Node, Found]]) -> dict[Node, list[Found]]:
    index: dict[Node, list[Found]] = defaultdict(list)
    for key, value in pairs:
        index[key].append(value)
    return dict(index)
