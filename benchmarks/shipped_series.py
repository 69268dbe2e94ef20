"""Patches to the shipped examples under the shipped shapes, compared with pySHACL over the whole graph.

The graph is made of the files that break a constraint or keep all of them, and of what the shapes read of the
ontology. Patches take statements away and put their parts together anew. pySHACL is the mended one here, over an
rdflib graph in memory (the unmended one parses each query for each node: a minute for each patch); that both agree
is tested by itself.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pyoxigraph as ox
from comparison import Series, Tally
from rdflib import RDF, RDFS, SKOS, Graph

from pactgraph.resources import shipped_files
from pactgraph.shapes.catalogue import load_shapes
from pactgraph.shapes.findings import Finding
from pactgraph.shapes.validator import Validator

EXAMPLES = Path(__file__).parents[1] / "tests" / "shapes"
FILES = 25
_KEPT = {str(each) for each in (RDF.type, RDFS.subClassOf, SKOS.inScheme, SKOS.prefLabel, SKOS.broader)}


class Whole:
    """The mended pySHACL over a whole graph in memory, without look-ups, screens and sweeps of ours."""

    def __init__(self, shapes: Graph) -> None:
        self._validator = Validator(shapes)

    def run(self, graph: Graph) -> tuple[bool, list[Finding]]:
        """Return whether the graph conforms, and the results."""
        found = self._validator.run(graph)[1]
        return not found, found


def compare_shipped(seed: int, patches: int, tally: Tally) -> None:
    """Compare a series of patches to one choice of examples."""
    random = Random(seed)  # noqa: S311 - test data
    shapes = load_shapes()
    examples = _examples(random)
    series = Series(
        shapes, [*_ontology(), *examples], tally, f"shipped, seed {seed}", reference=Whole(shapes)
    )
    present = set(examples)
    for _ in range(patches if series.usable else 0):
        removed = set(random.sample(sorted(present, key=str), random.randint(0, 4)))
        added = {_recombined(random, examples) for _ in range(random.randint(0, 6))} | set(
            random.sample(examples, 2)
        )
        series.step(sorted(added, key=str), sorted(removed, key=str))
        present = (present - removed) | added


def _recombined(random: Random, examples: list[ox.Quad]) -> ox.Quad:
    one, other = random.choice(examples), random.choice(examples)
    alike = [quad for quad in examples if quad.predicate == one.predicate]
    return random.choice(
        [
            ox.Quad(one.subject, one.predicate, random.choice(alike).object),
            ox.Quad(one.subject, other.predicate, other.object),
            ox.Quad(one.subject, one.predicate, other.object),
        ]
    )


def _examples(random: Random) -> list[ox.Quad]:
    files = sorted(file for file in EXAMPLES.glob("*/*.ttl") if file.parent.name != "lint")
    chosen = random.sample(files, FILES)
    found = (quad for file in chosen for quad in ox.parse(path=file, rename_blank_nodes=True))
    named = (quad for quad in found if isinstance(quad.subject, ox.NamedNode))
    plain = (quad for quad in named if not isinstance(quad.object, ox.BlankNode))
    return list(dict.fromkeys(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in plain))


def _ontology() -> list[ox.Quad]:
    files = [file for file in shipped_files("ontology", ".ttl") if file.stem in {"pact", "codes"}]
    found = (quad for file in files for quad in ox.parse(path=file))
    return [quad for quad in found if quad.predicate.value in _KEPT]
