"""The copy of the graph in memory: it follows every revision, and costs nobody an answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from pactgraph.errors import QueryFailed
from pactgraph.model import QueryRequest, Snapshot, Update
from pactgraph.query.pool import QueryPool

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
GRAPHS = "SELECT (COUNT(*) AS ?n) { GRAPH ?g {} }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(12)) + " }"
GREEDY = (
    "SELECT (STRLEN(?a29) AS ?n) { BIND('"
    + "a" * 64
    + "' AS ?a0) "
    + " ".join(f"BIND(CONCAT(?a{n}, ?a{n}) AS ?a{n + 1})" for n in range(29))
    + " }"
)


class Dataset:
    """A store with revisions, as the embedded dataset has them."""

    def __init__(self, folder: Path) -> None:
        self.snapshots = folder / "snapshots"
        self.snapshots.mkdir(parents=True)
        self.updates: dict[int, Update] = {}
        self._store = Store(folder / "store")
        subject, predicate = NamedNode("http://e.org/s"), NamedNode("http://e.org/p")
        self._store.extend(Quad(subject, predicate, Literal(number)) for number in range(100))
        self.newest = self._snapshot(1)

    def _snapshot(self, revision: int) -> Snapshot:
        self._store.backup(self.snapshots / str(revision))
        return Snapshot(self.snapshots / str(revision), revision)

    def commit(self, text: str, *, added: int = 0, removed: int = 0, remembered: bool = True) -> None:
        revision = self.newest.revision + 1
        self._store.update(text)
        if remembered:
            self.updates[revision] = Update(revision, text, "", added, removed)
        self.newest = self._snapshot(revision)

    def between(self, after: int, until: int) -> list[Update] | None:
        found = [self.updates.get(number) for number in range(after + 1, until + 1)]
        return None if None in found else [update for update in found if update]

    def pool(self, hot_quads: int = 1000) -> QueryPool:
        return QueryPool(
            self.newest,
            workers=2,
            timeout=20,
            memory_mb=200,
            root=self.snapshots,
            newest=lambda: self.newest,
            updates=self.between,
            hot_quads=hot_quads,
        )


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return Dataset(tmp_path)


@pytest.fixture
def pool(dataset: Dataset) -> Iterator[QueryPool]:
    pool = dataset.pool()
    yield pool
    pool.close()


def number(pool: QueryPool, text: str = COUNT, **more: object) -> int:
    request = QueryRequest(text, media_type="text/csv", **more)  # type: ignore[arg-type]
    return int(pool.run(request).read().split()[1])


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not come true within 20 s"
        time.sleep(0.01)


def processes_of(folder: Path) -> list[int]:
    """Every process that was told of a folder in its command line: workers and nursery."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
            command = (entry / "cmdline").read_text()
        except OSError:  # ended meanwhile
            continue
        if state != "Z" and str(folder) in command and "pactgraph.query." in command:
            found.append(int(entry.name))
    return found


def nurseries_of(dataset: Dataset) -> list[int]:
    found = []
    for pid in processes_of(dataset.snapshots):
        with suppress(OSError):  # ended meanwhile
            parent = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1]
            command = Path(f"/proc/{pid}/cmdline").read_text()
            if "query.nursery" in command and parent == str(os.getpid()):
                found.append(pid)
    return found


def nursery_of(dataset: Dataset) -> int:
    """The only nursery, once those before it have ended."""
    wait_for(lambda: len(nurseries_of(dataset)) == 1)
    return nurseries_of(dataset)[0]


def reads_memory(pool: QueryPool, dataset: Dataset) -> bool:
    """Whether both workers, and no others, share a copy of the newest revision."""
    pids = processes_of(dataset.snapshots)
    try:
        forked = [pid for pid in pids if "query.nursery" in Path(f"/proc/{pid}/cmdline").read_text()]
    except OSError:
        return False
    return (
        pool.hot_quads > 0 and len(pids) == len(forked) == 3 and pool.hot_revision == dataset.newest.revision
    )


def test_workers_share_a_copy_as_soon_as_there_is_one(pool: QueryPool, dataset: Dataset) -> None:
    assert number(pool) == 100  # from disk or from memory: nobody waits
    wait_for(lambda: reads_memory(pool, dataset))
    assert number(pool) == 100
    assert pool.hot_quads == 100
    assert pool.isolation is not None


