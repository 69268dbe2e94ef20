"""A progress bar for what takes longer than two seconds, at a terminal only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress

PATIENCE = 2.0


@contextmanager
def waiting(
    words: str, *, console: Console | None = None, clock: Callable[[], float] = time.monotonic
) -> Iterator[Callable[[int, int], None]]:
    """Give a function to call with (done, total); a bar appears on stderr once two seconds have passed."""
    screen = Console(stderr=True) if console is None else console
    bar = Progress(console=screen, transient=True, disable=not screen.is_terminal)
    task = bar.add_task(words, total=None)
    begun = clock()

    def advance(done: int, total: int) -> None:
        bar.update(task, completed=done, total=total)
        if clock() - begun > PATIENCE:
            bar.start()

    try:
        yield advance
    finally:
        bar.stop()
