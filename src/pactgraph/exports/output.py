"""Where an export goes: a file that appears when it is complete, or standard output."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from pactgraph.errors import InputError


@contextmanager
def open_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing by a temporary one beside it, so that nobody ever reads half of it.

    Raises ``InputError`` when it cannot be written; what was there before is then untouched.
    """
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:
            try:
                yield stream
                stream.flush()
                os.fchmod(stream.fileno(), 0o666 & ~_umask())
                Path(stream.name).replace(path)
            except BaseException:
                Path(stream.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {error.strerror or error}; choose another place"
        ) from None


def _umask() -> int:
    """Return the process's umask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