def test_a_query_after_a_revision_sees_it_and_the_copy_follows(pool: QueryPool, dataset: Dataset) -> None:
    wait_for(lambda: reads_memory(pool, dataset))
    for revision in range(2, 6):
        dataset.commit(
            f"INSERT DATA {{ GRAPH <http://e.org/g{revision}> {{ <http://e.org/s> a <http://e.org/{revision}> }} }}"
        )
        assert number(pool, GRAPHS) == revision - 1
        wait_for(lambda: reads_memory(pool, dataset))
        assert number(pool, GRAPHS) == revision - 1
    dataset.commit(
        "DELETE DATA { <http://e.org/s> <http://e.org/p> 1 } ; DROP GRAPH <http://e.org/g2>", removed=2
    )
    assert number(pool) == 99
    wait_for(lambda: reads_memory(pool, dataset))
    assert (number(pool), number(pool, GRAPHS)) == (99, 3)


def test_a_worker_follows_a_revision_before_the_copy_does(pool: QueryPool, dataset: Dataset) -> None:
    """The snapshot is not even opened: here it is gone."""
    wait_for(lambda: reads_memory(pool, dataset))
    for revision in range(2, 30):
        dataset.commit(f"INSERT DATA {{ <http://e.org/s> <http://e.org/q> {revision} }}", added=1)
        dataset.newest.path.rename(dataset.newest.path.with_suffix(".away"))
        assert number(pool) == 100 + revision - 1
    wait_for(lambda: reads_memory(pool, dataset))


def test_a_state_with_more_than_its_revision_is_read_from_disk(pool: QueryPool, dataset: Dataset) -> None:
    wait_for(lambda: reads_memory(pool, dataset))
    dataset.commit("INSERT DATA { <http://e.org/s> a <http://e.org/c> }", added=1)
    described = Snapshot(dataset.snapshots / "described", dataset.newest.revision)
    store = Store(described.path)
    store.update("INSERT DATA { <http://e.org/s> a <http://e.org/d> }")
    store.flush()
    del store
    assert (number(pool), number(pool, snapshot=described), number(pool)) == (101, 1, 101)


def test_an_earlier_state_is_read_from_disk(pool: QueryPool, dataset: Dataset) -> None:
    first = dataset.newest
    dataset.commit("INSERT DATA { <http://e.org/s> a <http://e.org/c> }")
    number(pool)
    wait_for(lambda: reads_memory(pool, dataset))
    assert (number(pool, snapshot=first), number(pool)) == (100, 101)


@pytest.mark.parametrize("remembered", [False, True], ids=["an unknown update", "many removals"])
def test_the_copy_is_made_anew(pool: QueryPool, dataset: Dataset, *, remembered: bool) -> None:
    wait_for(lambda: reads_memory(pool, dataset))
    first = nursery_of(dataset)
    dataset.commit("DELETE WHERE { ?s ?p 1 }", removed=20, remembered=remembered)
    assert number(pool) == 99
    wait_for(lambda: reads_memory(pool, dataset))
    dataset.commit("DELETE WHERE { ?s ?p 2 }", removed=1)
    assert number(pool) == 98
    wait_for(lambda: reads_memory(pool, dataset))
    assert nursery_of(dataset) != first
    assert number(pool) == 98


def test_a_large_graph_stays_on_disk(dataset: Dataset, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="pactgraph.query")
    pool = dataset.pool(hot_quads=99)
    try:
        wait_for(lambda: "the graph has over 99 quads" in caplog.text)
        assert (number(pool), pool.hot_quads) == (100, 0)
    finally:
        pool.close()


@pytest.mark.parametrize("remembered", [False, True], ids=["by a bulk load", "by a patch"])
def test_a_graph_that_grows_too_large_is_read_from_disk(
    dataset: Dataset, caplog: pytest.LogCaptureFixture, *, remembered: bool
) -> None:
    """Queries under way go on: their workers are those of the last copy."""
    caplog.set_level("INFO", logger="pactgraph.query")
    pool = dataset.pool(hot_quads=100)
    try:
        wait_for(lambda: reads_memory(pool, dataset))
        rows = pool.run(QueryRequest("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", media_type="text/csv"))
        dataset.commit("INSERT DATA { <http://e.org/s> a <http://e.org/c> }", added=1, remembered=remembered)
        assert number(pool) == 101
        wait_for(lambda: "the graph has over 100 quads" in caplog.text)
        wait_for(lambda: pool.hot_quads == 0)
        assert rows.read().count(b"\n") == 100**3 + 1
        assert number(pool) == 101
    finally:
        pool.close()
    wait_for(lambda: processes_of(dataset.snapshots) == [])  # the last nursery ends with its last worker


