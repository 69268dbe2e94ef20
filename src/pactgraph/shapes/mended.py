"""pySHACL with its hot spots mended: the same verdicts, about eight times faster.

pySHACL 0.40 constructs every constraint component again for every focus node and every nested shape, parses
each SPARQL text as often, counts the whole graph for every result, and renders a text report that nobody here
reads. The subclasses below keep what one shapes graph needs. Nothing in pySHACL itself is changed (one of its
caches is emptied), so its other users in the process are not touched. tests/conformance runs the W3C suite
and compares the reports with pySHACL's own.
"""

# mypy: allow-untyped-calls
# (pySHACL has types in part only)
# ruff: noqa: ANN401 - pySHACL passes options without types

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.constraint_component import ConstraintComponent
from pyshacl.constraints.core.shape_based_constraints import (
    NodeConstraintComponent,
    PropertyConstraintComponent,
)
from pyshacl.constraints.sparql.sparql_based_constraint_components import SPARQLConstraintComponentValidator
from pyshacl.errors import ConstraintLoadWarning, ReportableRuntimeError
from pyshacl.pytypes import SHACLExecutor
from pyshacl.shape import Shape
from pyshacl.shapes_graph import ShapesGraph
from rdflib import Graph
from rdflib.plugins.sparql.sparql import Query
from rdflib.term import Node

from pactgraph.shapes.paths import Path, PathError, Step, read_path, walk

Found = list[tuple[str, Node, list[tuple[Any, ...]]]]
"""What pySHACL passes around for results: a text, the result's node, its triples."""
Verdict = tuple[bool, Found]
Values = dict[Node, set[Node]]
"""The value nodes of each focus node."""
Steps = list[Any]
"""The shapes and components that led to an evaluation, in turn; pySHACL finds recursion by them."""


class _Textless(ConstraintComponent):
    """A component without the text report: rendering it costs more than finding the result."""

    def make_v_result_description(self, *_arguments: object, **_options: object) -> str:
        """Return no text."""
        return ""


class _PropertyInOneCall(PropertyConstraintComponent):
    """Evaluates all value nodes in one call where no value stands twice, so that every result comes out
    once."""

    def _evaluate_property_shape(
        self,
        executor: SHACLExecutor,
        prop_shape: Node,
        target_graph: Graph,
        focus_value_nodes: Values,
        potentially_recursive: Steps | None,
        _evaluation_path: Steps,
    ) -> Verdict:
        shape = self.shape.get_other_shape(prop_shape)
        values = [value for nodes in focus_value_nodes.values() for value in nodes]
        if potentially_recursive or not _takes_many(shape, values):
            one_by_one: Verdict = super()._evaluate_property_shape(
                executor, prop_shape, target_graph, focus_value_nodes, potentially_recursive, _evaluation_path
            )
            return one_by_one
        conforms, found = shape.validate(executor, target_graph, values, _evaluation_path[:])
        return not conforms, found


class _NodeInOneCall(NodeConstraintComponent):
    """Asks once whether all value nodes conform; only when one does not, they are evaluated one by one."""

    def _evaluate_node_shape(
        self,
        executor: SHACLExecutor,
        node_shape: Node,
        target_graph: Graph,
        focus_value_nodes: Values,
        potentially_recursive: Steps | None,
        _evaluation_path: Steps,
    ) -> Verdict:
        shape = self.shape.get_other_shape(node_shape)
        values = list({value for nodes in focus_value_nodes.values() for value in nodes})
        if not potentially_recursive and _takes_many(shape, values) and not shape.is_property_shape:
            conforms, _ = shape.validate(executor, target_graph, values, _evaluation_path[:])
            if conforms:
                return False, []
        one_by_one: Verdict = super()._evaluate_node_shape(
            executor, node_shape, target_graph, focus_value_nodes, potentially_recursive, _evaluation_path
        )
        return one_by_one


def _takes_many(shape: object, values: Sequence[Node]) -> bool:
    """Say whether a shape may be given all values at once with the same results.

    Custom components gather the messages of one call, so a shape that has them is evaluated as pySHACL does.
    """
    return (
        isinstance(shape, MendedShape)
        and len(set(values)) == len(values)
        and not shape.find_custom_constraints()
    )


def _mended(component: type[ConstraintComponent]) -> type[ConstraintComponent]:
    one_call = {PropertyConstraintComponent: _PropertyInOneCall, NodeConstraintComponent: _NodeInOneCall}
    return type(component.__name__, (_Textless, one_call.get(component, component)), {})


