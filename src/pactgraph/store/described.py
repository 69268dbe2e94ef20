"""Snapshots that also hold what is said about the dataset itself, made when somebody asks for that."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

from pyoxigraph import Quad, Store

from pactgraph.model import Snapshot

KEPT = 3


class DescribedStates:
    """The described revisions that were asked for last, in a folder of their own below ``described/``.

    Thread-safe; one is made once, as a checkpoint (hard links) with some quads more, and kept until ``KEPT``
    others were asked for.
    """

    def __init__(self, snapshots: Path) -> None:
        self._parent = snapshots / "described"
        self._own: Path | None = None
        self._known: dict[int, Snapshot] = {}
        self._making = threading.Lock()

    def snapshot(self, of: Snapshot, describe: Callable[[Snapshot], Iterable[Quad]]) -> Snapshot:
        """Return the same revision with its description; raises what ``describe`` raises."""
        with self._making:
            found = self._known.pop(of.revision, None)
            if found is None:
                found = _extended(of, describe(of), self._folder() / f"{of.revision:09}")
            self._known[of.revision] = found
            for old in list(self._known)[:-KEPT]:
                shutil.rmtree(self._known.pop(old).path, ignore_errors=True)
            return found

    def clear(self) -> None:
        """Remove them; nobody reads them any more."""
        with self._making:
            self._known.clear()
            if self._own is not None:
                shutil.rmtree(self._own, ignore_errors=True)
                self._own = None
                with suppress(OSError):  # others have theirs there
                    self._parent.rmdir()

    def _folder(self) -> Path:
        if self._own is None:
            self._parent.mkdir(parents=True, exist_ok=True)
            self._own = Path(mkdtemp(dir=self._parent))
        return self._own


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
