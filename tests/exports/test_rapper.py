"""RDF exports, read by raptor's rapper: a parser that shares no code with the engine that wrote them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter

import pyoxigraph as ox
import pytest
from lxml import etree

from pactgraph.exports.delivery import Delivery
from pactgraph.exports.network import records

from .writing import delivered, written

pytestmark = pytest.mark.skipif(
    shutil.which("rapper") is None,
    reason="install rapper (Debian: raptor2-utils) to read RDF exports with it",
)
SYNTAXES = ("turtle", "nquads", "trig", "ntriples", "rdfxml")
EXPORT = "https://w3id.org/eukdp/export#"
PROV = "http://www.w3.org/ns/prov#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def read(content: bytes, syntax: str) -> list[bytes]:
    """Return the statements as lines of N-Quads; any complaint of rapper is an error."""
    command = ["rapper", "--quiet", "--input", syntax, "--output", "nquads", "-", "https://example.org/"]
    done = subprocess.run(command, input=content, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.splitlines()


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_nodes_edges_and_attributes_are_all_there(delivery: Delivery, syntax: str) -> None:
    found: Counter[str] = Counter()
    for line in read(written(delivery, syntax, as_network=True), syntax):
        predicate = re.match(rb"\S+ <([^>]+)> (?:<([^>]+)>)?", line)
        assert predicate
        name = predicate[1].decode()
        found[str(predicate[2], "utf-8") if name == TYPE else name] += 1
    nodes, edges = list(records(delivery.network.nodes)), list(records(delivery.network.edges))
    sources = [source for edge in edges for source in edge.get("sources", "").split()]
    attributes = sum(len(node) - 1 for node in nodes)
    attributes += sum(len(edge.keys() - {"source", "target", "sources"}) for edge in edges)
    assert (found.pop(f"{EXPORT}Node", 0), found.pop(f"{EXPORT}Edge", 0)) == (len(nodes), len(edges))
    assert found.pop(f"{EXPORT}source", 0) == found.pop(f"{EXPORT}target", 0) == len(edges)
    assert found.pop(f"{PROV}hadPrimarySource", 0) == len(sources)
    assert found.total() == attributes


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_every_statement_is_there(store: ox.Store, syntax: str) -> None:
    delivery = delivered(store, "statements")
    quads = list(ox.parse(written(delivery, "nquads"), format=ox.RdfFormat.N_QUADS))
    triples = {(quad.subject, quad.predicate, quad.object) for quad in quads}
    assert len(triples) == delivery.about.edges > 0
    assert len(read(written(delivery, syntax), syntax)) == len(
        quads if syntax in {"nquads", "trig"} else triples
    )


def test_rdf_xml_counts_the_characters_that_it_lacks(hostile_store: ox.Store) -> None:
    content = written(delivered(hostile_store, "statements"), "rdfxml")
    comment = etree.fromstring(content).getprevious()
    assert comment is not None
    assert '"control characters replaced by U+FFFD": 12' in str(comment.text)
    assert "revision: 7" in str(comment.text)
