"""A folder of this process's own below one that several processes share."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp


class OwnFolder:
    """Made when first asked for. Not thread-safe: the caller holds its lock."""

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        self._own: Path | None = None

    def path(self) -> Path:
        """Return the folder, which is there."""
        if self._own is None:
            self._parent.mkdir(parents=True, exist_ok=True)
            self._own = Path(mkdtemp(dir=self._parent))
        return self._own

    def remove(self) -> None:
        """Remove the folder with what is in it, and the shared one once nobody has theirs there."""
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)
            self._own = None
            with suppress(OSError):  # others have theirs there
                self._parent.rmdir()
