"""Which focus nodes a patch may concern: a sound set of pairs of target shape and focus node.

Evaluating a shape at a focus node is a deterministic series of look-ups. If no look-up meets a triple of the
patch, the outcome is the same before and after. The first look-up that does was reached over triples that the
patch leaves alone, so that walking the path to it backwards, in the graph after the patch, finds the focus
node. docs/decisions/20261122-delta-validation.md has the argument in full.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from rdflib import RDF, RDFS, Literal
from rdflib.term import Node

from pactgraph.shapes.dependencies import Dependencies
from pactgraph.shapes.lookups import Lookup, Trigger
from pactgraph.shapes.overlay import GraphView, Patch
from pactgraph.shapes.paths import HERE, Repeat, Step, TooManyNodesError, join, walk

BUDGET = 50_000
_LIMITS = (16, 256, 4096)
_Triple = tuple[Node, Node, Node]
_INSTANCES = join(
    Repeat(Step(RDFS.subClassOf, back=True), optional=True, many=True), Step(RDF.type, back=True)
)


@dataclass
class Affected:
    """The focus nodes to judge again, by target shape; of the ``whole`` shapes, all targets."""

    nodes: dict[Node, set[Node]] = field(default_factory=lambda: defaultdict(set))
    whole: set[Node] = field(default_factory=set)

    def __len__(self) -> int:
        """Return the number of pairs, those of whole shapes not counted."""
        return sum(len(nodes) for nodes in self.nodes.values())


def affected(
    dependencies: Dependencies, before: GraphView, after: GraphView, patch: Patch, budget: int = BUDGET
) -> Affected:
    """Return what a patch may concern; past the budget, all targets of all shapes.

    The nodes of a shape that are not its targets, before or after, are left for the judge to leave out.
    """
    try:
        return _Propagation(dependencies, before, after, budget).run(patch)
    except TooManyNodesError:
        return Affected(whole=set(dependencies.targets))


class _Propagation:
    """One walk from the triples of a patch to the focus nodes."""

    def __init__(self, dependencies: Dependencies, before: GraphView, after: GraphView, budget: int) -> None:
        self._on = dependencies
        self._before = before
        self._after = after
        self._budget = budget
        self._marks: set[tuple[Node, Node]] = set()
        self._todo: list[tuple[Node, Node]] = []
        self._touched: set[Node] = set()
        self._found = Affected()

    def run(self, patch: Patch) -> Affected:
        for view, triples in ((self._after, patch.added), (self._before, patch.removed)):
            for triple in triples:
                self._triple(view, *map(view.term, triple))
        while self._todo:
            self._parents(*self._todo.pop())
        for shape, node in self._marks:
            if shape in self._on.targets:
                self._found.nodes[shape].add(node)
        self._found.whole = self._on.users(self._touched) & set(self._on.targets)
        return self._found

    def _triple(self, view: GraphView, subject: Node, predicate: Node, value: Node) -> None:
        triple = subject, predicate, value
        for lookup in self._lookups(predicate, value):
            if _concerns(lookup, triple):
                self._mark(
                    lookup.shape,
                    self._focus_nodes(view if lookup.in_its_graph else self._after, lookup, triple),
                )
        for trigger in (*self._on.triggers.get(predicate, ()), *self._on.triggers.get(None, ())):
            if _matches(trigger, subject, value):
                self._touched.add(trigger.shape)
        for shape, node in self._targets(triple):
            self._found.nodes[shape].add(node)

    def _focus_nodes(self, view: GraphView, lookup: Lookup, triple: _Triple) -> set[Node]:
        """Walk back from a triple, on the first of the ways to it that does not spread too far."""
        if lookup.prefix == HERE:
            return {triple[2] if lookup.step.back else triple[0]}
        ways = (lookup, *lookup.instead)
        for limit in _LIMITS if len(ways) > 1 else ():
            for way in ways:
                try:
                    return _walked_back(view, way, triple, min(limit, self._budget))
                except TooManyNodesError:
                    continue
        return _walked_back(view, lookup, triple, self._budget)

    def _lookups(self, predicate: Node, value: Node) -> Iterator[Lookup]:
        """Yield the look-ups along a predicate; on behalf of a class, only where the value is that class or
        below it, before or after."""
        yield from self._on.unclassed.get(predicate, ())
        yield from self._on.unclassed.get(None, ())
        if predicate in self._on.classed:
            kinds = {*self._before.closure(value), *self._after.closure(value)}
            for kind in kinds & self._on.classed[predicate].keys():
                yield from self._on.classed[predicate][kind]

    def _mark(self, shape: Node, nodes: set[Node]) -> None:
        for node in nodes:
            mark = shape, node
            if mark not in self._marks:
                self._marks.add(mark)
                self._todo.append(mark)
        if len(self._marks) > self._budget:
            raise TooManyNodesError(f"more than {self._budget} pairs are affected")

    def _parents(self, shape: Node, node: Node) -> None:
        for use in self._on.uses.get(shape, ()):
            self._mark(use.parent, walk(self._after, use.back, {node}, self._budget))

    def _targets(self, triple: _Triple) -> Iterator[tuple[Node, Node]]:
        """Return the pairs whose focus node the triple may make a target, or no longer one."""
        subject, predicate, value = triple
        for shape in self._on.targets_by_subject.get(predicate, ()):
            yield shape, subject
        for shape in self._on.targets_by_object.get(predicate, ()):
            yield shape, value
        if predicate in {RDF.type, RDFS.subClassOf}:
            for view in (self._before, self._after):
                yield from self._instances(view, triple)

    def _instances(self, view: GraphView, triple: _Triple) -> Iterator[tuple[Node, Node]]:
        subject, predicate, value = triple
        by_class = self._on.targets_by_class
        shapes = {shape for kind in view.closure(value) for shape in by_class.get(kind, ())}
        if not shapes:
            return
        nodes = {subject} if predicate == RDF.type else walk(view, _INSTANCES, {subject}, self._budget)
        for shape in shapes:
            yield from ((shape, node) for node in nodes)


def _concerns(lookup: Lookup, triple: _Triple) -> bool:
    subject, predicate, value = triple
    if lookup.end is not None and (subject if lookup.step.back else value) != lookup.end:
        return False
    return predicate not in lookup.spared


def _walked_back(view: GraphView, lookup: Lookup, triple: _Triple, limit: int) -> set[Node]:
    return walk(view, lookup.back, {triple[2] if lookup.step.back else triple[0]}, limit)


def _matches(trigger: Trigger, subject: Node, value: Node) -> bool:
    return trigger.subject in {None, subject} and trigger.object in {None, value}


def is_target(dependencies: Dependencies, view: GraphView, shape: Node, node: Node) -> bool:
    """Say whether a node is a target of a shape in a graph."""
    targets = dependencies.targets[shape]
    if node in targets.nodes:
        return True
    if any(view.subjects(predicate, node) for predicate in targets.objects_of):
        return True
    if isinstance(node, Literal):
        return False
    if any(view.objects(node, predicate) for predicate in targets.subjects_of):
        return True
    return bool(targets.classes) and not targets.classes.isdisjoint(view.kinds(node))
