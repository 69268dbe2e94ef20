"""Pipes stay watched from one query to the next, and no longer than somebody listens."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
import uvloop

from pactgraph.web.watching import Watches, watches_of


class Speaker:
    """A worker as far as its pipe goes."""

    def __init__(self) -> None:
        self.ours, self.theirs = os.pipe()
        self.given = 0

    def descriptor(self) -> int:
        self.given += 1
        return os.dup(self.ours)

    def say(self) -> None:
        os.write(self.theirs, b"x")

    def hear(self) -> None:
        os.read(self.ours, 100)


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.fixture
def speaker():
    each = Speaker()
    yield each
    for descriptor in (each.ours, each.theirs):
        os.close(descriptor)


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop])
def run(request):
    with asyncio.Runner(loop_factory=request.param) as runner:
        yield runner.run


async def heard(watches: Watches, speaker: Speaker) -> None:
    told = asyncio.get_running_loop().create_future()
    watches.listen(speaker, told.set_result)
    speaker.say()
    assert await asyncio.wait_for(told, 5)
    speaker.hear()


def test_a_pipe_is_watched_once_for_many_queries(run, speaker):
    async def several() -> None:
        watches = Watches(asyncio.get_running_loop())
        for _ in range(20):
            await heard(watches, speaker)
        assert (speaker.given, len(watches)) == (1, 1)

    run(several())


def test_who_stopped_listening_hears_nothing_and_the_loop_comes_to_rest(run, speaker):
    async def ignored() -> None:
        watches, told = Watches(asyncio.get_running_loop()), []
        watches.listen(speaker, told.append)
        watches.ignore(speaker)
        before = open_files()
        speaker.say()  # and nobody reads it
        for _ in range(200):
            if not len(watches):
                break
            await asyncio.sleep(0.01)
        assert not told
        assert len(watches) == 0
        await asyncio.sleep(0.01)
        assert open_files() == before - 1
        speaker.hear()
        await heard(watches, speaker)
        assert speaker.given == 2

    run(ignored())


def test_the_end_of_the_other_side_is_heard_and_then_forgotten(run):
    async def ended() -> None:
        speaker = Speaker()
        watches, told = watches_of(asyncio.get_running_loop()), asyncio.get_running_loop().create_future()
        assert watches is watches_of(asyncio.get_running_loop())
        watches.listen(speaker, told.set_result)
        os.close(speaker.theirs)
        assert await asyncio.wait_for(told, 5)
        for _ in range(200):
            if not len(watches):
                break
            await asyncio.sleep(0.01)
        assert len(watches) == 0
        os.close(speaker.ours)

    run(ended())
