"""The 35 contradictions: both sides are kept and judged, and what is not accepted is not asserted."""

from __future__ import annotations

from collections import defaultdict

import pyoxigraph as ox
import pytest

BASE = "https://w3id.org/eukdp/"
PACT = BASE + "ontology#"
HAD_PRIMARY_SOURCE = ox.NamedNode("http://www.w3.org/ns/prov#hadPrimarySource")
CONTRADICTIONS = 35


def pact(name):
    return ox.NamedNode(PACT + name)


def one(store, subject, name):
    """Return the only value of a property in the default graph."""
    (value,) = {quad.object for quad in store.quads_for_pattern(subject, pact(name), None, ox.DefaultGraph())}
    return value


@pytest.fixture(scope="session")
def claims(dataset):
    """Group the claims by the contradiction they are in."""
    found = defaultdict(set)
    for quad in dataset.quads_for_pattern(None, pact("inContradiction"), None, ox.DefaultGraph()):
        found[quad.object].add(quad.subject)
    return found


def test_every_contradiction_has_two_claims_or_more(dataset, claims):
    notations = {
        quad.object.value
        for contradiction in claims
        for quad in dataset.quads_for_pattern(
            contradiction,
            ox.NamedNode("http://www.w3.org/2004/02/skos/core#notation"),
            None,
            ox.DefaultGraph(),
        )
    }
    assert notations == {f"C{number}" for number in range(1, CONTRADICTIONS + 1)}
    assert [str(name) for name, members in claims.items() if len(members) < 2] == []
    for contradiction in claims:
        assert one(dataset, contradiction, "resolution")


def test_every_claim_has_sources_a_verdict_and_a_reason(dataset, claims):
    for claim in set().union(*claims.values()):
        stated_in = {
            quad.graph_name
            for quad in dataset.quads_for_pattern(claim, HAD_PRIMARY_SOURCE, None, None)
            if not isinstance(quad.graph_name, ox.DefaultGraph)
        }
        assert stated_in, claim
        for name in stated_in:  # the claim stands in the graph of each of its sources
            assert list(dataset.quads_for_pattern(claim, pact("claimSubject"), None, name)), claim
        assert one(dataset, claim, "verdict").value.startswith(BASE + "code/verdict/")
        assert one(dataset, claim, "verdictReason").value


def test_contradicting_claims_point_at_each_other(dataset, claims):
    for members in claims.values():
        for claim in members:
            others = {
                quad.object
                for quad in dataset.quads_for_pattern(claim, pact("contradicts"), None, ox.DefaultGraph())
            }
            assert others, claim
            assert others <= members - {claim}, claim
            for other in others:
                back = ox.Quad(other, pact("contradicts"), claim)
                assert back in dataset, (claim, other)


def test_no_rejected_value_is_asserted(dataset, claims):
    rejected = ox.NamedNode(BASE + "code/verdict/rejected")
    asserted = []
    for claim in set().union(*claims.values()):
        if one(dataset, claim, "verdict") != rejected:
            continue
        subject, predicate = one(dataset, claim, "claimSubject"), one(dataset, claim, "claimPredicate")
        values = {
            quad.object
            for name in ("claimValue", "claimObject")
            for quad in dataset.quads_for_pattern(claim, pact(name), None, ox.DefaultGraph())
        }
        assert len(values) == 1, claim
        asserted += [str(claim) for value in values if ox.Quad(subject, predicate, value) in dataset]
    assert asserted == []
