"""One heap for all threads of a server, and its pages back to the system."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3
_LARGE = 256 * 1024  # bytes
_ALLOCATOR = "PYTHONMALLOC"


def start_over() -> None:
    """Start this program anew with Python's objects in the heap of the C library (glibc; else nothing).

    Python's own allocator gives memory back by the megabyte, and one small object keeps a whole one: after a
    minute of large documents a server kept 28 MB more than at first, and keeps 12 like this, at the same
    speed. It stays the same process with the same arguments (execve). Nothing happens the second time, nor
    where PYTHONMALLOC says something already.
    """
    if _ALLOCATOR in os.environ or not _is_glibc():
        return
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, sys.orig_argv, {**os.environ, _ALLOCATOR: "malloc"})  # noqa: S606 - itself


def _is_glibc() -> bool:
    with suppress(AttributeError, OSError, ValueError):
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    return False


def share_heap() -> None:
    """Have all threads share one heap (glibc; elsewhere this does nothing); call it before the first thread.

    With a heap for each thread, what a large request took is never given back: measured, 400 MB instead of
    140 after a minute of attacks. Threads that share the interpreter's lock do not wait for each other here.
    Large blocks lie outside of the heap, always: by itself the allocator would soon put blocks of up to 32 MB
    into it, and small ones behind them.
    """
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_ARENA_MAX, 1)
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE)


def give_back() -> None:
    """Give pages that hold nothing any more back to the system (glibc; elsewhere this does nothing).

    By itself the allocator gives back the end of a heap only, and after large requests something small is
    left there. A few milliseconds for a heap of 100 MB.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def kept_for_good() -> Iterator[None]:
    """Have what is here now not looked through for garbage, until the end of the block.

    The collector stops every thread while it looks at all objects: a quarter of a second with the shapes and
    the framework in memory, and often while large documents are read.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def resident() -> int:
    """Return how many bytes of memory this process has; nothing where the system does not tell."""
    with suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0
