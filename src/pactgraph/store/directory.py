"""The data directory: its layout, its lock, and how it comes to be without ever being half there.

::

    format        one line: the number of the layout
    lock          held (flock) by the one process that may write, or shared by those that only read
    store/        the engine's store; there only when it is complete
    store.new/    a store that is being filled; a crash leaves it, the next start removes it
    store.old/    the store that a bulk load has just replaced
    snapshots/    checkpoints for workers
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from pactgraph.errors import DataDirectoryError

FORMAT = 1
FORMAT_FILE = "format"
LEFTOVERS = ("snapshots", "store.new", "store.old", "history")
"""What a process that died may leave; the next one to write removes it."""
_BEGUN = {"lock", "format.new"}  # what a start leaves that was killed before it wrote `format`


class DataDirectory:
    """One data directory, locked. Made by ``open_directory``."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self.store = path / "store"
        self.snapshots = path / "snapshots"
        self.staged = path / "store.new"
        self._lock = lock

    @property
    def is_filled(self) -> bool:
        """Whether the store has been created completely."""
        return self.store.is_dir()

    def fill(self, build: Callable[[Path], None]) -> None:
        """Create the store: ``build`` fills a new directory, which then becomes ``store/`` in one step."""
        new = self.staged
        shutil.rmtree(new, ignore_errors=True)
        try:
            build(new)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        new.rename(self.store)
        _sync(self.path)

    def exchange(self, new: Path) -> None:
        """Put a complete store in the place of the one there is; in between there is none."""
        old = self.path / "store.old"
        shutil.rmtree(old, ignore_errors=True)
        self.store.rename(old)
        new.rename(self.store)
        _sync(self.path)
        shutil.rmtree(old, ignore_errors=True)

    def tidy(self) -> None:
        """Remove what earlier processes left; only for the one that may write."""
        for name in LEFTOVERS:
            shutil.rmtree(self.path / name, ignore_errors=True)

    def close(self) -> None:
        """Let go of the lock."""
        os.close(self._lock)


def is_data_directory(path: Path) -> bool:
    """Whether there is something at this path that ``open_directory`` has to judge, and not just nothing."""
    return path.is_dir() and any(path.iterdir()) if not path.is_file() else True


def open_directory(path: Path, *, read_only: bool = False) -> DataDirectory:
    """Lock a data directory, and make it when there is none.

    Raises ``DataDirectoryError`` and changes nothing on disk when the path is a file or cannot be written
    (``data-unwritable``), holds something else (``data-foreign``), is of a newer layout (``data-newer``), or
    is in use (``data-locked``). With ``read_only`` the directory is shared with other readers, and must be
    there already.
    """
    try:
        is_new = _is_new(path)
        if is_new:
            path.mkdir(parents=True, exist_ok=True)
        lock = _lock(path, shared=read_only)
        if is_new and _is_new(path):  # another process may have been faster
            _write_format(path)
    except DataDirectoryError:
        raise
    except OSError as error:
        reason = error.strerror or error
        message = f"The data directory {path} cannot be used: {reason}; choose another with --data DIR"
        raise DataDirectoryError(message, code="data-unwritable") from None
    return DataDirectory(path, lock)


def ensure_directory(path: Path) -> None:
    """Make a data directory when there is none, still without a store; one that is there may be in use.

    Raises ``DataDirectoryError`` as ``open_directory`` does, but for ``data-locked``.
    """
    try:
        is_new = _is_new(path)
    except OSError:
        is_new = True  # cannot be looked into: opening it says why
    if is_new:
        open_directory(path).close()


def _is_new(path: Path) -> bool:
    """Whether there is no data directory yet; raises ``DataDirectoryError`` when there is something else."""
    if path.is_file():
        raise _foreign(path, "is a file")
    if not path.is_dir():
        return True
    names = {entry.name for entry in path.iterdir()}
    if "format" in names:
        check_format(path)
        return False
    if names - _BEGUN:
        raise _foreign(path, "holds files but is not a pactgraph data directory")
    return True


def check_format(path: Path) -> None:
    """Refuse a layout that this pactgraph does not know; raises ``DataDirectoryError``."""
    try:
        number = int((path / "format").read_text(encoding="ascii"))
    except (ValueError, IsADirectoryError):
        message = f"The file {path / 'format'} does not hold a number; restore the directory from a copy"
        raise DataDirectoryError(message, code="data-corrupt") from None
    if number > FORMAT:
        message = f"The data directory {path} has layout {number}; install a pactgraph that knows it"
        raise DataDirectoryError(message, code="data-newer")
    if number < 1:
        message = f"The data directory {path} has layout {number}, which never was; restore it from a copy"
        raise DataDirectoryError(message, code="data-corrupt")


def _foreign(path: Path, what: str) -> DataDirectoryError:
    return DataDirectoryError(f"{path} {what}; choose another with --data DIR", code="data-foreign")


def _lock(path: Path, *, shared: bool) -> int:
    try:
        descriptor = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError:
        if not shared:
            raise
        descriptor = os.open(path / "lock", os.O_RDONLY | os.O_CLOEXEC)  # a reader needs no write permission
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        message = (
            f"The data directory {path} is in use by another process; "
            "stop it, or ask the server that holds it with --endpoint URL"
        )
        raise DataDirectoryError(message, code="data-locked") from None
    return descriptor


def _write_format(path: Path) -> None:
    new = path / "format.new"
    with new.open("w", encoding="ascii") as stream:
        stream.write(f"{FORMAT}\n")
        stream.flush()
        os.fsync(stream.fileno())
    new.rename(path / "format")
    _sync(path)


def _sync(directory: Path) -> None:
    """Make a rename durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