def test_limits_hold_in_workers_that_share_the_copy(pool: QueryPool, dataset: Dataset) -> None:
    wait_for(lambda: reads_memory(pool, dataset))
    for _ in range(3):  # more often than there are workers
        with pytest.raises(QueryFailed) as caught:
            number(pool, GREEDY)
        assert caught.value.code == "query-memory"
        with pytest.raises(QueryFailed) as caught:
            number(pool, ENDLESS, timeout=0.3)
        assert caught.value.code == "query-timeout"
    assert number(pool) == 100
    wait_for(lambda: reads_memory(pool, dataset))


def test_revisions_while_all_workers_are_busy_leave_no_more_of_them(
    pool: QueryPool, dataset: Dataset
) -> None:
    """Each revision brings new workers for those that are busy on an older one; all but two go again."""
    wait_for(lambda: reads_memory(pool, dataset))
    busy = []
    for revision in range(2, 6):
        for _ in range(2):
            busy.append(pool.run(QueryRequest("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")))
        dataset.commit(f"INSERT DATA {{ <http://e.org/s> <http://e.org/q> {revision} }}", added=1)
        pool.current()
        wait_for(lambda: pool.hot_revision == dataset.newest.revision)
        if pool.running == 4:  # twice as many as wanted, and that is all
            break
        wait_for(lambda: len(processes_of(dataset.snapshots)) == 5)
    assert (pool.running, len(busy)) == (4, 4)
    for answer in busy:
        answer.close()
    wait_for(lambda: reads_memory(pool, dataset))
    assert number(pool) == 100 + dataset.newest.revision - 1


def test_a_worker_that_died_while_idle_costs_no_query(pool: QueryPool, dataset: Dataset) -> None:
    wait_for(lambda: reads_memory(pool, dataset))
    nursery = nursery_of(dataset)
    for pid in processes_of(dataset.snapshots):
        if pid != nursery:
            os.kill(pid, signal.SIGKILL)
    wait_for(lambda: processes_of(dataset.snapshots) == [nursery])
    assert number(pool) == 100
    wait_for(lambda: reads_memory(pool, dataset))


def test_a_nursery_that_dies_is_replaced(pool: QueryPool, dataset: Dataset) -> None:
    wait_for(lambda: reads_memory(pool, dataset))
    first = nursery_of(dataset)
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: processes_of(dataset.snapshots) == [])
    assert number(pool) == 100
    wait_for(lambda: reads_memory(pool, dataset))
    assert nursery_of(dataset) != first


def test_a_worker_has_nothing_of_the_nursery_but_the_graph(pool: QueryPool, dataset: Dataset) -> None:
    """No environment, and no files but its own: not those of other workers, nor the nursery's socket."""
    wait_for(lambda: reads_memory(pool, dataset))
    number(pool)
    [one, other] = sorted(set(processes_of(dataset.snapshots)) - {nursery_of(dataset)})
    for pid in (one, other):
        lines = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        assert {line.partition(b"=")[0] for line in lines if line} <= {
            b"PYTHONPATH",
            b"LANG",
            b"RUST_BACKTRACE",
            b"GLIBC_TUNABLES",
        }
        files = {entry.name: str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()}
        assert set(files) == {"0", "1", "2", "3"}
        assert files["3"].endswith("/statm")


def test_closing_leaves_nothing(dataset: Dataset) -> None:
    pool = dataset.pool()
    wait_for(lambda: reads_memory(pool, dataset))
    answer = pool.run(QueryRequest(ENDLESS.replace("(COUNT(*) AS ?n)", "*")))
    pool.close()
    pool.close()
    assert processes_of(dataset.snapshots) == []
    with pytest.raises(QueryFailed):
        answer.read()


def test_closing_while_the_copy_is_made_leaves_nothing(dataset: Dataset) -> None:
    dataset.pool().close()
    wait_for(lambda: processes_of(dataset.snapshots) == [])


ORPHANING = """
import sys, time
from pathlib import Path
from pactgraph.model import QueryRequest, Snapshot
from pactgraph.query.pool import QueryPool
snapshot = Snapshot(Path(sys.argv[1]), 1)
pool = QueryPool(snapshot, workers=2, timeout=60, memory_mb=300, updates=lambda *_: None, hot_quads=1000)
while not pool.hot_quads:
    time.sleep(0.01)
answer = pool.run(QueryRequest("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"))
print("ready", flush=True)
time.sleep(60)
"""


def test_nothing_outlives_a_killed_server(dataset: Dataset) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", ORPHANING, str(dataset.newest.path)], stdout=subprocess.PIPE, env=environment
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        assert len(processes_of(dataset.newest.path)) >= 3
        parent.kill()
    wait_for(lambda: processes_of(dataset.newest.path) == [])
