"""Looks for characters in a whole column at once, a hundred times faster than cell by cell."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

# What XML 1.0 §2.2 cannot hold, not even escaped; lone surrogates are gone before.
NOT_XML = "[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x{FFFE}\\x{FFFF}]"
CONTROLS = bytes([*range(9), 11, 12, *range(14, 32)])
_NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")


def content_of(text: pa.Array) -> memoryview:
    """Return the bytes of all cells of a column of text, one after the other."""
    _, offsets, content = text.buffers()
    if content is None or not len(text):
        return memoryview(b"")
    ends = memoryview(offsets).cast("i")
    return memoryview(content)[ends[text.offset] : ends[text.offset + len(text)]]


def holds(text: pa.Array, characters: bytes) -> bool:
    """Whether any cell holds one of these ASCII characters."""
    content = bytes(content_of(text))
    return len(content.translate(None, characters)) != len(content)


def count_not_xml(text: pa.Array) -> int:
    """Return how many characters XML cannot hold."""
    content = bytes(content_of(text))
    suspect = len(content.translate(None, CONTROLS)) != len(content) or any(
        mark in content for mark in _NONCHARACTERS
    )
    return int(pc.sum(pc.count_substring_regex(text, NOT_XML)).as_py() or 0) if suspect else 0


def without_not_xml(text: pa.Array) -> tuple[pa.Array, int]:
    """Return the column with U+FFFD for what XML cannot hold, and how often."""
    count = count_not_xml(text)
    return (pc.replace_substring_regex(text, NOT_XML, "�") if count else text), count


def escaped(text: pa.Array, pairs: tuple[tuple[str, str], ...]) -> pa.Array:
    """Return the column with each ASCII character replaced in turn; most columns hold nothing to replace."""
    for character, replacement in pairs:
        if holds(text, character.encode()):
            text = pc.replace_substring(text, character, replacement)
    return text


def joined(*pieces: object, separator: str = "") -> memoryview:
    """Return the texts of all rows one after the other, each row its pieces joined."""
    return content_of(pc.binary_join_element_wise(*pieces, separator))
