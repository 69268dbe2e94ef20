"""The shapes graph, and the list of every constraint in it.

A constraint is one demand: ``sh:minCount 1`` of one shape, or one ``sh:sparql`` node. Anonymous shapes inside
``sh:or``, ``sh:not``, ``sh:node`` or ``sh:qualifiedValueShape`` belong to the constraint that uses them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox
from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from pactgraph.resources import shipped, shipped_files
from pactgraph.shapes.crossing import graph_of
from pactgraph.shapes.naming import curie, local_name, path_text, prefixes
from pactgraph.terms import canonical

_PARAMETERS = tuple(
    """
    class datatype nodeKind minCount maxCount minExclusive minInclusive maxExclusive maxInclusive minLength
    maxLength pattern languageIn uniqueLang equals disjoint lessThan lessThanOrEquals not and or xone node
    qualifiedMinCount qualifiedMaxCount closed hasValue in sparql
    """.split()  # noqa: SIM905 - a list of 29 words reads better as words
)
_TRUE = Literal(True)
_SWITCHES = {"uniqueLang", "closed"}
_SHAPE_EXPECTING = ("property", "node", "not", "qualifiedValueShape")
_TARGETS = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")


@dataclass(frozen=True)
class Constraint:
    """One constraint; ``id`` stays the same while its shape, path and parameter do."""

    id: str
    shape: Node
    path: Node | None
    component: URIRef
    parameter: str
    value: Node
    severity: str
    message: str | None

    @property
    def source(self) -> Node | None:
        """The node of a SPARQL constraint, as ``sh:sourceConstraint`` names it."""
        return self.value if self.parameter == "sparql" else None


def load_shapes(files: Iterable[Path] | None = None) -> Graph:
    """Return one graph of the shapes files; without any, the shipped shapes and the shipped prefixes."""
    chosen = (
        list(files)
        if files is not None
        else [*shipped_files("shapes", ".ttl"), shipped("ontology") / "prefixes.ttl"]
    )
    return graph_of(
        canonical(quad for file in chosen for quad in ox.parse(path=file, rename_blank_nodes=True))
    )


def constraints(shapes: Graph) -> list[Constraint]:
    """List every constraint of a shapes graph, ordered by id."""
    found = [
        constraint for shape, name in _named_shapes(shapes) for constraint in _of_shape(shapes, shape, name)
    ]
    return sorted(_with_unique_ids(found), key=lambda constraint: constraint.id)


def unkept_datatypes(shapes: Graph) -> list[Constraint]:
    """List the constraints that no stored value can meet: the store turns their datatype into another.

    Oxigraph keeps ``xsd:positiveInteger`` and its like as ``xsd:integer``, ``xsd:dateTimeStamp`` as
    ``xsd:dateTime``.
    """
    return [
        found
        for found in constraints(shapes)
        if found.parameter == "datatype" and not _is_kept(str(found.value))
    ]


def _is_kept(datatype: str) -> bool:
    samples = [ox.Literal(text, datatype=ox.NamedNode(datatype)) for text in ("1", "2024-01-01T00:00:00Z")]
    node = ox.NamedNode("urn:x-pactgraph:sample")
    kept = [quad.object for sample in samples for quad in canonical([ox.Quad(node, node, sample)])]
    return all(isinstance(value, ox.Literal) and value.datatype.value == datatype for value in kept)


def _named_shapes(shapes: Graph) -> Iterator[tuple[Node, str]]:
    """Yield the shapes that are listed by themselves, each with its name."""
    names = prefixes(shapes)
    todo = [(shape, _root_name(shapes, shape, names)) for shape in sorted(_roots(shapes), key=str)]
    while todo:
        shape, name = todo.pop(0)
        yield shape, name
        for inner in shapes.objects(shape, SH.property):
            if isinstance(inner, BNode):
                todo.append((inner, f"{name}-{path_text(shapes, shapes.value(inner, SH.path))}"))


def _roots(shapes: Graph) -> set[Node]:
    """Return the shapes with an IRI, and anonymous ones that have targets of their own."""
    typed = {node for kind in (SH.NodeShape, SH.PropertyShape) for node in shapes.subjects(RDF.type, kind)}
    used = {node for name in _SHAPE_EXPECTING for node in shapes.objects(None, SH[name])}
    targeting = {node for name in _TARGETS for node in shapes.subjects(SH[name], None)}
    return {node for node in typed | used if isinstance(node, URIRef)} | targeting


def _root_name(shapes: Graph, shape: Node, names: dict[str, str]) -> str:
    if isinstance(shape, URIRef):
        return curie(str(shape), names)
    targets = sorted(str(target) for name in _TARGETS for target in shapes.objects(shape, SH[name]))
    return f"_:{curie(targets[0], names)}"


def _of_shape(shapes: Graph, shape: Node, name: str) -> Iterator[Constraint]:
    if shapes.value(shape, SH.deactivated) == _TRUE:
        return
    for parameter, component in [*_core_components(), *_custom_components(shapes)]:
        for value in shapes.objects(shape, parameter):
            switched_off = local_name(parameter) in _SWITCHES and value != _TRUE
            if not switched_off and shapes.value(value, SH.deactivated) != _TRUE:
                yield _constraint(shapes, shape, name, _Demand(parameter, component, value))


class _Demand(NamedTuple):
    """A parameter of a shape with its value, and the component that it belongs to."""

    parameter: URIRef
    component: URIRef
    value: Node


def _core_components() -> list[tuple[URIRef, URIRef]]:
    spelled = {"sparql": "SPARQL"}
    return [
        (SH[name], SH[f"{spelled.get(name, name[0].upper() + name[1:])}ConstraintComponent"])
        for name in _PARAMETERS
    ]


def _custom_components(shapes: Graph) -> list[tuple[URIRef, URIRef]]:
    """Return the first mandatory parameter of each component that the shapes graph itself defines."""
    found = []
    for component in shapes.subjects(RDF.type, SH.ConstraintComponent):
        declared = list(shapes.objects(component, SH.parameter))
        mandatory = [node for node in declared if shapes.value(node, SH.optional) != _TRUE]
        named = sorted(str(shapes.value(node, SH.path)) for node in mandatory)
        if named and not str(component).startswith(str(SH)):
            found.append((URIRef(named[0]), URIRef(str(component))))
    return found


def _constraint(shapes: Graph, shape: Node, name: str, demand: _Demand) -> Constraint:
    parameter = local_name(demand.parameter)
    shared_query = demand.value if parameter == "sparql" and isinstance(demand.value, URIRef) else None
    severity = shapes.value(shape, SH.severity) or SH.Violation
    return Constraint(
        id=f"{name}/{parameter}" + (f"-{local_name(shared_query)}" if shared_query else ""),
        shape=shape,
        path=shapes.value(shape, SH.path),
        component=demand.component,
        parameter=parameter,
        value=demand.value,
        severity=str(severity).rpartition("#")[2],
        message=_message(shapes, demand.value) or _message(shapes, shape),
    )


def _message(shapes: Graph, node: Node) -> str | None:
    """Return the English message of a shape or SPARQL constraint, or any."""
    given = sorted(
        (value for value in shapes.objects(node, SH.message) if isinstance(value, Literal)), key=str
    )
    english = [value for value in given if value.language == "en"]
    return str([*english, *given][0]) if given else None


def _with_unique_ids(found: Iterable[Constraint]) -> Iterator[Constraint]:
    """Number the constraints that would share an id, in the order of their messages and values."""
    by_id: dict[str, list[Constraint]] = defaultdict(list)
    for constraint in found:
        by_id[constraint.id].append(constraint)
    for name, alike in by_id.items():
        alike.sort(key=lambda constraint: (constraint.message or "", str(constraint.value)))
        for number, constraint in enumerate(alike, start=1):
            yield constraint if number == 1 else replace(constraint, id=f"{name}-{number}")
