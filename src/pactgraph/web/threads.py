"""Where the web waits: threads for queries, apart from those of pages, so that neither starves the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")

QUERY_THREADS = 512  # more than may wait in the pool's queue and run, so that the queue is what is full


def install_threads() -> ThreadPoolExecutor:
    """Give the running event loop its threads; to be shut down with it."""
    executor = ThreadPoolExecutor(QUERY_THREADS, thread_name_prefix="query")
    asyncio.get_running_loop().set_default_executor(executor)
    return executor


async def on_thread(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Call a function that blocks, on a thread of its own."""
    if kwargs:
        return await asyncio.get_running_loop().run_in_executor(None, lambda: function(*args, **kwargs))
    return await asyncio.get_running_loop().run_in_executor(None, function, *args)
