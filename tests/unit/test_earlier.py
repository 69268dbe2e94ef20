"""Earlier states are made once, kept while they may be read, and never too many."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import UTC, datetime

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from pactgraph import earlier
from pactgraph.earlier import BUILDS, KEPT, MOST, EarlierStates, rewound
from pactgraph.errors import QueryFailed, QueryRefused
from pactgraph.ledger import Patch, open_ledger

GRAPH = NamedNode("http://example.org/g")
REVISIONS = MOST + 4


class Opinion:
    conforms = True

    def to_json(self):
        return "[]"


class Lenient:
    def judge(self, *_):
        return Opinion()


def quad(number):
    return Quad(GRAPH, GRAPH, Literal(number), GRAPH)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    path = tmp_path_factory.mktemp("earlier") / "data"
    with closing(
        open_ledger(path, seed=lambda: [quad(1)], judge=Lenient(), clock=lambda: datetime.now(UTC))
    ) as one:
        for number in range(2, REVISIONS + 1):
            one.commit(Patch((quad(number),)), author="ann", message="why")
        yield one


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def states(ledger, clock, tmp_path):
    made = EarlierStates(tmp_path, reading=60, patience=5, clock=clock)
    yield lambda number: made.snapshot(ledger.dataset.snapshot(), ledger.journal, str(number))
    made.clear()
    assert list(tmp_path.iterdir()) == []


def test_a_state_is_that_of_its_revision(states):
    for number in (1, 7, REVISIONS):
        held = {
            each.object
            for each in Store.read_only(str(states(number).path)).quads_for_pattern(GRAPH, GRAPH, None, GRAPH)
        }
        assert held == {Literal(each) for each in range(1, number + 1)}


def test_a_state_that_may_still_be_read_stays_however_many_come_after(states, clock):
    first = states(1)
    for number in range(2, KEPT + 4):
        states(number)
    assert Store.read_only(str(first.path)) is not None
    clock.now = 61.0
    states(KEPT + 4)
    assert not first.path.exists()


def test_a_state_that_is_asked_for_again_stays(states, clock):
    first = states(1)
    for number in range(2, KEPT + 2):
        states(number)
        clock.now += 40
        assert states(1) == first
    assert first.path.exists()


def test_more_than_may_be_kept_at_once_are_refused_until_some_are_read(states, clock):
    for number in range(1, MOST + 1):
        states(number)
    with pytest.raises(QueryFailed) as refusal:
        states(MOST + 1)
    assert (refusal.value.code, refusal.value.status) == ("busy", 503)
    assert states(3).revision == 3  # what is there is still given
    clock.now = 61.0
    assert states(MOST + 1).revision == MOST + 1


def test_a_state_that_many_ask_for_at_once_is_made_once(states, monkeypatch):
    going, made, rewind = threading.Event(), [], earlier.rewound

    def slow(head, journal, number, *rest, **options):
        made.append(number)
        assert going.wait(30)
        return rewind(head, journal, number, *rest, **options)

    monkeypatch.setattr(earlier, "rewound", slow)
    found = []
    askers = [threading.Thread(target=lambda: found.append(states(5).path)) for _ in range(6)]
    for asker in askers:
        asker.start()
    going.set()
    for asker in askers:
        asker.join(30)
    assert (made, len(found), len(set(found))) == ([5], 6, 1)


def test_who_waits_too_long_for_a_turn_is_told_so(states, clock, monkeypatch):
    going, begun, rewind = threading.Event(), threading.Semaphore(0), earlier.rewound

    def slow(*arguments, **options):
        begun.release()
        assert going.wait(30)
        return rewind(*arguments, **options)

    monkeypatch.setattr(earlier, "rewound", slow)
    builders = [threading.Thread(target=states, args=(number,)) for number in range(1, BUILDS + 1)]
    for builder in builders:
        builder.start()
        assert begun.acquire(timeout=30)
    moments = iter((0.0, 6.0, 6.0, 6.0))
    monkeypatch.setattr(Clock, "__call__", lambda _: next(moments, 6.0))
    with pytest.raises(QueryFailed):
        states(BUILDS + 1)
    going.set()
    for builder in builders:
        builder.join(30)
    assert states(1).revision == 1


def test_a_failure_gives_the_turn_back(states, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(earlier, "rewound", lambda *_, **__: (_ for _ in ()).throw(OSError("disk")))
        for _ in range(BUILDS + 1):
            with pytest.raises(OSError, match="disk"):
                states(2)
    assert states(2).revision == 2


def test_what_lies_too_far_back_is_refused_before_it_is_read(ledger, tmp_path):
    head = ledger.dataset.snapshot()
    assert rewound(head, ledger.journal, REVISIONS - 3, tmp_path / "near", most=3).revision == REVISIONS - 3
    with pytest.raises(QueryRefused) as refusal:
        rewound(head, ledger.journal, REVISIONS - 4, tmp_path / "far", most=3)
    assert refusal.value.code == "too-far-back"
    assert not (tmp_path / "far").exists()