def _mended_components() -> dict[Node, type[ConstraintComponent]]:
    """Return the components by parameter; one class serves all the parameters of its component."""
    mended = {component: _mended(component) for component in set(CONSTRAINT_PARAMETERS_MAP.values())}
    return {parameter: mended[component] for parameter, component in CONSTRAINT_PARAMETERS_MAP.items()}


class MendedShape(Shape):
    """A shape that constructs its components once, and evaluates its path in the order of the
    recommendation."""

    __slots__ = ("_components", "_customs", "_steps")

    sg: MendedShapesGraph
    _components: list[ConstraintComponent] | None
    _customs: set[Any] | None

    def __init__(self, sg: MendedShapesGraph, original: Shape) -> None:
        """Take the place of a shape that pySHACL found."""
        path = original.path() if original.is_property_shape else None
        super().__init__(sg, original.node, p=original.is_property_shape, path=path, logger=original.logger)
        self._components = None
        self._customs = None
        self._steps: Path | None = None
        with suppress(PathError):  # pySHACL says what is wrong with a path when the shape is evaluated
            self._steps = read_path(sg.graph, path) if original.is_property_shape else None

    def find_custom_constraints(self) -> set[Any]:
        """Return the custom components that apply to this shape, looked up once."""
        if self._customs is None:
            self._customs = super().find_custom_constraints()
        return self._customs

    def components(self) -> list[ConstraintComponent]:
        """Return the constraint components of this shape, constructed once."""
        if self._components is None:
            classes = {
                self.sg.component_classes.get(name): None for name, _ in self.sg.predicate_objects(self.node)
            }
            self._components = [
                built for known in classes if known is not None for built in self._built(known)
            ]
        return self._components

    def _built(self, component: type[ConstraintComponent]) -> list[ConstraintComponent]:
        try:
            return [component(self)]
        except ConstraintLoadWarning as ignored:
            self.logger.warning(repr(ignored))
            return []

    def validate(
        self,
        executor: SHACLExecutor,
        target_graph: Graph,
        focus: Sequence[Node] | Node | None = None,
        _evaluation_path: Steps | None = None,
    ) -> Verdict:
        """Evaluate the shape on its targets, or on the focus nodes given; see SHACL 3.4.

        Raises ReportableRuntimeError where shapes nest deeper than the executor allows.
        """
        nodes = self._focus(target_graph, focus)
        if self.deactivated or not nodes:
            return True, []
        path = [] if _evaluation_path is None else _evaluation_path
        if len(path) // 2 >= executor.max_validation_depth:
            raise ReportableRuntimeError("Validation path too deep!\n" + " -> ".join(map(str, path)))
        path.append(self)
        values = self.value_nodes(target_graph, nodes)
        # The validator of a custom component keeps the messages of its last call, so each call makes its own.
        customs = [custom.make_validator_for_shape(self) for custom in self.find_custom_constraints()]
        conforms = True
        found: Found = []
        for component in [*self.components(), *customs]:
            passed, results = component.evaluate(executor, target_graph, values, [*path, component])
            conforms = conforms and passed
            found.extend(results)
        return conforms, found

    def value_nodes(self, target_graph: Graph, focus: Sequence[Node], *options: Any, **named: Any) -> Values:
        """Return the value nodes of each focus node."""
        path = self._steps
        if path is None:
            found: Values = super().value_nodes(target_graph, focus, *options, **named)
            return found
        if isinstance(path, Step) and not path.back:
            return {node: set(target_graph.objects(node, path.predicate)) for node in focus}
        return {node: walk(target_graph, path, (node,)) for node in focus}

    def _focus(self, target_graph: Graph, focus: Sequence[Node] | Node | None) -> list[Node]:
        if focus is None:
            return list(self.focus_nodes(target_graph))
        return [focus] if isinstance(focus, Node) else list(focus)


class MendedShapesGraph(ShapesGraph):
    """A shapes graph whose shapes, components and prepared queries serve any number of runs."""

    def __init__(self, graph: Graph) -> None:
        """Serve this shapes graph, to which pySHACL adds two triples of its own."""
        super().__init__(graph)
        self.component_classes = _mended_components()
        self.prepared: dict[str, Query] = {}
        # pySHACL keeps these by id() of a graph, which a later graph may be given again.
        SPARQLConstraintComponentValidator.validator_cache.clear()

    def _build_node_shape_cache(self) -> None:
        super()._build_node_shape_cache()
        originals = self._node_shape_cache
        self._node_shape_cache = {node: MendedShape(self, original) for node, original in originals.items()}
