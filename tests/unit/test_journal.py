"""The journal keeps revisions in order, durable and chained."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from pactgraph.errors import DataDirectoryError
from pactgraph.journal import GENESIS, Entry, Journal

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
A, P, G = (NamedNode(f"http://example.org/{name}") for name in "apg")


def entry(number: int, *values: int, removed: tuple[Quad, ...] = ()) -> Entry:
    added = tuple(Quad(A, P, Literal(value), G) for value in values)
    return Entry(number, NOON + timedelta(minutes=number), "ann", f"patch {number}", added, removed)


@pytest.fixture
def journal(tmp_path):
    with closing(Journal(tmp_path / "journal.sqlite")) as opened:
        yield opened


def test_what_is_appended_is_read_back_after_reopening(journal, tmp_path):
    written = journal.append(entry(1, 1, 2))
    with closing(Journal(tmp_path / "journal.sqlite", read_only=True)) as other:
        assert other.head == 1
        assert other.read(1) == written
        assert other.read(2) is None


def test_a_revision_must_follow_the_one_before(journal):
    journal.append(entry(1, 1))
    with pytest.raises(ValueError, match="does not follow"):
        journal.append(entry(3, 1))
    assert journal.head == 1


def test_every_revision_is_chained_to_its_parent(journal):
    first, second = journal.append(entry(1, 1)), journal.append(entry(2, 2))
    assert first.parent == GENESIS
    assert second.parent == first.hash
    assert journal.broken_links() == []


@pytest.mark.parametrize("change", ["message = 'another'", "author = 'eve'", "remarks = '[1]'"])
def test_a_change_to_the_past_shows(journal, tmp_path, change):
    journal.append(entry(1, 1))
    journal.append(entry(2, 2))
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as db:
        db.execute(f"UPDATE revision SET {change} WHERE number = 1")
        db.commit()
    assert journal.broken_links() == [1]


def test_the_story_of_one_entity_is_what_mentions_it(journal):
    journal.append(entry(1, 1))
    journal.append(Entry(2, NOON, "bob", "other", (Quad(P, P, A, G),), ()))
    journal.append(Entry(3, NOON, "bob", "none", (Quad(P, P, P, G),), ()))
    assert [heading.number for heading in journal.headings(iri=A.value)] == [2, 1]
    assert [heading.number for heading in journal.headings(limit=2)] == [3, 2]


def test_a_moment_names_the_last_revision_before_it(journal):
    journal.append(entry(1, 1))
    journal.append(entry(2, 2))
    assert [journal.at(NOON + timedelta(minutes=minutes)) for minutes in (0, 1, 1.5, 9)] == [0, 1, 1, 2]


def test_a_file_that_is_no_journal_is_refused(tmp_path):
    (tmp_path / "journal.sqlite").write_bytes(b"not a database, but long enough to look like one" * 99)
    with pytest.raises(DataDirectoryError, match="restore a backup"):
        Journal(tmp_path / "journal.sqlite")


def test_a_backup_is_a_journal_of_its_own(journal, tmp_path):
    journal.append(entry(1, 1))
    journal.backup(tmp_path / "copy.sqlite")
    journal.append(entry(2, 2))
    with closing(Journal(tmp_path / "copy.sqlite")) as copy:
        assert copy.head == 1
        assert copy.broken_links() == []
