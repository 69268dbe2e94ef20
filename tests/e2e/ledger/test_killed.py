"""A server killed at random moments, while four clients write, loses nothing that it acknowledged.

The real ``pactgraph serve`` with the shipped facts and shapes, over HTTP. ``PACTGRAPH_KILLS`` asks for more than
the usual number of kills.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import RdfFormat, Store, parse

from pactgraph.app import open_for_writing
from pactgraph.cli import main
from pactgraph.doctor import FAULT, WARNING, examine, graph_hashes
from pactgraph.journal import Journal
from pactgraph.ledger import JOURNAL

USUAL = 3
COMMITS = 300
LONGEST_PAUSE = 0.05


@pytest.fixture
def seed():
    chosen = random.SystemRandom().randrange(10**9)
    sys.stdout.write(f"seed {chosen}\n")  # pytest shows it when the test fails
    return chosen


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """A data directory with the shipped facts at revision 1, to be copied."""
    data = tmp_path_factory.mktemp("shipped") / "data"
    open_for_writing(data).close()
    return data


@pytest.fixture
def data(tmp_path, shipped):
    shutil.copytree(shipped, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def tokens(data, server):
    """One token for each client, as people make them."""
    run = CliRunner()
    names = [f"client-{number}" for number in range(server.CLIENTS)]
    made = [run.invoke(main, ["token", "create", name, "--data", str(data)]) for name in names]
    return [done.stdout.splitlines()[-1] for done in made]


def test_nothing_is_lost(data, tokens, seed, server):
    chance = random.Random(seed)
    kills = int(os.environ.get("PACTGRAPH_KILLS", USUAL))
    each = -(-COMMITS // kills)
    crowd = server.Crowd(tokens)
    for life in range(kills):
        running = server.Server(data)
        check_served(running, crowd, server)
        workers = running.workers()

        def kill(running=running):
            time.sleep(chance.uniform(0, LONGEST_PAUSE))  # the moment of death is random
            running.kill()

        crowd.run(running, life, chance.randint(each, each + 20), kill)
        wait_for_end_of(workers)
        check_faultless(data)
        if kills > USUAL and life % 3 == 2:  # once more, and at any moment of the start
            again = server.Server(data, wait=False)
            time.sleep(chance.uniform(0, 6))
            again.kill()
            check_faultless(data)
    check_end(data, crowd, server)
    print(
        f"{len(crowd.acknowledged)} commits, {kills} kills, {len(crowd.tried - crowd.acknowledged.keys())} cut"
    )


def test_a_store_that_is_gone_is_built_again(data, tokens, server):
    crowd = server.Crowd(tokens)
    running = server.Server(data)
    crowd.run(running, 0, 20, running.kill)
    with closing(open_for_writing(data)) as ledger:  # takes in what the journal has
        before = graph_hashes(ledger.dataset._store)
    shutil.rmtree(data / "store")
    (data / "search.sqlite").unlink()
    check_end(data, crowd, server)
    assert graph_hashes(Store.read_only(str(data / "store"))) == before


def check_served(running, crowd, server):
    """A restarted server has every acknowledged thing whole, and no other in part."""
    there = running.statements()
    assert {name: number for name, number in there.items() if number != server.PARTS} == {}
    assert crowd.acknowledged.keys() <= there.keys() <= crowd.tried
    if crowd.acknowledged:
        last = max(crowd.acknowledged, key=crowd.acknowledged.get)
        found = running.get(f"/search?q=Test+{last}")["results"]
        assert f"{server.THINGS}{last}" in [each["iri"] for each in found]


def check_faultless(data):
    found = examine(data)
    assert [finding for finding in found if finding.level == FAULT] == []
    assert {"journal", "revision", "replay", "union", "search"} <= {finding.check for finding in found}


def check_end(data, crowd, server):
    """After a last start and a proper end, the journal has what was sent, and all that follows from it agrees."""
    running = server.Server(data)
    check_served(running, crowd, server)
    running.stop()
    assert [finding for finding in examine(data) if finding.level in {FAULT, WARNING}] == []
    with closing(Journal(data / JOURNAL, read_only=True, at_rest=True)) as journal:
        for name, number in crowd.acknowledged.items():
            sent = set(parse(server.facts(name), format=RdfFormat.TURTLE))
            entry = journal.read(number)
            assert {(quad.subject, quad.predicate, quad.object) for quad in entry.added} == {
                (quad.subject, quad.predicate, quad.object) for quad in sent
            }
            assert entry.author == f"client-{name.split('-')[1]}"


def wait_for_end_of(processes):
    """Workers end with their server, however that ends."""
    deadline = time.monotonic() + 30
    while any(map(is_running, processes)):
        assert time.monotonic() < deadline, f"of the workers {processes} some are still there"
        time.sleep(0.01)


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
