"""Judges focus nodes with pySHACL's own shapes: one judgement for a whole graph and for the few nodes of a patch.

On top of the mended pySHACL, paths are evaluated as the recommendation defines them, a blank node that cannot be
compared is a violation and not a failure, and the text of a SPARQL constraint is prepared once.
"""

# mypy: allow-untyped-calls
# (pySHACL has types in part only)

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from typing import Any

from pyshacl.constraints.constraint_component import ConstraintComponent
from pyshacl.constraints.core.logical_constraints import (
    AndConstraintComponent,
    NotConstraintComponent,
    OrConstraintComponent,
    XoneConstraintComponent,
)
from pyshacl.constraints.core.property_pair_constraints import (
    LessThanConstraintComponent,
    LessThanOrEqualsConstraintComponent,
)
from pyshacl.constraints.core.shape_based_constraints import QualifiedValueShapeConstraintComponent
from pyshacl.constraints.sparql.sparql_based_constraints import SPARQLBasedConstraint
from pyshacl.pytypes import SHACLExecutor
from pyshacl.shape import Shape
from pyshacl.shapes_graph import ShapesGraph
from pyshacl.validator import Validator
from rdflib import BNode, Graph
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.term import Node

from pactgraph.shapes.findings import Finding, findings
from pactgraph.shapes.mended import Found, MendedShape, MendedShapesGraph, ShapeFaultError, Steps, Values, Verdict
from pactgraph.shapes.ordering import well_ordered
from pactgraph.shapes.overlay import GraphView
from pactgraph.shapes.paths import Path, PathError, Step, read_path, walk

Judged = tuple[Graph, list[Finding]]
"""A standard report and the results in it."""


class Judge:
    """pySHACL's shapes of one shapes graph, ready to judge any focus node of any view."""

    def __init__(self, shapes: Graph) -> None:
        """Serve this shapes graph, to which pySHACL adds two triples of its own."""
        self.shapes = JudgedShapesGraph(shapes)

    def prepare(self) -> None:
        """Parse the queries of all SPARQL constraints now, and not when each is first needed."""
        for shape in self.shapes.shapes:
            for component in () if shape.deactivated else shape.components():
                if isinstance(component, _PreparedSPARQL):
                    component.prepare()

    def targets(self, view: GraphView, shape: Node) -> set[Node]:
        """Return all targets of a shape."""
        found: set[Node] = self.shapes.lookup_shape_from_node(shape).focus_nodes(view)
        return found

    def judge(self, view: GraphView, pairs: Iterable[tuple[Node, Collection[Node]]]) -> Judged:
        """Evaluate shapes at focus nodes.

        Raises ShapeFaultError for a shape that cannot be evaluated.
        """
        found: Found = []
        roots: dict[Node, Node] = {}
        conforms = True
        for shape, nodes in pairs:
            passed, results = self._one(view, shape, list(nodes))
            conforms = conforms and passed
            found.extend(results)
            roots.update((node, shape) for _, node, _ in results)
        report, _ = Validator.create_validation_report(self.shapes, conforms, found)
        return report, findings(report, roots)

    def _one(self, view: GraphView, shape: Node, nodes: list[Node]) -> Verdict:
        try:
            verdict: Verdict = self.shapes.lookup_shape_from_node(shape).validate(SHACLExecutor(), view, nodes)
        except Exception as fault:  # pySHACL and rdflib raise anything here, from Exception to AttributeError
            raise ShapeFaultError(f"{shape}: {fault}") from fault
        return verdict


class JudgedShape(MendedShape):
    """A mended shape that evaluates its path itself, in the order of the recommendation."""

    __slots__ = ("_steps",)

    def __init__(self, sg: MendedShapesGraph, original: Shape) -> None:
        """Take the place of a shape that pySHACL found."""
        super().__init__(sg, original)
        self._steps: Path | None = None
        try:
            self._steps = read_path(sg.graph, original.path()) if original.is_property_shape else None
        except PathError:
            pass  # pySHACL says what is wrong with the path when the shape is evaluated

    def validate(
        self,
        executor: SHACLExecutor,
        target_graph: Graph,
        focus: Sequence[Node] | Node | None = None,
        _evaluation_path: Steps | None = None,
    ) -> Verdict:
        """Evaluate the shape at the focus nodes given; see MendedShape."""
        if not isinstance(executor, _AskingExecutor) or not isinstance(target_graph, GraphView):
            return super().validate(executor, target_graph, focus, _evaluation_path)
        target_graph.asked += 1
        try:
            return super().validate(executor, target_graph, focus, _evaluation_path)
        finally:
            target_graph.asked -= 1

    def value_nodes(self, target_graph: Graph, focus: Sequence[Node], *options: Any, **named: Any) -> Values:
        """Return the value nodes of each focus node."""
        path = self._steps
        if path is None:
            found: Values = super().value_nodes(target_graph, focus, *options, **named)
            return found
        if isinstance(path, Step) and not path.back:
            return {node: set(target_graph.objects(node, path.predicate)) for node in focus}
        return {node: walk(target_graph, path, (node,)) for node in focus}


class JudgedShapesGraph(MendedShapesGraph):
    """A mended shapes graph whose shapes and components are those of this module."""

    def __init__(self, graph: Graph) -> None:
        """Serve this shapes graph."""
        super().__init__(graph)
        better = {known: _better(known) for known in set(self.component_classes.values())}
        self.component_classes = {name: better[known] for name, known in self.component_classes.items()}

    def _build_node_shape_cache(self) -> None:
        ShapesGraph._build_node_shape_cache(self)
        originals = self._node_shape_cache
        self._node_shape_cache = {node: JudgedShape(self, original) for node, original in originals.items()}


