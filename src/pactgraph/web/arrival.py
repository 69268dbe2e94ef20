"""Waiting on the event loop for the first bytes of an answer, as long as they may come soon."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

from pactgraph.web.service import Answer, Begun
from pactgraph.web.watching import watches_of


async def arriving(begun: Begun, patience: float) -> Answer | None:
    """Return the answer if its first bytes come within ``patience`` seconds; raises what evaluation raises.

    Otherwise nothing: then the caller has ``finish`` called on a thread.
    """
    loop = asyncio.get_running_loop()
    try:
        answer = begun.advance()
        if answer is not None or begun.blocks:
            return answer
        end = loop.time() + patience
        while answer is None and not begun.blocks and await _is_ready(begun, loop, end - loop.time()):
            answer = begun.advance()
    except asyncio.CancelledError:
        begun.abandon()
        raise
    return answer


async def _is_ready(begun: Begun, loop: asyncio.AbstractEventLoop, patience: float) -> bool:
    """Wait until the next step can be taken, so many seconds at most."""
    ready: asyncio.Future[bool] = loop.create_future()

    def tell(came: bool) -> None:
        if not ready.done():
            ready.set_result(came)

    here = threading.get_ident()

    def tell_from_anywhere() -> None:
        if threading.get_ident() == here:  # mostly: another request gives its worker back
            tell(True)
            return
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(tell, True)

    timer = loop.call_later(max(patience, 0), tell, False)
    speaker = begun.when_ready(tell_from_anywhere)
    watches = watches_of(loop)
    try:
        if speaker is not None:
            watches.listen(speaker, tell)
        return await ready
    except EOFError:
        return True  # it is gone, as advancing tells
    finally:
        timer.cancel()
        if speaker is not None:
            watches.ignore(speaker)
