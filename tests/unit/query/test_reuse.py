"""Answers that are known, shared or on their way; turns in the queue; cancellation."""

from __future__ import annotations

import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from pactgraph.errors import QueryFailed
from pactgraph.model import QueryRequest, Snapshot
from pactgraph.query.answer import Answer
from pactgraph.query.attempt import Blocking
from pactgraph.query.cancellation import Cancellation
from pactgraph.query.flight import Flight
from pactgraph.query.formats import BINDING_FORMATS
from pactgraph.query.guard import inspect
from pactgraph.query.register import QueryRegister
from pactgraph.query.reuse import Reuse
from pactgraph.query.shares import HALF_LIFE, Shares
from pactgraph.query.waiting import MODEST, IdleWorkers, Place


class Engine:
    """Answers with chunks after it was let go; counts what it was asked."""

    def __init__(self, chunks=(b"whole",), *, whole=False):
        self.revision = 1
        self.asked = 0
        self.closed = 0
        self.go = threading.Event()
        self.go.set()
        self.error = None
        self._chunks, self._whole = chunks, whole

    def inspect(self, text):
        return inspect(text)

    def current(self):
        return Snapshot(Path(), self.revision)

    def run(self, request, cancellation=None, *, outline=None):
        self.asked += 1
        cancellation.call(self.go.set)
        self.go.wait(10)
        if cancellation.is_cancelled:
            raise QueryFailed("cancelled", code="query-cancelled")
        if self.error:
            raise self.error
        whole = b"".join(self._chunks) if self._whole else None
        return Answer("SELECT", BINDING_FORMATS[0], iter(self._chunks), self._close, whole)

    def begin(self, request, cancellation=None, *, outline=None):
        return Blocking(lambda: self.run(request, cancellation, outline=outline))

    def _close(self):
        self.closed += 1


QUERY = QueryRequest("SELECT * { ?s ?p ?o }")


@pytest.mark.parametrize("whole", [True, False])
def test_the_same_query_is_evaluated_once_per_revision(whole):
    engine = Engine((b"a", b"b"), whole=whole)
    reuse = Reuse(engine, limit=10_000)
    assert [reuse.run(QUERY).read() for _ in range(3)] == [b"ab"] * 3
    assert engine.asked == 1
    engine.revision = 2
    assert reuse.run(QUERY).read() == b"ab"
    assert engine.asked == 2
    assert dict(reuse.counts) == {"hit": 2, "miss": 2}


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("SELECT*{?s ?p ?o}", True),
        ("SELECT * # comment\n { ?s ?p ?o }", True),
        ("SELECT * { ?s ?p ?O }", False),
        ("SELECT * { ?s ?p 'o' }", False),
        ("SELECT * { ?s ?p 'o ' }", False),
    ],
)
def test_white_space_and_comments_make_no_other_query(text, same):
    engine = Engine()
    reuse = Reuse(engine, limit=10_000)
    reuse.run(QUERY).read()
    reuse.run(QueryRequest(text)).read()
    assert engine.asked == (1 if same else 2)


@pytest.mark.parametrize("call", ["NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()"])
def test_what_differs_each_time_is_never_kept(call):
    engine = Engine()
    reuse = Reuse(engine, limit=10_000)
    for _ in range(2):
        reuse.run(QueryRequest(f"SELECT ({call} AS ?x) {{}}")).read()
    assert engine.asked == 2


def test_graphs_and_formats_are_told_apart():
    engine = Engine()
    reuse = Reuse(engine, limit=100_000)
    reuse.run(QUERY).read()
    reuse.run(QueryRequest(QUERY.text, default_graphs=("urn:g",))).read()
    reuse.run(QueryRequest(QUERY.text, named_graphs=("urn:g",))).read()
    reuse.run(QueryRequest(QUERY.text, media_type="text/csv")).read()
    assert engine.asked == 4


def test_the_room_is_limited_and_the_oldest_goes():
    engine = Engine((b"x" * 1000,), whole=True)
    reuse = Reuse(engine, limit=16_000)
    for number in range(50):
        reuse.run(QueryRequest(f"SELECT * {{ ?s ?p {number} }}")).read()
    assert 0 < reuse.size <= 16_000
    reuse.run(QueryRequest("SELECT * { ?s ?p 49 }")).read()
    assert engine.asked == 50
    reuse.run(QueryRequest("SELECT * { ?s ?p 0 }")).read()
    assert engine.asked == 51


