"""Large writes come one after the other; small ones pass them by."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pactgraph.web import turns
from pactgraph.web.problems import Unservable
from pactgraph.web.turns import LARGE, turn


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.05)


def test_one_large_write_at_a_time(impatient):
    with turn(LARGE + 1), pytest.raises(Unservable, match="send yours again") as refused, turn(LARGE + 1):
        pass
    assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "10"})
    with turn(LARGE + 1):
        pass


def test_small_ones_do_not_wait(impatient):
    with turn(LARGE + 1), turn(LARGE):
        pass


def test_who_waits_gets_the_turn_even_after_a_failure():
    begun, fail = threading.Event(), threading.Event()

    def failing() -> None:
        with turn(LARGE + 1):
            begun.set()
            fail.wait(10)
            raise ValueError("not let in")

    def waiting() -> str:
        with turn(LARGE + 1):
            return "let in"

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(failing)
        assert begun.wait(10)
        second = threads.submit(waiting)
        assert not second.done()
        fail.set()
        assert isinstance(first.exception(10), ValueError)
        assert second.result(10) == "let in"
