"""The log as an Atom feed (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from pactgraph import vocab
from pactgraph.journal import Heading
from pactgraph.provenance import author_iri
from pactgraph.web import urls

ATOM = "application/atom+xml"
_SPACE = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_TITLE_LENGTH = 120


def atom_feed(headings: Iterable[Heading], root: str, iri: str | None = None) -> bytes:
    """Return the feed of these revisions, newest first; ``root`` is the server's URL, ``iri`` whose story.

    What XML 1.0 cannot hold (§2.2) is left out of the texts.
    """
    revisions = list(headings)
    feed = ET.Element("feed", xmlns=_SPACE)
    _add(feed, "id", vocab.REVISIONS_GRAPH.value if iri is None else f"{vocab.BASE}changes?{iri}")
    _add(feed, "title", "pactgraph: changes" if iri is None else f"pactgraph: changes to {iri}")
    _add(feed, "updated", (revisions[0].ended_at if revisions else _BEGINNING).isoformat())
    ET.SubElement(feed, "link", rel="self", type=ATOM, href=_clean(root + urls.changes(iri=iri)))
    for each in revisions:
        _add_entry(feed, each, root)
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True))


def _add_entry(feed: ET.Element, heading: Heading, root: str) -> None:
    entry = ET.SubElement(feed, "entry")
    _add(entry, "id", vocab.revision_iri(heading.number).value)
    _add(
        entry,
        "title",
        f"{heading.number}: {heading.message.splitlines()[0] if heading.message else ''}"[:_TITLE_LENGTH],
    )
    _add(entry, "updated", heading.ended_at.isoformat())
    author = ET.SubElement(entry, "author")
    _add(author, "name", heading.author)
    _add(author, "uri", author_iri(heading.author))
    ET.SubElement(entry, "link", rel="alternate", href=_clean(root + urls.change(heading.number)))
    counted = f"{heading.added:,} statements added, {heading.removed:,} removed"
    _add(entry, "summary", f"{heading.message}\n{counted}")


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)
