"""A forked child that several threads wait for."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading

import pytest

from pactgraph.query import child
from pactgraph.query.child import ForkedChild

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux has handles of processes")


@pytest.fixture
def forked():
    """A process that has ended, with a handle and a word on how, as the nursery leaves them."""
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    handle = os.pidfd_open(process.pid)
    ours, theirs = os.pipe()
    process.stdin.close()
    process.wait(20)
    os.write(theirs, b"-9")
    os.close(theirs)
    return ForkedChild(process.pid, handle, ours), handle


def test_who_waits_too_late_does_not_wait_for_another_file(forked, monkeypatch):
    """The number of a closed handle is given to the next file; a wait that was about to begin hung on it."""
    ended, handle = forked
    about_to, go_on = threading.Event(), threading.Event()

    def is_readable(descriptor, timeout):
        if timeout is None:
            about_to.set()
            go_on.wait(20)
        watch = select.poll()
        watch.register(descriptor, select.POLLIN)
        return bool(watch.poll(5000 if timeout is None else timeout))  # an end for the test, should it hang

    monkeypatch.setattr(child, "_is_readable", is_readable)
    found = []
    waiting = threading.Thread(target=lambda: found.append(ended.wait()))
    waiting.start()
    assert about_to.wait(20)
    assert ended.poll() == -9  # closes the handle
    source, sink = os.pipe()
    try:
        if source != handle:
            os.dup2(source, handle)
        began = len(select.select([handle], [], [], 0)[0])
        go_on.set()
        waiting.join(4)
        assert not waiting.is_alive(), "it waits for a file that is not its own"
        assert (found, began) == ([-9], 0)
    finally:
        for descriptor in {source, sink, handle}:
            os.close(descriptor)
        waiting.join()
