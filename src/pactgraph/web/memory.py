"""Memory that a server took for large requests goes back to the system while it runs."""

from __future__ import annotations

import asyncio

from pactgraph.heap import give_back, resident
from pactgraph.web.threads import on_thread

INTERVAL = 10.0
_GROWTH = 1.02


async def keep_small() -> None:
    """Give memory back whenever the process has grown; runs until it is cancelled."""
    least = 0
    while True:
        await asyncio.sleep(INTERVAL)
        if resident() > least * _GROWTH:
            await on_thread(give_back)
            least = resident()
