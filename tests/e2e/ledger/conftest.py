"""A small graph with its shapes, and the commands on it."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from pactgraph.app import open_for_writing
from pactgraph.cli import main
from pactgraph.cli.against import Against
from pactgraph.shapes.crossing import graph_of
from pactgraph.terms import canonical

HERE = Path(__file__).parent
PREFIXES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix s: <http://example.org/shapes#> .
@prefix pact: <https://w3id.org/eukdp/ontology#> .
@prefix event: <https://w3id.org/eukdp/id/event/> .
@prefix graph: <https://w3id.org/eukdp/graph/> .
@prefix source: <https://w3id.org/eukdp/source/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
"""
SHAPES = """
s:Event a sh:NodeShape ; sh:targetClass pact:Event ; sh:property
  [ sh:path skos:prefLabel ; sh:minCount 1 ; sh:message "What is it called?"@en ] ,
  [ sh:path pact:place ; sh:minCount 1 ; sh:severity sh:Warning ; sh:message "Where is it?"@en ] .
"""
FACTS = """
graph:paper { graph:paper prov:hadPrimarySource source:paper .
              source:paper a pact:Source ; dcterms:title "A paper"@en .
              event:forum a pact:Event ; skos:prefLabel "Forum"@en , "포럼"@ko ; pact:place "Seoul" . }
"""
ONTOLOGY = "<https://w3id.org/eukdp/ontology> a owl:Ontology . pact:place a owl:DatatypeProperty ."


def _load(name):
    spec = importlib.util.spec_from_file_location(f"ledger_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def driver():
    """The program ``driver.py``, as a module."""
    return _load("driver")


@pytest.fixture(scope="session")
def server():
    """The module ``server.py``: the real server as a process."""
    return _load("server")


@pytest.fixture(scope="session")
def shapes():
    return graph_of(canonical(ox.parse(PREFIXES + SHAPES, format=ox.RdfFormat.TURTLE)))


@pytest.fixture(scope="session")
def pristine(tmp_path_factory):
    """A data directory at revision 1, to be copied."""
    folder = tmp_path_factory.mktemp("seed")
    (folder / "ontology").mkdir()
    (folder / "facts").mkdir()
    (folder / "ontology" / "pact.ttl").write_text(PREFIXES + ONTOLOGY, encoding="utf-8")
    (folder / "facts" / "facts.trig").write_text(PREFIXES + FACTS, encoding="utf-8")
    open_for_writing(folder / "data", ontology=folder / "ontology", facts=folder / "facts").close()
    return folder / "data"


@pytest.fixture
def run(pristine, tmp_path, monkeypatch, shapes):
    """Run a command in a folder with a data directory of its own, ``data``, under the small shapes."""
    shutil.copytree(pristine, tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    for name in ("PACTGRAPH_TOKEN", "PACTGRAPH_AUTHOR"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments, given=None, **environment):
        variables = {"PACTGRAPH_DATA": "data", **environment}
        against = Against(shapes=lambda: shapes)
        return CliRunner().invoke(
            main, [str(each) for each in arguments], obj=against, input=given, env=variables
        )

    return call


@pytest.fixture
def write(tmp_path):
    """Write a document that leaves out the prefixes."""

    def make(name, turtle):
        (tmp_path / name).write_text(PREFIXES + turtle, encoding="utf-8")
        return name

    return make
