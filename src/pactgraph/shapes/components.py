"""Constraint components of the mended pySHACL with what the judge adds to them.

A blank node that cannot be compared is a violation and not a failure, SPARQL constraints are prepared once,
and what only asks whether other shapes conform does not describe their results.
"""

# mypy: allow-untyped-calls
# (pySHACL has types in part only)
# ruff: noqa: ANN401 - pySHACL passes terms, query helpers and options without types

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
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
from rdflib import BNode, Graph
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.term import Node

from pactgraph.shapes.matching import NotScreenedError
from pactgraph.shapes.mended import Steps, Values, Verdict
from pactgraph.shapes.ordering import well_ordered
from pactgraph.shapes.overlay import GraphView
from pactgraph.shapes.screening import Screen, screen


def better(known: type[ConstraintComponent]) -> type[ConstraintComponent]:
    """Return the component with what this module adds to it."""
    mixed: list[type] = [own for own, base in _OWN.items() if issubclass(known, base)]
    if issubclass(known, _ASKING):
        mixed.append(_Asking)
    return type(known.__name__, (*mixed, _Quiet, known), {})


class _Quiet(ConstraintComponent):
    """A component that does not describe results that nobody will see."""

    def make_v_result(self, datagraph: Graph, focus_node: Any, *values: Any, **options: Any) -> Any:
        """Return a result; while only conformance is asked for, an empty one."""
        if isinstance(datagraph, GraphView) and datagraph.asked:
            return "", _UNSEEN, []
        return super().make_v_result(datagraph, focus_node, *values, **options)


class _Asking(ConstraintComponent):
    """A component that asks of other shapes only whether values conform (SHACL 4.6, and qualified values)."""

    def evaluate(
        self, executor: SHACLExecutor, target_graph: Graph, focus_value_nodes: Values, _evaluation_path: Steps
    ) -> Verdict:
        """Evaluate the shapes that this one is made of without describing their results."""
        asking = AskingExecutor(max_validation_depth=executor.max_validation_depth)
        # mypy cannot know that this stands before a real component; see better().
        verdict: Verdict = super().evaluate(  # type: ignore[safe-super]
            asking, target_graph, focus_value_nodes, _evaluation_path
        )
        return verdict


class AskingExecutor(SHACLExecutor):
    """Tells the shapes evaluated with it that their results are not looked at."""


class _LessThan(LessThanConstraintComponent):
    """Compares blank nodes as SHACL 4.5.3 says: what cannot be compared does not conform."""

    def _compare_lt(
        self, values: Collection[Any], others: Collection[Any], graph: Graph, focus: Any
    ) -> Verdict:
        failed, found = super()._compare_lt(_named(values), _named(others), graph, focus)
        blank = [
            self.make_v_result(graph, focus, value_node=value) for value in _uncomparable(values, others)
        ]
        return failed or bool(blank), [*found, *blank]


class _LessThanOrEquals(LessThanOrEqualsConstraintComponent):
    """Compares blank nodes as SHACL 4.5.4 says: what cannot be compared does not conform."""

    def _compare_ltoe(
        self, values: Collection[Any], others: Collection[Any], graph: Graph, focus: Any
    ) -> Verdict:
        failed, found = super()._compare_ltoe(_named(values), _named(others), graph, focus)
        blank = [
            self.make_v_result(graph, focus, value_node=value) for value in _uncomparable(values, others)
        ]
        return failed or bool(blank), [*found, *blank]


def _named(nodes: Collection[Any]) -> list[Any]:
    return [node for node in nodes if not isinstance(node, BNode)]


def _uncomparable(values: Collection[Any], others: Collection[Any]) -> Iterator[Any]:
    """Return the value of each pair with a blank node in it."""
    for value in values:
        yield from (value for other in others if isinstance(value, BNode) or isinstance(other, BNode))


class PreparedSPARQL(SPARQLBasedConstraint):
    """A SPARQL constraint whose queries are checked, prefixed and parsed once."""

    def __init__(self, shape: Shape) -> None:
        """Read the constraints of a shape."""
        super().__init__(shape)
        self.sparql_constraints = {_Prepared(each) for each in self.sparql_constraints}

    def prepare(self, queries: Mapping[Node, Query]) -> None:
        """Take the queries that were parsed; one that cannot be says so when it is evaluated."""
        for constraint in self.sparql_constraints:
            if constraint.node in queries:
                constraint.prepare(queries[constraint.node])

    def _evaluate_sparql_constraint(
        self, constraint: _Prepared, target_graph: Graph, values: Values
    ) -> Verdict:
        candidates = (
            target_graph.candidates.get(constraint.node) if isinstance(target_graph, GraphView) else None
        )
        if candidates is not None:
            values = {node: found for node, found in values.items() if node in candidates}
        if isinstance(target_graph, GraphView):
            values = {
                node: found for node, found in values.items() if constraint.may_fail(target_graph, node)
            }
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
        self._screen: Screen | None = None
        self._bound: dict[str, Node] = {}

    def pre_bind_variables(self, focus: Node) -> tuple[dict[str, Node], Query]:
        """Return the pre-bound variables, and the query ready to be evaluated."""
        query = self._query or self.prepare()
        return ({**self._bound, "this": focus} if "this" in self._bound else self._bound), query

    def prepare(self, parsed: Query | None = None) -> Query:
        """Order the query for evaluation and make its screen; it is parsed unless it is given."""
        self._bound, text = self._helper.pre_bind_variables(BNode())
        query = well_ordered(parsed or prepareQuery(self._helper.apply_prefixes(text)))
        with suppress(NotScreenedError):
            self._screen = screen(query, self._bound)
        self._query = query
        return query

    def may_fail(self, view: GraphView, focus: Node) -> bool:
        """Say whether the query could have a solution for a focus node; False is sure."""
        bindings, _ = self.pre_bind_variables(focus)
        return self._screen is None or self._screen(view, bindings)

    def apply_prefixes(self, query: Query) -> Query:
        """Return the query, which has its prefixes."""
        return query


_UNSEEN = BNode()
_OWN: dict[type, type] = {
    _LessThan: LessThanConstraintComponent,
    _LessThanOrEquals: LessThanOrEqualsConstraintComponent,
    PreparedSPARQL: SPARQLBasedConstraint,
}
_ASKING = (
    NotConstraintComponent,
    AndConstraintComponent,
    OrConstraintComponent,
    XoneConstraintComponent,
    QualifiedValueShapeConstraintComponent,
)