def test_two_at_once_are_evaluated_once(wait_until):
    engine = Engine((b"a", b"b"))
    engine.go.clear()
    reuse = Reuse(engine, limit=10_000)
    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(lambda: reuse.run(QUERY).read()) for _ in range(8)]
        wait_until(lambda: engine.asked == 1)
        time.sleep(0.05)  # lets the others arrive; the assertions hold in any order
        engine.go.set()
        assert {answer.result(10) for answer in answers} == {b"ab"}
    assert engine.asked == 1


def test_a_reader_who_stops_keeps_nobody_waiting():
    engine = Engine((b"a", b"b", b"c"))
    reuse = Reuse(engine, limit=10_000)
    slow = reuse.run(QUERY)
    assert next(slow.chunks) == b"a"
    assert reuse.run(QUERY).read() == b"abc"
    assert b"".join(slow.chunks) == b"bc"
    assert engine.asked == 1


def test_what_is_too_large_to_share_is_evaluated_for_each():
    engine = Engine(tuple(b"x" * 1000 for _ in range(20)))
    reuse = Reuse(engine, limit=8000)
    first = reuse.run(QUERY)
    assert next(first.chunks)
    engine._chunks = tuple(b"y" * 1000 for _ in range(20))
    assert reuse.run(QUERY).read() == b"y" * 20_000
    assert b"".join(first.chunks) == b"x" * 19_000
    assert reuse.size == 0


def test_the_evaluation_ends_with_the_last_who_waits():
    engine = Engine((b"a", b"b"))
    reuse = Reuse(engine, limit=10_000)
    first = reuse.run(QUERY)
    first.close()
    assert engine.closed == 1
    first.close()
    assert engine.closed == 1


def test_one_of_two_may_leave(wait_until):
    engine = Engine((b"a",))
    engine.go.clear()
    reuse = Reuse(engine, limit=10_000)
    leaving = Cancellation()
    with ThreadPoolExecutor(2) as threads:
        threads.submit(lambda: reuse.run(QUERY, leaving))
        wait_until(lambda: engine.asked == 1)
        stays = threads.submit(lambda: reuse.run(QUERY).read())
        time.sleep(0.05)  # lets the second arrive; were it late, it would ask by itself and be answered
        leaving.cancel()
        engine.go.set()
        assert stays.result(10) == b"a"


def test_one_who_leaves_wakes_nobody_else_who_follows(wait_until):
    flight, leaving = Flight(10_000, None), Cancellation()
    with ThreadPoolExecutor(2) as threads:
        leaves, stays = (threads.submit(flight.whole, each) for each in (leaving, Cancellation()))
        wait_until(lambda: len(flight._waiting) == 2)
        leaving.cancel()
        assert leaves.exception(10).code == "query-cancelled"
        assert not stays.done()
        whole = Answer("SELECT", BINDING_FORMATS[0], iter(()), lambda: None, b"whole")
        flight.start(whole, lambda: None)
        assert stays.result(10) == b"whole"


def test_a_failure_is_everybodys_and_not_kept():
    engine = Engine()
    engine.error = QueryFailed("too long", code="query-timeout")
    reuse = Reuse(engine, limit=10_000)
    with pytest.raises(QueryFailed):
        reuse.run(QUERY)
    engine.error = None
    assert reuse.run(QUERY).read() == b"whole"


def test_clients_take_turns(wait_until):
    idle = IdleWorkers(100)
    served = []

    def wait(client):
        worker = idle.take(time.monotonic() + 10, client, Cancellation())
        served.append((client, worker))

    with ThreadPoolExecutor(10) as threads:
        for number, client in enumerate(["greedy"] * 5 + ["modest"]):
            threads.submit(wait, client)
            wait_until(lambda number=number: idle.waiting == number + 1)
        for worker in range(6):
            idle.put(worker)
            wait_until(lambda worker=worker: len(served) == worker + 1)
    assert [client for client, _ in served[:2]] == ["greedy", "modest"]