def _better(known: type[ConstraintComponent]) -> type[ConstraintComponent]:
    """Return the component with what this module adds to it."""
    mixed = [own for own, base in _OWN.items() if issubclass(known, base)]
    if issubclass(known, _ASKING):
        mixed.append(_Asking)
    return type(known.__name__, (*mixed, _Quiet, known), {})


class _Quiet(ConstraintComponent):
    """A component that does not describe results that nobody will see."""

    def make_v_result(self, datagraph: Graph, focus_node: Node, **options: Any) -> tuple[str, Node, list[Any]]:
        """Return a result; while only conformance is asked for, an empty one."""
        if isinstance(datagraph, GraphView) and datagraph.asked:
            return "", _UNSEEN, []
        made: tuple[str, Node, list[Any]] = super().make_v_result(datagraph, focus_node, **options)
        return made


class _Asking(ConstraintComponent):
    """A component that asks of other shapes only whether values conform (SHACL 4.6, and qualified values)."""

    def evaluate(
        self, executor: SHACLExecutor, target_graph: Graph, focus_value_nodes: Values, _evaluation_path: Steps
    ) -> Verdict:
        """Evaluate the shapes that this one is made of without describing their results."""
        asking = _AskingExecutor(max_validation_depth=executor.max_validation_depth)
        verdict: Verdict = super().evaluate(asking, target_graph, focus_value_nodes, _evaluation_path)
        return verdict


class _AskingExecutor(SHACLExecutor):
    """Tells the shapes evaluated with it that their results are not looked at."""


class _LessThan(LessThanConstraintComponent):
    """Compares blank nodes as SHACL 4.5.3 says: what cannot be compared does not conform."""

    def _compare_lt(self, values: Collection[Node], others: Collection[Node], graph: Graph, focus: Node) -> Verdict:
        return _comparable(self, super()._compare_lt, values, others, graph, focus)


class _LessThanOrEquals(LessThanOrEqualsConstraintComponent):
    """Compares blank nodes as SHACL 4.5.4 says: what cannot be compared does not conform."""

    def _compare_ltoe(self, values: Collection[Node], others: Collection[Node], graph: Graph, focus: Node) -> Verdict:
        return _comparable(self, super()._compare_ltoe, values, others, graph, focus)


def _comparable(
    component: ConstraintComponent,
    compare: Any,
    values: Collection[Node],
    others: Collection[Node],
    graph: Graph,
    focus: Node,
) -> Verdict:
    """Compare what is not blank, and add one result for each pair with a blank node in it."""
    plain = [node for node in values if not isinstance(node, BNode)]
    others_plain = [node for node in others if not isinstance(node, BNode)]
    failed, found = compare(plain, others_plain, graph, focus)
    for value in values:
        for other in others:
            if isinstance(value, BNode) or isinstance(other, BNode):
                found.append(component.make_v_result(graph, focus, value_node=value))
                failed = True
    return failed, found


class _PreparedSPARQL(SPARQLBasedConstraint):
    """A SPARQL constraint whose queries are checked, prefixed and parsed once."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        self.sparql_constraints = [_Prepared(each) for each in self.sparql_constraints]

    def prepare(self) -> None:
        """Parse the queries; one that cannot be parsed says so when it is evaluated."""
        for constraint in self.sparql_constraints:
            with suppress(Exception):  # pySHACL and rdflib raise anything here
                constraint.pre_bind_variables(BNode())

    def _evaluate_sparql_constraint(self, constraint: _Prepared, target_graph: Graph, values: Values) -> Verdict:
        candidates = target_graph.candidates.get(constraint.node) if isinstance(target_graph, GraphView) else None
        if candidates is not None:
            values = {node: found for node, found in values.items() if node in candidates}
        verdict: Verdict = super()._evaluate_sparql_constraint(constraint, target_graph, values)
        return verdict


class _Prepared:
    """Stands for pySHACL's query helper: the same answers, worked out once."""

    def __init__(self, helper: Any) -> None:
        self.node = helper.node
        self.deactivated = helper.deactivated
        self.messages = helper.messages
        self._helper = helper
        self._query: Query | None = None
        self._bound: dict[str, Node] = {}

    def pre_bind_variables(self, focus: Node) -> tuple[dict[str, Node], Query]:
        """Return the pre-bound variables, and the query ready to be evaluated."""
        if self._query is None:
            self._bound, text = self._helper.pre_bind_variables(focus)
            self._query = well_ordered(prepareQuery(self._helper.apply_prefixes(text)))
        return ({**self._bound, "this": focus} if "this" in self._bound else self._bound), self._query

    def apply_prefixes(self, query: Query) -> Query:
        """Return the query, which has its prefixes."""
        return query


_UNSEEN = BNode()
_OWN: dict[type[ConstraintComponent], type[ConstraintComponent]] = {
    _LessThan: LessThanConstraintComponent,
    _LessThanOrEquals: LessThanOrEqualsConstraintComponent,
    _PreparedSPARQL: SPARQLBasedConstraint,
}
_ASKING = (
    NotConstraintComponent,
    AndConstraintComponent,
    OrConstraintComponent,
    XoneConstraintComponent,
    QualifiedValueShapeConstraintComponent,
)
