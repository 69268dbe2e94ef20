"""Tokens for HTTP writes: who may do what. Kept as SHA-256 hashes in the data directory, never as they are.

A token is 256 random bits, so a plain hash of it cannot be guessed back; the file may be read by a running
server, which sees a new or revoked token at the next request.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from pactgraph.errors import DataDirectoryError, InputError

FILE = "tokens.json"
ROLES = ("reader", "writer", "admin")
PREFIX = "pactgraph_"


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token: its name, which is the author of revisions, and its role."""

    name: str
    role: str
    created: str
    sha256: str

    def may(self, role: str) -> bool:
        """Whether this token's role includes another: an admin may write, a writer may read."""
        return ROLES.index(self.role) >= ROLES.index(role)


class Tokens:
    """The tokens of one data directory, read afresh whenever they are asked for."""

    def __init__(self, data: Path) -> None:
        self._file = data / FILE

    def known(self) -> list[Token]:
        """Return the tokens in the order in which they were made; raises ``DataDirectoryError``."""
        try:
            return [Token(**entry) for entry in json.loads(self._file.read_text(encoding="utf-8"))]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError):
            raise DataDirectoryError(
                f"{self._file} cannot be read; restore it from a backup, or remove it and make new tokens.",
                code="tokens-damaged",
            ) from None

    def create(self, name: str, role: str, now: datetime, secret: Callable[[], str] | None = None) -> str:
        """Add a token and return it, the only time that it is shown.

        Raises ``InputError`` for an unknown role, an empty name, or a name that is taken.
        """
        if role not in ROLES:
            raise InputError(f"“{role}” is no role; the roles are {', '.join(ROLES)}.")
        if not name.strip() or not name.isprintable():
            raise InputError("A token needs a name, which will be the author of its revisions.")
        plain = PREFIX + (secret or (lambda: secrets.token_urlsafe(32)))()
        with self._alone():
            tokens = self.known()
            if any(token.name == name for token in tokens):
                raise InputError(f"There is a token named {name}; revoke it first, or choose another name.")
            self._write([*tokens, Token(name, role, now.isoformat(timespec="seconds"), _hash(plain))])
        return plain

    def revoke(self, name: str) -> None:
        """Take a token out; raises ``InputError`` when there is none of that name."""
        with self._alone():
            tokens = self.known()
            left = [token for token in tokens if token.name != name]
            if len(left) == len(tokens):
                names = ", ".join(token.name for token in tokens) or "none"
                raise InputError(f"There is no token named {name}; there are: {names}.", code="no-token")
            self._write(left)

    def find(self, plain: str) -> Token | None:
        """Return the token that is this secret, if there is one; the comparison takes constant time."""
        wanted = _hash(plain)
        found = [token for token in self.known() if secrets.compare_digest(token.sha256, wanted)]
        return found[0] if found else None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from changing the file meanwhile, by a lock on its folder."""
        try:
            folder = os.open(self._file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as fault:
            raise DataDirectoryError(
                f"{self._file.parent} cannot be opened ({fault.strerror}); check the data directory.",
                code="data-unwritable",
            ) from None
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
            os.fsync(folder)  # the rename, too, is to survive
        finally:
            os.close(folder)

    def _write(self, tokens: list[Token]) -> None:
        new = self._file.with_suffix(".new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump([asdict(token) for token in tokens], stream, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(self._file)


def _hash(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()