def test_who_had_less_comes_first_whoever_waits_longer(wait_until):
    now = [0.0]
    shares = Shares(lambda: now[0])
    idle, served = IdleWorkers(100, shares), []
    for client, seconds in (("attacker", 30.0), ("guest", 0.001), ("other attacker", 20.0)):
        shares.note(client, seconds)

    def wait(client):
        idle.take(time.monotonic() + 10, client, Cancellation())
        served.append(client)

    waiting = ["attacker", "other attacker", "attacker", "guest", "newcomer"]
    with ThreadPoolExecutor(10) as threads:
        for number, client in enumerate(waiting):
            threads.submit(wait, client)
            wait_until(lambda number=number: idle.waiting == number + 1)
        for worker in range(len(waiting)):
            idle.put(worker)
            wait_until(lambda worker=worker: len(served) == worker + 1)
    assert served == ["newcomer", "guest", "other attacker", "attacker", "attacker"]


def test_the_reserve_is_for_those_who_had_little():
    now, busy = [0.0], threading.Event()
    shares = Shares(lambda: now[0])
    idle = IdleWorkers(100, shares, reserve=1)
    shares.note("attacker", 2 * MODEST)
    for worker in ("first", "second"):
        idle.put(worker)
    assert idle.enter(Place("attacker")).worker == "second"
    waiting = idle.enter(Place("attacker"))
    idle.when_woken(waiting, busy.set)
    assert (waiting.worker, idle.idle) == (None, 1)
    guest = idle.enter(Place("guest"))
    assert guest.worker == "first"
    idle.put("first")
    assert (waiting.worker, idle.idle) == (None, 1)
    idle.put("second")
    assert (waiting.worker, idle.idle, busy.is_set()) == ("second", 1, True)
    now[0] = 2 * HALF_LIFE  # what it had has faded
    assert idle.enter(Place("attacker")).worker == "first"


def test_what_a_client_had_fades_and_is_forgotten():
    now = [0.0]
    shares = Shares(lambda: now[0])
    shares.note("a", 8.0)
    now[0] = 3 * HALF_LIFE
    assert shares.of("a") == 1.0
    shares.note("a", 1.0)
    assert shares.of("a") == 2.0
    for number in range(1000):
        shares.note(f"b{number}", 1.0)
    assert (shares.of("a"), shares.of("b999")) == (0.0, 1.0)


def test_a_full_queue_says_so_at_once():
    idle = IdleWorkers(0)
    with pytest.raises(QueryFailed) as caught:
        idle.take(time.monotonic() + 10, "a", Cancellation())
    assert caught.value.code == "busy"


@pytest.mark.parametrize(
    ("act", "code"), [("close", "shutting-down"), ("cancel", "query-cancelled"), ("", "busy")]
)
def test_who_waits_is_told_why_it_was_in_vain(wait_until, act, code):
    idle, cancellation = IdleWorkers(5), Cancellation()
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(idle.take, time.monotonic() + (10 if act else 0.05), "a", cancellation)
        if act:
            wait_until(lambda: idle.waiting == 1)
            (idle.close if act == "close" else cancellation.cancel)()
        with pytest.raises(QueryFailed) as caught:
            waiting.result(10)
    assert (caught.value.code, idle.waiting) == (code, 0)


def test_a_wanted_id_must_be_long_and_free():
    register = QueryRegister()
    assert register.open("ASK {}", "a", "short").id != "short"
    mine = register.open("ASK {}", "a", "a-long-enough-name")
    assert mine.id == "a-long-enough-name"
    assert register.open("ASK {}", "b", "a-long-enough-name").id != mine.id
    for _ in range(2000):
        register.open("ASK {}", "a").end("done")
    assert register.find(mine.id) is mine, "a query under way was forgotten"
    assert len(register.running()) == 3


def test_a_query_that_has_ended_holds_nothing_of_its_answer():
    query = QueryRegister().open("ASK {}", "a client")
    answer = {"a large one"}
    held = weakref.ref(answer)
    query.cancellation.call(lambda kept=answer: len(kept))
    del answer
    assert held() is not None
    query.end("done")
    assert held() is None
    query.cancellation.call(pytest.fail)
    query.cancellation.cancel()


def test_a_newer_revision_frees_the_answers_of_the_one_before_but_not_of_those_asked_by_number():
    engine = Engine()
    reuse = Reuse(engine, limit=10_000)
    first = Snapshot(Path(), 1)
    for engine.revision in (1, 2, 3):
        reuse.run(QUERY).read()
    assert (engine.asked, reuse.size < 2000) == (3, True)
    reuse.run(replace(QUERY, snapshot=first)).read()
    engine.revision = 4
    reuse.run(QUERY).read()
    reuse.run(replace(QUERY, snapshot=first)).read()
    assert engine.asked == 5
