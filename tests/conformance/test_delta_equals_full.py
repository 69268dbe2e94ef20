"""Delta and full validation give the results of pySHACL, on random shapes, graphs and patches.

The seed is fresh in each run and printed with a failure; benchmarks/equal_verdicts.py is the long run.
"""

import logging
import secrets
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pyoxigraph as ox
import pytest
from rdflib import RDF, SH, Graph

from pactgraph.shapes.answers import StoreTriples
from pactgraph.shapes.catalogue import load_shapes
from pactgraph.shapes.crossing import graph_of
from pactgraph.shapes.delta import DeltaValidator
from pactgraph.shapes.findings import introduced
from pactgraph.shapes.full import FullValidator
from pactgraph.shapes.overlay import Patch
from pactgraph.shapes.validator import Validator

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
NOW = datetime(2024, 6, 1, tzinfo=UTC)
GRAPHS = 12
PATCHES = 12


@pytest.fixture(scope="module")
def comparison():
    sys.path.insert(0, str(BENCHMARKS))
    logging.disable(logging.CRITICAL)
    try:
        import comparison

        yield comparison
    finally:
        logging.disable(logging.NOTSET)
        sys.path.remove(str(BENCHMARKS))


def run(comparison, seeds, patches=PATCHES, **options):
    tally = comparison.Tally()
    for seed in seeds:
        comparison.compare(seed, patches, tally, **options)
    return tally


def test_fresh_cases_agree(comparison):
    seed = secrets.randbelow(10**9)
    tally = run(comparison, range(seed, seed + GRAPHS))
    assert not tally.misses, f"seeds from {seed}: {tally.misses[:3]}"
    assert tally.counts["patches"] > GRAPHS, f"seeds from {seed} hardly compare anything: {tally.refusals}"


def test_past_the_budget_everything_is_validated_with_the_same_results(comparison):
    seed = secrets.randbelow(10**9)
    tally = run(comparison, range(seed, seed + 3), budget=1)
    assert not tally.misses, f"seeds from {seed}: {tally.misses[:3]}"


SHAPE = "ex:S a sh:NodeShape ; "
LINKED = "sh:property [ sh:path ex:p ; sh:minCount 1 ] ."
FORGOTTEN = {
    "lookups": (SHAPE + "sh:targetNode ex:n ; sh:property [ sh:path ex:p ; sh:maxCount 1 ] .", "n p x"),
    "uses": (
        SHAPE + "sh:targetNode ex:n ; sh:property [ sh:path ex:p ; "
        "sh:node [ sh:property [ sh:path ex:q ; sh:maxCount 0 ] ] ] .",
        "m q x",
    ),
    "triggers": (
        SHAPE + "sh:targetNode ex:n ; "
        'sh:sparql [ sh:select "SELECT $this { $this <urn:p> ?x . ?u <urn:q> ?w }" ] .',
        "u q w",
    ),
    "targets_by_class": (SHAPE + "sh:targetClass ex:C ; " + LINKED, "x a C"),
    "targets_by_subject": (SHAPE + "sh:targetSubjectsOf ex:q ; " + LINKED, "x q y"),
    "targets_by_object": (SHAPE + "sh:targetObjectsOf ex:q ; " + LINKED, "x q y"),
}


def statement(words):
    subject, predicate, value = words.split()
    kind = RDF.type if predicate == "a" else f"urn:{predicate}"
    return ox.Quad(ox.NamedNode(f"urn:{subject}"), ox.NamedNode(str(kind)), ox.NamedNode(f"urn:{value}"))


@pytest.mark.parametrize("kind", FORGOTTEN)
def test_the_comparison_notices_what_is_left_out(comparison, monkeypatch, kind):
    """A validator that forgets one kind of dependency is found out; one that does not, agrees."""

    class Forgetful(comparison.DeltaValidator):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            getattr(self.dependencies, kind).clear()

    text, added = FORGOTTEN[kind]
    shapes = Graph().parse(data=f"@prefix sh: <{SH}> . @prefix ex: <urn:> . {text}")
    whole, forgetful = comparison.Tally(), comparison.Tally()
    for validator, tally in ((comparison.DeltaValidator, whole), (Forgetful, forgetful)):
        monkeypatch.setattr(comparison, "DeltaValidator", validator)
        series = comparison.Series(shapes, [statement("n p m")], tally, kind)
        series.step([statement(added)], [])
    assert not whole.misses
    assert len(forgetful.misses) == 1


@pytest.fixture(scope="module")
def shipped(comparison):
    from partnership import shipped_quads

    return shipped_quads()


@pytest.fixture(scope="module")
def shapes():
    return load_shapes()


def counted(found):
    return Counter((finding.key, finding.severity) for finding in found)


def test_full_validation_of_the_shipped_facts_agrees_with_the_arbiter(shipped, shapes):
    store = ox.Store()
    store.extend(shipped)
    assert counted(FullValidator(shapes).run(store, NOW)[1]) == counted(
        Validator(shapes).run(graph_of(shipped))[1]
    )


def test_patches_to_the_shipped_facts_agree_with_full_validation(shipped, shapes):
    """Statements of the shipped facts come and go, and stand where they do not belong."""
    seed = secrets.randbelow(10**9)
    random, store = Random(seed), ox.Store()
    store.extend(shipped)
    delta, full = DeltaValidator(shapes), FullValidator(shapes)
    before = full.run(store, NOW)[1]
    for _ in range(2):
        removed = random.sample(shipped, 3)
        pairs = zip(random.sample(shipped, 3), random.sample(shipped, 3), strict=True)
        added = [ox.Quad(one.subject, other.predicate, other.object) for one, other in pairs]
        judged = delta.judge(StoreTriples(store), Patch(added, removed), NOW)
        for quad in removed:
            store.remove(quad)
        store.extend(added)
        after = full.run(store, NOW)[1]
        assert counted(judged.introduced) == counted(introduced(after, before)), f"seed {seed}"
        before = after
