"""Both halves are worked on, whatever becomes of the fork."""

import os

import pytest

from pactgraph.shapes.halves import halves


def test_the_second_half_runs_in_another_process():
    here, there = halves(["a", "b"], lambda items: (os.getpid(), list(items)))
    assert here == (os.getpid(), ["a"])
    assert there[0] != os.getpid()
    assert there[1] == ["b"]


def test_a_fork_that_is_killed_is_made_up_for():
    mine = os.getpid()

    def work(items):
        if os.getpid() != mine:
            os.kill(os.getpid(), 9)
        return list(items)

    assert halves([1, 2, 3], work) == [[1, 3], [2]]


def test_what_goes_wrong_goes_wrong_here():
    def work(items):
        raise ValueError(items)

    with pytest.raises(ValueError, match="1"):
        halves([1], work)
