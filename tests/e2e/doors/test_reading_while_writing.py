"""Queries and commits at the same time: each query reads one revision to its end."""

from __future__ import annotations

import threading

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from pactgraph.app import open_for_writing
from pactgraph.config import Limits
from pactgraph.ledger import Patch
from pactgraph.model import QueryRequest
from pactgraph.service import Service

GRAPH, NAME = NamedNode("https://w3id.org/eukdp/graph/many"), NamedNode("http://example.org/n")
COUNT = "SELECT (COUNT(*) AS ?n) { ?s <http://example.org/n> ?o }"
PRODUCT = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"  # never read to its end


class Everything:
    conforms = True

    def judge(self, dataset, added, removed, now):
        return self

    def to_json(self):
        return "{}"


@pytest.fixture
def busy(tmp_path, seed):
    """A service with one worker."""
    ledger = open_for_writing(tmp_path / "data", judge=Everything(), ontology=seed, facts=seed)
    with Service(ledger.dataset, Limits(timeout=30, memory_mb=300, workers=1), ledger) as opened:
        yield opened


def commit(service, number):
    quad = Quad(NamedNode(f"http://example.org/{number}"), NAME, Literal(number), GRAPH)
    return service.ledger.commit(Patch((quad,)), author="ann", message="one more").revision


def count(service):
    with service.pool.run(QueryRequest(COUNT, media_type="text/csv")) as answer:
        return answer.revision, int(answer.read().splitlines()[1])


def test_a_query_that_waits_keeps_its_revision_while_others_come(busy):
    commit(busy, 0)
    endless = busy.pool.run(QueryRequest(PRODUCT, media_type="text/csv"))
    found = []
    waiting = threading.Thread(target=lambda: found.append(count(busy)))
    waiting.start()
    tick = threading.Event()
    while busy.pool.waiting == 0:
        tick.wait(0.01)
    for number in range(1, 6):
        commit(busy, number)
        assert busy.snapshot().revision == busy.revision
    endless.close()
    waiting.join(30)
    assert found == [(2, 1)]
    assert count(busy) == (7, 6)


def test_a_read_after_a_commit_sees_it_however_many_read(busy):
    stale = []

    def write_and_read(first):
        for number in range(first, first + 8):
            revision = commit(busy, number)
            seen = busy.snapshot().revision
            if seen < revision:
                stale.append((revision, seen))

    threads = [threading.Thread(target=write_and_read, args=(100 * each,)) for each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert stale == []
    assert count(busy) == (33, 32)


def test_reading_does_not_wait_for_a_write(busy):
    """A page or a query on the newest revision goes on while the store applies a large patch."""
    newest = busy.snapshot()
    with busy.dataset._writing:
        seen = []
        reader = threading.Thread(target=lambda: seen.append(busy.snapshot()), daemon=True)
        reader.start()
        reader.join(10)
    assert seen == [newest]
