"""Backup and restore of a data directory: the journal, the tokens, and nothing that follows from them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from pactgraph.errors import DataDirectoryError, InputError
from pactgraph.journal import Heading, Journal
from pactgraph.ledger import JOURNAL
from pactgraph.store.directory import FORMAT_FILE, check_format
from pactgraph.tokens import FILE as TOKENS


def back_up(journal: Journal, data: Path, target: Path) -> Heading:
    """Copy a data directory into a new or empty folder, while it is in use; return the newest revision in it.

    The journal is copied as it is at one moment, complete to its last revision. Raises ``InputError`` when
    the folder holds something.
    """
    _require_empty(target)
    try:
        target.mkdir(parents=True, exist_ok=True)
        journal.backup(target / JOURNAL)
        if (data / TOKENS).is_file():
            shutil.copy2(data / TOKENS, target / TOKENS)  # with its permissions: nobody else may read it
        shutil.copyfile(data / FORMAT_FILE, target / FORMAT_FILE)
        for path in (*target.iterdir(), target):
            _sync(path)
    except OSError as error:
        raise InputError(
            f"{target} cannot be written: {error.strerror or error}; choose another place."
        ) from None
    with closing(Journal(target / JOURNAL, read_only=True, at_rest=True)) as copy:
        newest = copy.headings(limit=1)
    if not newest:
        raise DataDirectoryError(
            f"The journal of {data} is empty; run 'pactgraph doctor'.", code="journal-empty"
        )
    return newest[0]


def restore(source: Path, data: Path, fill: Callable[[Path], None]) -> int:
    """Put a backup into a data directory that is not there yet, or empty; return its newest revision.

    The chain of the journal is verified first; ``fill`` then builds the store from it. Raises ``InputError``
    when the backup is none or the place is taken, ``DataDirectoryError`` when the backup is damaged; nothing
    is left behind then.
    """
    if not (source / JOURNAL).is_file() or not (source / FORMAT_FILE).is_file():
        raise InputError(f"{source} is not a backup; name a folder that 'pactgraph backup' wrote.")
    check_format(source)
    _require_empty(data)
    _require_sound(source)
    was_there = data.is_dir()
    try:
        data.mkdir(parents=True, exist_ok=True)
        for name in (JOURNAL, TOKENS, FORMAT_FILE):  # the format last: it makes this a data directory
            if (source / name).is_file():
                shutil.copy2(source / name, data / name)
                _sync(data / name)
        fill(data)
    except BaseException:
        _clear(data, keep=was_there)
        raise
    with closing(Journal(data / JOURNAL, read_only=True, at_rest=True)) as journal:
        return journal.head


def _require_sound(source: Path) -> None:
    with closing(Journal(source / JOURNAL, read_only=True, at_rest=True)) as journal:
        broken = journal.broken_links()
        if journal.head == 0 or broken:
            which = f"revision {broken[0]} is not what its hash says" if broken else "it has no revision"
            raise DataDirectoryError(
                f"The backup {source} is damaged: {which}; use another.", code="backup-damaged"
            )


def _require_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} is not empty; name a folder that is new or empty.")


def _clear(folder: Path, *, keep: bool) -> None:
    if not keep:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
