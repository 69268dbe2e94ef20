"""The shapes, the files that try them, and as much of the ontology as a file names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDF, RDFS, SKOS, Graph, URIRef
from rdflib.term import Node

from pactgraph.resources import shipped, shipped_files
from pactgraph.shapes.catalogue import Constraint, constraints, load_shapes
from pactgraph.shapes.crossing import graph_of
from pactgraph.shapes.validator import Validator
from pactgraph.terms import canonical

HERE = Path(__file__).parent
LINT = HERE / "lint"
# What a shape reads of a term of the ontology that some data names.
KEPT = (RDF.type, RDFS.subClassOf, SKOS.inScheme, SKOS.prefLabel, SKOS.broader)


def pytest_generate_tests(metafunc):
    """Run a test once for each constraint or file, as the name of its argument asks."""
    files = {"fail_file": sorted(_named("fail", _folders())), "pass_file": sorted(_named("pass", _folders()))}
    for argument, found in files.items():
        if argument in metafunc.fixturenames:
            metafunc.parametrize(argument, found, ids=lambda file: file.stem)
    if "constraint" in metafunc.fixturenames:
        metafunc.parametrize("constraint", constraints(_shapes()), ids=name)
    if "lint_rule" in metafunc.fixturenames:
        metafunc.parametrize("lint_rule", constraints(_lint()), ids=name)


def name(constraint: Constraint) -> str:
    """Name a constraint as its fail file does: the shape's local name and the parameter."""
    return f"{local(constraint.shape)}-{constraint.parameter}"


def local(term: Node) -> str:
    return str(term).rpartition("#")[2]


def _named(kind: str, folders: Iterable[Path]) -> list[Path]:
    return [file for folder in folders for file in folder.glob(f"{kind}-*.ttl")]


def _folders() -> list[Path]:
    return [path for path in HERE.iterdir() if path.is_dir() and path != LINT and path.name != "__pycache__"]


@cache
def _shapes() -> Graph:
    return load_shapes()


@cache
def _lint() -> Graph:
    return load_shapes([shipped("shapes") / "lint" / "ontology.ttl", shipped("ontology") / "prefixes.ttl"])


def _read(*files: Path) -> Graph:
    quads = (quad for file in files for quad in ox.parse(path=file, rename_blank_nodes=True))
    return graph_of(canonical(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads))


@pytest.fixture(scope="session")
def shapes():
    return _shapes()


@pytest.fixture(scope="session")
def ontology():
    return _read(*shipped_files("ontology", ".ttl"))


@pytest.fixture(scope="session")
def read() -> Callable[..., Graph]:
    """Return what the store would keep of some files, as one graph."""
    return _read


@pytest.fixture(scope="session")
def read_in_context(ontology):
    """Return a file with the types, names, superclasses and schemes of the terms that it names.

    The whole ontology would be judged again with each of the hundreds of files; that the pass files also
    conform beside all of it has a test of its own.
    """

    def joined(file: Path) -> Graph:
        data = _read(file)
        todo: list[Node] = [*data.all_nodes(), *data.predicates()]
        seen: set[Node] = set()
        while todo:
            term = todo.pop()
            if term in seen or not isinstance(term, URIRef):
                continue
            seen.add(term)
            for predicate in KEPT:
                for value in list(ontology.objects(term, predicate)):
                    data.add((term, predicate, value))
                    todo.append(value)
            for scheme in ontology.subjects(SKOS.hasTopConcept, term):
                data.add((scheme, SKOS.hasTopConcept, term))
        return data

    return joined


@pytest.fixture(scope="session")
def results():
    """Return the shape and component, by local name, of each result that a graph gives."""
    return _judge(Validator(_shapes()))


@pytest.fixture(scope="session")
def lint_results():
    """Return the shape and component, by local name, of each result that an ontology gives."""
    return _judge(Validator(_lint()))


def _judge(validator: Validator):
    def judged(graph: Graph, *, with_info: bool = False) -> list[tuple[str, str]]:
        found = validator.run(graph)[1]
        kept = [finding for finding in found if with_info or finding.severity != "Info"]
        return sorted((local(finding.shape), local(finding.component)) for finding in kept)

    return judged


@pytest.fixture(scope="session")
def fail_files():
    return {file.stem.removeprefix("fail-"): file for file in _named("fail", _folders())}


@pytest.fixture(scope="session")
def lint_files():
    return {file.stem.removeprefix("fail-"): file for file in _named("fail", [LINT])}


@pytest.fixture(scope="session")
def class_folders():
    return _folders()


@pytest.fixture(scope="session")
def constraint_name():
    return name
