"""Tokens are shown once, kept as hashes, and end when they are revoked."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from pactgraph.errors import DataDirectoryError, InputError
from pactgraph.tokens import FILE, Tokens

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def tokens(tmp_path):
    return Tokens(tmp_path)


def test_a_token_is_found_by_its_secret_and_kept_as_a_hash(tokens, tmp_path):
    plain = tokens.create("ann", "writer", NOW)
    found = tokens.find(plain)
    assert (found.name, found.role) == ("ann", "writer")
    assert plain.removeprefix("pactgraph_") not in (tmp_path / FILE).read_text()
    assert tokens.find(plain + "x") is None
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_roles_include_the_ones_below(tokens):
    token = tokens.find(tokens.create("ann", "writer", NOW))
    assert [token.may(role) for role in ("reader", "writer", "admin")] == [True, True, False]


def test_a_revoked_token_is_none(tokens):
    plain = tokens.create("ann", "writer", NOW)
    tokens.revoke("ann")
    assert tokens.find(plain) is None
    with pytest.raises(InputError, match="no token named ann"):
        tokens.revoke("ann")


@pytest.mark.parametrize(
    ("name", "role"), [("ann", "king"), (" ", "writer"), ("a\nb", "writer"), ("bob", "admin")]
)
def test_what_cannot_be_a_token_is_refused(tokens, name, role):
    tokens.create("bob", "reader", NOW)
    with pytest.raises(InputError):
        tokens.create(name, role, NOW)
    assert len(tokens.known()) == 1


def test_a_damaged_file_is_told(tokens, tmp_path):
    (tmp_path / FILE).write_text("[{}]")
    with pytest.raises(DataDirectoryError, match="restore it"):
        tokens.known()


def test_tokens_made_at_the_same_time_are_all_there(tmp_path):
    """Two processes that read the file before either wrote it lost one token."""
    code = "import sys; from pathlib import Path; from datetime import datetime; from pactgraph.tokens import Tokens\n"
    code += "for number in range(15): Tokens(Path(sys.argv[1])).create(sys.argv[2] + str(number), 'writer', datetime.now())"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    makers = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name], env=environment)
        for name in "abcd"
    ]
    assert [maker.wait(60) for maker in makers] == [0, 0, 0, 0]
    names = [token.name for token in Tokens(tmp_path).known()]
    assert sorted(names) == sorted(name + str(number) for name in "abcd" for number in range(15))
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
