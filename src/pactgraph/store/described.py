"""Snapshots that also hold what is said about the dataset itself, made when somebody asks for that."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from pyoxigraph import Quad, Store

from pactgraph.model import Snapshot
from pactgraph.store.own_folder import OwnFolder

KEPT = 3


class DescribedStates:
    """The described revisions that were asked for last, in a folder of their own below ``described/``.

    Thread-safe; one is made once, as a checkpoint (hard links) with some quads more, and kept until ``KEPT``
    others were asked for.
    """

    def __init__(self, snapshots: Path) -> None:
        self._folder = OwnFolder(snapshots / "described")
        self._known: dict[int, Snapshot] = {}
        self._making = threading.Lock()

    def snapshot(self, of: Snapshot, describe: Callable[[Snapshot], Iterable[Quad]]) -> Snapshot:
        """Return the same revision with its description; raises what ``describe`` raises."""
        with self._making:
            found = self._known.pop(of.revision, None)
            if found is None:
                found = _extended(of, describe(of), self._folder.path() / f"{of.revision:09}")
            self._known[of.revision] = found
            for old in list(self._known)[:-KEPT]:
                shutil.rmtree(self._known.pop(old).path, ignore_errors=True)
            return found

    def clear(self) -> None:
        """Remove them; nobody reads them any more."""
        with self._making:
            self._known.clear()
            self._folder.remove()


def _extended(of: Snapshot, quads: Iterable[Quad], target: Path) -> Snapshot:
    Store.read_only(str(of.path)).backup(target)
    try:
        store = Store(target)
        store.extend(quads)
        store.flush()
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return Snapshot(target, of.revision)
