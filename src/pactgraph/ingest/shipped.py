"""The graph that comes with the software: ontology, topics and facts."""

from __future__ import annotations

import pyoxigraph as ox

from pactgraph.ingest.reading import read_quads
from pactgraph.resources import shipped_files


def shipped_quads() -> list[ox.Quad]:
    """Read the shipped ontology and topics (no graph) and the facts (in the graphs of their sources)."""
    ontology = [file for file in shipped_files("ontology", ".ttl") if file.name != "prefixes.ttl"]
    files = [*ontology, *shipped_files("facts", ".trig")]
    return [quad for file in files for quad in read_quads(file, trusted=True)]
