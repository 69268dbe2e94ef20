"""Tokens are shown once, kept as hashes, and end when they are revoked."""

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
