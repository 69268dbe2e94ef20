"""The server that is attacked. Run as: … DATA read|writable [ENDPOINT that SERVICE may name]…"""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph as ox

from pactgraph.config import SERVED_RESERVE, Limits
from pactgraph.heap import share_heap, start_over
from pactgraph.ingest.seed import read_seed
from pactgraph.ledger import open_ledger
from pactgraph.resources import shipped
from pactgraph.service import Service
from pactgraph.store import EmbeddedDataset
from pactgraph.web.server import run

EX, GRAPH = "http://example.org/", ox.NamedNode("http://example.org/graph")


def first():
    """Yield enough to make queries endless, and what is hostile to pages and tables."""
    for n in range(4000):
        thing = ox.NamedNode(f"{EX}n{n}")
        yield ox.Quad(thing, ox.NamedNode(EX + "number"), ox.Literal(n), GRAPH)
        yield ox.Quad(thing, ox.NamedNode(EX + "next"), ox.NamedNode(f"{EX}n{(n * 7 + 1) % 4000}"), GRAPH)
    for text in ("<img src=x onerror=alert(1)>", "=1+1", "javascript:alert(1)"):
        yield ox.Quad(ox.NamedNode(EX + "evil"), ox.NamedNode(EX + "text"), ox.Literal(text), GRAPH)
    evil = ox.NamedNode("javascript:alert(1)")
    source = ox.NamedNode("http://www.w3.org/ns/prov#hadPrimarySource")
    yield ox.Quad(ox.NamedNode(EX + "evil"), ox.NamedNode(EX + "link"), evil, GRAPH)
    yield ox.Quad(GRAPH, source, ox.NamedNode(EX + "source"), GRAPH)


def writable(data):
    """Open a ledger with the shapes as they are served, and the shipped facts beside ours."""
    # Only here: they take a second that the servers of most tests need not wait for.
    from pactgraph.shapes.catalogue import load_shapes
    from pactgraph.shapes.patches import PatchJudge

    judge = PatchJudge(load_shapes)
    judge.warm_up()

    def seed():
        return [*read_seed(shipped("ontology"), shipped("facts")), *first()]

    return open_ledger(data, seed=seed, judge=judge, clock=lambda: datetime.now(UTC))


start_over()  # as the command does
share_heap()
data, mode, *services = sys.argv[1:]
limits = Limits(timeout=4, memory_mb=256, workers=2, hot_quads=1_000_000, services=frozenset(services))
if mode == "writable":
    limits = replace(limits, reserve=SERVED_RESERVE)  # as it is served; the others count two workers
ledger = writable(Path(data)) if mode == "writable" else None
dataset = ledger.dataset if ledger is not None else EmbeddedDataset.open(Path(data), first=first)
with Service(dataset, limits, ledger) as service:
    run(service, host="127.0.0.1", port=0, on_ready=lambda url: print(url, flush=True))
