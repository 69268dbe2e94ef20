"""Work on two halves of a list at once, one of them in a forked process that has the same memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


def halves(items: Sequence[Item], work: Callable[[Sequence[Item]], Outcome]) -> list[Outcome]:
    """Return what ``work`` makes of every second item, and of the others.

    The second half runs in a forked process, so this is for a process without threads. When the fork dies
    (killed, out of memory), its half is done here. What ``work`` raises is raised here.

    >>> halves([1, 2, 3, 4, 5], sum)
    [9, 6]
    """
    fork = get_context("fork")
    ours, theirs = fork.Pipe(duplex=False)
    child = fork.Process(target=_send, args=(theirs, work, items[1::2]), daemon=True)
    child.start()
    theirs.close()
    first = work(items[::2])
    try:
        second: Outcome = ours.recv()
    except EOFError:
        second = work(items[1::2])
    child.join()
    return [first, second]


def _send(theirs: Connection, work: Callable[[Sequence[Item]], Outcome], items: Sequence[Item]) -> None:
    theirs.send(work(items))
