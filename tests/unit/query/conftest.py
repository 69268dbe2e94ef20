from __future__ import annotations

import time

import pytest


@pytest.fixture
def wait_until():
    def wait(condition, seconds=10.0):
        limit = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < limit, "the condition did not come true"
            time.sleep(0.005)

    return wait
