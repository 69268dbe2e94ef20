"""A process killed while commits go through a copy of the store, as large ones do, loses nothing either."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from pactgraph.doctor import FAULT, examine

HERE = Path(__file__).parent
CLIENTS = 4


class Killed:
    """One life of the process: clients commit until it is killed; what it acknowledged is kept."""

    def __init__(self, data, acknowledged, tried, *options):
        self.acknowledged, self.tried = acknowledged, tried
        command = [sys.executable, str(HERE / "driver.py"), str(data), *options]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        self.port = int(self.process.stdout.readline())

    def run(self, life, seconds):
        clients = [threading.Thread(target=self._commit, args=(f"{life}-{each}",)) for each in range(CLIENTS)]
        for client in clients:
            client.start()
        time.sleep(seconds)  # the moment of death is random: there is nothing to wait for
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        for client in clients:
            client.join(10)
            assert not client.is_alive()

    def _commit(self, client):
        try:
            with socket.create_connection(("127.0.0.1", self.port)) as line, line.makefile("rb") as answers:
                for number in range(10_000):
                    name = f"c{client}-{number}"
                    self.tried.add(name)
                    line.sendall(f"{name}\n".encode())
                    answer = answers.readline()
                    if not answer.endswith(b"\n"):
                        return
                    self.acknowledged[name] = int(answer)
        except OSError:
            return


@pytest.fixture
def seed():
    chosen = random.SystemRandom().randrange(10**9)
    sys.stdout.write(f"seed {chosen}\n")  # pytest shows it when the test fails
    return chosen


def test_nothing_is_lost_of_what_goes_through_a_copy_of_the_store(tmp_path, seed, driver):
    data = tmp_path / "data"
    chance = random.Random(seed)
    acknowledged, tried = {}, set()
    for life in range(6):
        Killed(data, acknowledged, tried, "2").run(life, chance.uniform(0.05, 0.8))
        check(driver, data, acknowledged, tried)
    assert acknowledged


def check(driver, data, acknowledged, tried):
    """Restart, and look whether every revision is there whole, and no other."""
    with closing(driver.opened(data)) as ledger:
        assert ledger.dataset.revision == ledger.journal.head
        there = set(ledger.dataset.quads(graph=driver.GRAPH))
        for name in tried:
            held = there & set(driver.quads_of(name))
            assert len(held) in {0, driver.PARTS}, f"{name} is half there"
            assert held or name not in acknowledged, f"{name} was acknowledged and is gone"
        for name, number in acknowledged.items():
            assert ledger.journal.read(number).added == driver.quads_of(name)
    found = examine(data)
    assert [finding for finding in found if finding.level == FAULT] == []
    assert {"journal", "revision", "replay", "union"} <= {finding.check for finding in found}
