"""The store behind a dataset is opened anew while others read, and nobody finds it closed."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from pactgraph.model import Snapshot
from pactgraph.store import EmbeddedDataset, embedded
from pactgraph.store.handle import StoreHandle

GRAPH = NamedNode("http://example.org/graph")
P = NamedNode("http://example.org/p")


def quad(number: int) -> Quad:
    return Quad(NamedNode(f"http://example.org/{number}"), P, Literal(str(number)), GRAPH)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store"


def test_a_store_is_opened_anew_only_when_nobody_reads(path):
    handle = StoreHandle(Store(path))
    with handle.reading():
        assert not handle.exchange(lambda: Store(path), 0)
        assert handle.is_open
    assert handle.exchange(lambda: Store(path), 0)
    with handle.reading() as store:
        assert len(store) == 0


def test_waits_for_readers_and_lets_no_new_ones_find_it_closed(path):
    handle = StoreHandle(Store(path))
    begun, finish, exchanged = threading.Event(), threading.Event(), threading.Event()

    def read() -> None:
        with handle.reading():
            begun.set()
            finish.wait(10)

    def exchange() -> None:
        assert handle.exchange(lambda: Store(path), 10)
        exchanged.set()

    threads = [threading.Thread(target=read), threading.Thread(target=exchange)]
    threads[0].start()
    assert begun.wait(10)
    threads[1].start()
    with handle.reading():  # one that reads already may begin again
        assert not exchanged.wait(0.05)
    finish.set()
    assert exchanged.wait(10)
    for thread in threads:
        thread.join()


def test_who_has_just_done_reading_may_let_go_a_moment_later(path):
    handle = StoreHandle(Store(path))
    with handle.reading() as store:
        store.add(quad(1))
        left = [store]
    del store
    threading.Timer(0.1, left.clear).start()
    assert handle.exchange(lambda: Store(path), 1)
    with handle.reading() as store:
        assert quad(1) in store


def test_what_happens_between_happens_once_and_while_nothing_is_open(path):
    handle = StoreHandle(Store(path))
    happened = []

    def between() -> None:
        Store(path)  # raises when another has it open
        happened.append(handle.is_open)

    assert handle.exchange(lambda: Store(path), 0, between=between)
    assert happened == [False]


def test_a_failure_leaves_it_closed_until_it_is_opened_again(path):
    handle = StoreHandle(Store(path))

    def fail() -> Store:
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        handle.exchange(fail, 0)
    with pytest.raises(ValueError, match="closed"), handle.reading():
        pass
    assert handle.exchange(lambda: Store(path), 0)


@pytest.fixture
def dataset(tmp_path):
    with EmbeddedDataset.open(tmp_path / "data", first=lambda: [quad(0)]) as each:
        yield each


def commit(dataset: EmbeddedDataset) -> Snapshot:
    number = dataset.revision + 1
    dataset.apply([quad(number)], [], revision=number, description=())
    return dataset.snapshot()


def test_many_checkpoints_have_the_store_opened_anew(dataset, monkeypatch):
    monkeypatch.setattr(embedded, "REFRESHED", 3)
    opened = []
    store_of = embedded.Store
    monkeypatch.setattr(embedded, "Store", lambda path: opened.append(path) or store_of(path))
    for _ in range(8):
        commit(dataset)
    assert len(opened) == 2
    assert {each.subject.value for each in dataset.quads(graph=GRAPH)} == {
        f"http://example.org/{number}" for number in (0, *range(2, 10))
    }


def test_commits_go_on_while_somebody_reads(dataset, monkeypatch):
    monkeypatch.setattr(embedded, "REFRESHED", 2)
    reading = dataset.quads(graph=GRAPH)
    next(reading)
    for _ in range(5):
        snapshot = commit(dataset)
    reading.close()
    assert dataset.revision == snapshot.revision == 6
    assert {each.subject.value for each in dataset.quads(graph=GRAPH)} >= {"http://example.org/6"}


def test_readers_on_other_threads_never_find_it_closed(dataset, monkeypatch):
    monkeypatch.setattr(embedded, "REFRESHED", 1)
    over, counts, faults = threading.Event(), [], []

    def read() -> None:
        try:
            while not over.is_set():
                counts.append(sum(1 for _ in dataset.quads(graph=GRAPH)))
        except ValueError as fault:
            faults.append(fault)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(30):
        commit(dataset)
    with dataset.staged() as staging:
        staging.add([quad(1000)])
        dataset.adopt(staging, revision=dataset.revision + 1, description=())
    over.set()
    for thread in threads:
        thread.join()
    assert not faults
    assert counts
    assert sum(1 for _ in dataset.quads(graph=GRAPH)) == 32


def test_a_store_that_is_read_for_too_long_is_not_replaced(dataset, monkeypatch):
    monkeypatch.setattr(embedded, "_PATIENCE", 0.05)
    reading = dataset.quads(graph=GRAPH)
    next(reading)
    began = datetime.now(UTC)
    with pytest.raises(embedded.DataDirectoryError, match="read for too long"):
        dataset.reopen()
    assert (datetime.now(UTC) - began).total_seconds() < 5
    reading.close()
    dataset.reopen()
    commit(dataset)
