"""A worker that becomes free gets the next query at once, and never two."""

from __future__ import annotations

import threading
import time

import pytest

from pactgraph.query.answer import Answer
from pactgraph.query.attempt import Attempt
from pactgraph.query.cancellation import Cancellation
from pactgraph.query.formats import BINDING_FORMATS
from pactgraph.query.waiting import IdleWorkers, Place


class Worker:
    is_dead = False


class Asked:
    """A run that has its answer already."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker

    def first(self, *, wait: bool = True) -> tuple[bytes, bool]:
        return b"{}", True


@pytest.fixture
def idle():
    return IdleWorkers(10)


@pytest.fixture
def asked():
    return []


@pytest.fixture
def attempt(idle, asked):
    def make() -> Attempt:
        def ask(worker):
            run = Asked(worker)
            asked.append(run)
            return run

        def answer(_run, first, whole):
            return Answer("ASK", BINDING_FORMATS[0], iter((first,)), lambda: None, first if whole else None)

        place = idle.enter(Place("192.0.2.1"))
        return Attempt(idle, place, time.monotonic() + 5, Cancellation(), ask=ask, answer=answer)

    return make


def test_is_asked_before_whoever_gave_the_worker_back_goes_on(idle, asked, attempt):
    waiting, woken = attempt(), []
    assert waiting.advance() is None
    waiting.when_ready(lambda: woken.append(len(asked)))
    assert not asked
    idle.put(Worker())
    assert woken == [1]
    assert waiting.advance().whole == b"{}"
    assert len(asked) == 1


def test_on_another_thread_it_is_only_woken(idle, asked, attempt):
    waiting, woken = attempt(), threading.Event()
    waiting.when_ready(woken.set)
    thread = threading.Thread(target=idle.put, args=(Worker(),))
    thread.start()
    assert woken.wait(5)
    thread.join()
    assert not asked
    assert waiting.advance() is None
    assert len(asked) == 1


def test_who_waits_on_a_thread_by_now_asks_there_and_once(idle, asked, attempt):
    waiting, answers = attempt(), []
    waiting.when_ready(lambda: None)  # then patience was over, and a thread took on
    thread = threading.Thread(target=lambda: answers.append(waiting.finish()))
    thread.start()
    while not waiting._finishing:
        time.sleep(0.001)
    idle.put(Worker())
    thread.join(5)
    assert not thread.is_alive()
    assert len(answers) == len(asked) == 1


def test_who_has_given_up_is_not_asked_for(idle, asked, attempt):
    waiting = attempt()
    waiting.when_ready(lambda: None)
    waiting.abandon()
    idle.put(Worker())
    assert not asked
    assert idle.idle == 1
