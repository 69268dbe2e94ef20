"""Checkpoints of a store: made of hard links, and kept as long as somebody may read them."""

from __future__ import annotations

import shutil
import time
from collections import deque
from pathlib import Path

from pyoxigraph import Store

from pactgraph.model import Snapshot


class Checkpoints:
    """The snapshots below one folder, the newest and those before it; for one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._newest: Path | None = None
        self._replaced: deque[tuple[float, Path]] = deque()  # older ones, and when they became so
        self._kept = 0.0

    def keep(self, seconds: float) -> None:
        """Keep each for so long after there is a newer one; the one before the newest stays in any case."""
        self._kept = seconds

    def make(self, store: Store, revision: int) -> Snapshot:
        """Make the newest one, and remove those that nobody can read any more."""
        self._folder.mkdir(exist_ok=True)
        target = self._folder / f"{revision:09}"
        store.backup(target)
        now = time.monotonic()
        if self._newest is not None:
            self._replaced.append((now, self._newest))
        self._newest = target
        while len(self._replaced) > 1 and self._replaced[0][0] + self._kept <= now:
            shutil.rmtree(self._replaced.popleft()[1], ignore_errors=True)
        return Snapshot(target, revision)
