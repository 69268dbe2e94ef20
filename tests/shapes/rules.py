"""What the shape tests share: the shapes, the files that try them, and as much of the ontology as a file names."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyoxigraph as ox
from rdflib import RDF, RDFS, SKOS, Graph, URIRef
from rdflib.term import Node

from pactgraph.resources import shipped, shipped_files
from pactgraph.shapes.catalogue import Constraint, constraints, load_shapes
from pactgraph.shapes.crossing import as_stored, graph_of
from pactgraph.shapes.validator import Validator

HERE = Path(__file__).parent
LINT = shipped("shapes") / "lint" / "ontology.ttl"
PREFIXES = shipped("ontology") / "prefixes.ttl"
_KEPT = (RDF.type, RDFS.subClassOf, SKOS.inScheme, SKOS.prefLabel, SKOS.broader)


def read(*files: Path) -> Graph:
    """Return what the store would keep of these files, as one graph."""
    quads = (quad for file in files for quad in ox.parse(path=file, rename_blank_nodes=True))
    return graph_of(as_stored(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads))


@cache
def ontology() -> Graph:
    return read(*shipped_files("ontology", ".ttl"))


@cache
def data_validator() -> Validator:
    return Validator(load_shapes())


@cache
def lint_validator() -> Validator:
    return Validator(load_shapes([LINT, PREFIXES]))


def all_constraints() -> list[Constraint]:
    return constraints(load_shapes())


def lint_constraints() -> list[Constraint]:
    return constraints(load_shapes([LINT, PREFIXES]))


def name(constraint: Constraint) -> str:
    """Name a constraint as its fail file does: the shape's local name and the parameter."""
    return f"{str(constraint.shape).rpartition('#')[2]}-{constraint.parameter}"


def fail_files(folders: Iterable[Path]) -> dict[str, Path]:
    return {
        file.stem.removeprefix("fail-"): file for folder in folders for file in folder.glob("fail-*.ttl")
    }


def data_folders() -> list[Path]:
    return [folder for folder in HERE.iterdir() if folder.is_dir() and folder.name not in ("lint", "__pycache__")]


def in_context(data: Graph) -> Graph:
    """Add the types, names, superclasses and schemes of the terms that the data names.

    The whole ontology would be judged again with each of the hundreds of files; that the pass files also conform
    beside all of it has a test of its own.
    """
    joined = Graph()
    for statement in data:
        joined.add(statement)
    todo: list[Node] = [*data.all_nodes(), *data.predicates()]
    seen: set[Node] = set()
    while todo:
        term = todo.pop()
        if term in seen or not isinstance(term, URIRef):
            continue
        seen.add(term)
        for predicate in _KEPT:
            for value in ontology().objects(term, predicate):
                joined.add((term, predicate, value))
                todo.append(value)
        for scheme in ontology().subjects(SKOS.hasTopConcept, term):
            joined.add((scheme, SKOS.hasTopConcept, term))
    return joined


def found(validator: Validator, graph: Graph, *, with_info: bool = False) -> list[tuple[str, str]]:
    """Return the shape and component of each result, by local name."""
    return sorted(
        (str(finding.shape).rpartition("#")[2], str(finding.component).rpartition("#")[2])
        for finding in validator.run(graph)[1]
        if with_info or finding.severity != "Info"
    )
