"""The worker processes themselves: busy, killed, closed, orphaned."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from pactgraph.errors import QueryFailed
from pactgraph.model import QueryRequest, Snapshot
from pactgraph.query.pool import QueryPool

MANY_ROWS = "SELECT * { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(12)) + " }"


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    store = Store(tmp_path / "store")
    triple = NamedNode("http://e.org/s"), NamedNode("http://e.org/p")
    store.extend(Quad(*triple, Literal(number)) for number in range(100))
    store.backup(tmp_path / "snapshot")
    return Snapshot(tmp_path / "snapshot", 1)


@pytest.fixture
def pool(snapshot: Snapshot) -> Iterator[QueryPool]:
    pool = QueryPool(snapshot, workers=1, timeout=20, memory_mb=300)
    yield pool
    pool.close()


def workers_of(pid: int, snapshot: Snapshot) -> list[int]:
    """The worker processes of a process on one snapshot, from /proc."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:2]
            command = (entry / "cmdline").read_text()
        except OSError:  # ended meanwhile
            continue
        if int(parent) == pid and state != "Z" and f'"{snapshot.path}"' in command:
            found.append(int(entry.name))
    return found


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not come true within 10 s"
        time.sleep(0.01)


def are_gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_when_all_workers_are_busy_one_is_told_so(pool: QueryPool) -> None:
    answer = pool.run(QueryRequest(MANY_ROWS))
    with pytest.raises(QueryFailed) as caught:
        pool.run(QueryRequest("ASK {}", timeout=0.1))
    assert caught.value.code == "busy"
    answer.close()
    assert pool.run(QueryRequest("ASK {}")).read()


def test_a_worker_that_died_while_idle_costs_no_query(pool: QueryPool) -> None:
    pool.run(QueryRequest("ASK {}")).read()
    [worker] = workers_of(os.getpid(), pool.snapshot)
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: workers_of(os.getpid(), pool.snapshot) == [])
    assert pool.run(QueryRequest("ASK {}")).read()
    assert workers_of(os.getpid(), pool.snapshot) != [worker]


def test_closing_ends_queries_and_workers(snapshot: Snapshot) -> None:
    pool = QueryPool(snapshot, workers=2, timeout=60, memory_mb=300)
    answer = pool.run(QueryRequest(MANY_ROWS))
    waiting = pool.run(QueryRequest(MANY_ROWS))
    pids = workers_of(os.getpid(), snapshot)
    assert len(pids) == 2
    pool.close()
    pool.close()
    wait_for(lambda: are_gone(pids))
    for cut in (answer, waiting):
        with pytest.raises(QueryFailed):
            cut.read()
    with pytest.raises(QueryFailed, match="shutting down"):
        pool.run(QueryRequest("ASK {}"))


ORPHANING = """
import sys, time
from pathlib import Path
from pactgraph.model import QueryRequest, Snapshot
from pactgraph.query.pool import QueryPool
pool = QueryPool(Snapshot(Path(sys.argv[1]), 1), workers=2, timeout=60, memory_mb=300)
answer = pool.run(QueryRequest("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"))
pool.run(QueryRequest("ASK {}")).read()
print("ready", flush=True)
time.sleep(60)
"""


def test_workers_die_with_their_parent(snapshot: Snapshot) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", ORPHANING, str(snapshot.path)], stdout=subprocess.PIPE, env=environment
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        pids = workers_of(parent.pid, snapshot)
        assert len(pids) == 2
        parent.kill()
    wait_for(lambda: are_gone(pids))


def test_a_worker_sees_nothing_of_the_environment(pool: QueryPool) -> None:
    pool.run(QueryRequest("ASK {}")).read()
    [worker] = workers_of(os.getpid(), pool.snapshot)
    lines = Path(f"/proc/{worker}/environ").read_bytes().split(b"\0")
    names = {line.partition(b"=")[0] for line in lines if line}
    assert names <= {b"PYTHONPATH", b"LANG", b"RUST_BACKTRACE"}


def test_a_worker_imports_nothing_heavy() -> None:
    code = "import sys, pactgraph.query.worker; print({'rdflib', 'fastapi', 'click'} & set(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=True)
    assert shown.stdout == b"set()\n"
