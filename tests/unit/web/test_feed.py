from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from pactgraph.journal import Heading
from pactgraph.web.feed import atom_feed

ATOM = "{http://www.w3.org/2005/Atom}"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_message_and_author_make_a_readable_feed(message, author):
    feed = ET.fromstring(atom_feed([Heading(7, NOON, author, message, 3, 1, "0")], "http://127.0.0.1:8000"))
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.find(f"{ATOM}id").text == "https://w3id.org/eukdp/revision/7"
    assert entry.find(f"{ATOM}link").get("href") == "http://127.0.0.1:8000/changes/7"
    assert entry.find(f"{ATOM}summary").text.endswith("3 statements added, 1 removed")
    assert feed.find(f"{ATOM}updated").text == "2026-11-22T12:00:00+00:00"


def test_a_feed_without_entries_has_what_atom_asks_for():
    feed = ET.fromstring(atom_feed([], "http://127.0.0.1:8000", "urn:a"))
    for name in ("id", "title", "updated"):
        assert feed.find(f"{ATOM}{name}").text
    assert feed.find(f"{ATOM}link").get("href") == "http://127.0.0.1:8000/changes?iri=urn%3Aa"
