"""Memory that a server took for large requests goes back to the system while it runs."""

from __future__ import annotations

import asyncio

from pactgraph.heap import give_back, resident
from pactgraph.web.threads import on_thread

INTERVAL = 10.0
_CHANGE = 0.01


async def keep_small() -> None:
    """Give memory back whenever the process has grown or shrunk; runs until it is cancelled.

    One that has shrunk has let go of something since, and more of its pages may hold nothing by now.
    """
    last = 0
    while True:
        await asyncio.sleep(INTERVAL)
        if abs(resident() - last) > last * _CHANGE:
            await on_thread(give_back)
            last = resident()
