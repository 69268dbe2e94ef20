"""pySHACL as it is shipped, for comparison: all shapes over all their targets, on an rdflib graph in
memory."""

# ruff: noqa: ANN401 - rdflib's interfaces have no types of their own here

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from unittest import mock

from pyshacl.graph_abstraction import DataGraph
from pyshacl.pytypes import SHACLExecutor
from pyshacl.shapes_graph import ShapesGraph
from pyshacl.validator import Validator
from rdflib import RDF, SH, BNode, Graph
from rdflib.paths import MulPath
from rdflib.plugins.sparql.sparql import QueryContext
from rdflib.term import Node

from pactgraph.shapes.crossing import memory_copy
from pactgraph.shapes.findings import Finding, findings
from pactgraph.shapes.paths import Choice, Path, Repeat, Sequence, Step, read_path, reverse
from pactgraph.shapes.repetition import as_specified

Progress = Callable[[int, int], None]
"""Called with the number of shapes evaluated so far, and of all."""


class Reference:
    """Validates whole graphs with pySHACL's own classes, keeping the shape whose target led to each
    result."""

    def __init__(self, shapes: Graph, now: datetime) -> None:
        """Serve a copy of a shapes graph."""
        self.shapes = ShapesGraph(memory_copy(shapes))
        self._now = now

    def run(self, graph: Graph, progress: Progress | None = None) -> tuple[bool, list[Finding]]:
        """Return whether the graph conforms, and the results; raises what pySHACL raises."""
        data = DataGraph.from_rdflib(graph)
        conforms, found, roots = True, [], {}
        with clock(self._now):
            for number, shape in enumerate(self.shapes.shapes):
                if progress is not None:
                    progress(number, len(self.shapes.shapes))
                passed, results = shape.validate(SHACLExecutor(), data)
                conforms = conforms and passed
                found.extend(results)
                roots.update((node, shape.node) for _, node, _ in results)
        report, _ = Validator.create_validation_report(self.shapes, conforms, found)
        return conforms, findings(report, roots)


@contextmanager
def clock(now: datetime) -> Iterator[None]:
    """Let rdflib's own SPARQL see a fixed time, and take ``""``, ``0`` and ``false`` for ends of a repeated
    path."""
    unmended = MulPath.eval

    def specified(
        path: MulPath, graph: Graph, subj: Any = None, obj: Any = None, first: bool = True
    ) -> Iterator[Any]:
        given = subj is not None or obj is not None
        return as_specified(path).eval(graph, subj, obj) if given else unmended(path, graph, subj, obj, first)

    class Fixed(QueryContext):
        @property
        def now(self) -> datetime:
            return now

        def clone(self, bindings: Any = None) -> Any:
            copy = Fixed(self.graph, bindings or self.bindings, initBindings=self.initBindings)
            copy.prologue, copy.bnodes = self.prologue, self.bnodes
            return copy

    with (
        mock.patch("rdflib.plugins.sparql.evaluate.QueryContext", Fixed),
        mock.patch.object(MulPath, "eval", specified),
    ):
        yield


def has_inverted_sequence(shapes: Graph) -> bool:
    """Say whether a path inverts more than one step, which pySHACL 0.40 evaluates in the wrong order."""
    inverted = [path for path in shapes.objects(None, SH.inversePath) if isinstance(path, BNode)]
    within = {node for path in inverted for node in _reachable(shapes, path)}
    return any((node, RDF.first, None) in shapes and not _is_choice(shapes, node) for node in within)


def _is_choice(shapes: Graph, node: Node) -> bool:
    """Say whether a list node belongs to ``sh:alternativePath``."""
    while (before := shapes.value(None, RDF.rest, node)) is not None:
        node = before
    return (None, SH.alternativePath, node) in shapes


def _reachable(shapes: Graph, node: Node) -> set[Node]:
    reached, todo = {node}, [node]
    while todo:
        fresh = {value for value in shapes.objects(todo.pop()) if isinstance(value, BNode)} - reached
        reached |= fresh
        todo.extend(fresh)
    return reached


def with_inverses_pushed_down(shapes: Graph) -> Graph:
    """Return the shapes graph with each ``^(a/b)`` written as ``^b/^a``, which is the same path (SHACL
    2.3.1.2)."""
    copy = Graph(bind_namespaces="none")
    for triple in shapes:
        copy.add(triple)
    paths = {
        node: read_path(shapes, node)
        for node in set(shapes.objects(None, SH.path))
        if isinstance(node, BNode)
    }
    for node, path in paths.items():
        copy.remove((node, None, None))
        _write(copy, node, path)
    return copy


def _write(graph: Graph, node: Node, path: Path) -> None:
    if isinstance(path, Step):  # a node for a forward step was ^(^p)
        graph.add((node, SH.inversePath, path.predicate if path.back else _written(graph, reverse(path))))
    elif isinstance(path, Sequence):
        _write_list(graph, node, path.parts)
    elif isinstance(path, Choice):
        head = BNode()
        _write_list(graph, head, path.parts)
        graph.add((node, SH.alternativePath, head))
    elif isinstance(path, Repeat):
        kind = (SH.zeroOrMorePath if path.optional else SH.oneOrMorePath) if path.many else SH.zeroOrOnePath
        graph.add((node, kind, _written(graph, path.path)))


def _written(graph: Graph, path: Path) -> Node:
    if isinstance(path, Step) and not path.back:
        return path.predicate
    node = BNode()
    _write(graph, node, path)
    return node


def _write_list(graph: Graph, head: Node, parts: tuple[Path, ...]) -> None:
    for number, part in enumerate(parts):
        graph.add((head, RDF.first, _written(graph, part)))
        following = BNode() if number + 1 < len(parts) else RDF.nil
        graph.add((head, RDF.rest, following))
        head = following
