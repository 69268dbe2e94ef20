"""The ontology is OWL 2 DL and consistent, alone and with the facts."""

import os
import subprocess
from pathlib import Path

import owlrl
import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF, Graph, Namespace

from pactgraph.resources import shipped, shipped_files

ROBOT = os.environ.get("PACTGRAPH_ROBOT")
ERROR = Namespace("http://www.daml.org/2002/03/agents/agent-ont#")
needs_robot = pytest.mark.skipif(
    ROBOT is None,
    reason="set PACTGRAPH_ROBOT to robot.jar (ROBOT 1.9 or newer, needs Java) to check OWL 2 DL",
)
PARTS = ("pact.ttl", "alignments.ttl", "codes.ttl", "topics.ttl")


def robot(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["java", "-jar", str(ROBOT), *arguments], capture_output=True, text=True, check=False, timeout=240
    )


def merged(folder: Path, broken: str = "") -> Path:
    graph = Graph()
    for name in PARTS:
        graph.parse(shipped("ontology") / name)
    graph.parse(data=broken, format="turtle")
    graph.serialize(folder / "merged.ttl", format="turtle")
    return folder / "merged.ttl"


@needs_robot
def test_is_owl_2_dl(tmp_path):
    ontology = merged(tmp_path)
    result = robot(
        "validate-profile", "--profile", "DL", "--input", str(ontology), "--output", str(tmp_path / "r")
    )
    assert result.returncode == 0, (tmp_path / "r").read_text()


@needs_robot
def test_the_profile_check_sees_a_term_that_is_no_owl_2_dl(tmp_path):
    broken = "<urn:x> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <urn:not-declared> ."
    ontology = merged(tmp_path, broken)
    result = robot(
        "validate-profile", "--profile", "DL", "--input", str(ontology), "--output", str(tmp_path / "r")
    )
    assert result.returncode != 0


@needs_robot
def test_hermit_finds_it_consistent(tmp_path):
    ontology = merged(tmp_path)
    result = robot(
        "reason", "--reasoner", "HermiT", "--input", str(ontology), "--output", str(tmp_path / "r.ttl")
    )
    assert result.returncode == 0, result.stdout + result.stderr


@needs_robot
def test_hermit_sees_a_person_that_is_an_event(tmp_path):
    broken = """@prefix pact: <https://w3id.org/eukdp/ontology#> .
    @prefix foaf: <http://xmlns.com/foaf/0.1/> .
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    <urn:x> a owl:NamedIndividual , foaf:Person , pact:Event ."""
    ontology = merged(tmp_path, broken)
    result = robot(
        "reason", "--reasoner", "HermiT", "--input", str(ontology), "--output", str(tmp_path / "r.ttl")
    )
    assert result.returncode != 0


def contradictions(graph: Graph) -> list[str]:
    """Return what OWL 2 RL finds inconsistent; the closure goes into ``graph``."""
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, rdfs_closure=False, axiomatic_triples=False).expand(graph)
    return [
        str(o) for s in graph.subjects(RDF.type, ERROR.ErrorMessage) for o in graph.objects(s, ERROR.error)
    ]


def ontology_and_facts() -> Graph:
    """Return the ontology, its code lists and what all sources state."""
    graph = Graph().parse(shipped("ontology") / "pact.ttl").parse(shipped("ontology") / "codes.ttl")
    for path in shipped_files("facts", ".trig"):
        triples = [quad.triple for quad in ox.parse(path=str(path))]
        graph.parse(data=ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES), format="ntriples")
    return graph


def test_facts_are_consistent_with_the_ontology():
    assert contradictions(ontology_and_facts()) == []


def test_the_consistency_check_sees_an_organisation_that_is_a_person():
    graph = Graph().parse(shipped("ontology") / "pact.ttl")
    graph.parse(
        data="""@prefix org: <http://www.w3.org/ns/org#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
        <urn:x> a org:Organization , foaf:Person .""",
        format="turtle",
    )
    assert contradictions(graph) != []
    assert (None, RDF.type, OWL.Class) in graph
