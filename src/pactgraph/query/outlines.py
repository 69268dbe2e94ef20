"""Outlines that are known already: queries that differ only in their constants are read once.

Programs ask the same query with another IRI, string or number each time. What the guard says of it depends on
those constants only where they name graphs, endpoints or prefixes, or could be read in two ways; such queries
are read in full every time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import chain

from pactgraph.query.guard import Outline

_LONGEST = 5000
_MOST = 500
# A constant as the scanner reads it, in a text without escapes: an IRI, a string on one line, or digits that
# stand alone.
_CONSTANT = re.compile(
    r"""(<[^<>"{}|^`\x00-\x20]*+>|"[^"\r\n]*+"|'[^'\r\n]*+'|(?<=[ (])[0-9]++(?=[ )]|\Z))"""
)
_CLEAR = re.compile(r"""<[A-Za-z][A-Za-z0-9+.-]*://|["'](?!["'])|[0-9]""")
# What leaves the rest of a text open to another reading (comments, unclosed strings), and the words before an
# IRI that decides.
_UNCLEAR = re.compile(r"""[#"']|PREFIX|BASE|FROM|SERVICE""", re.IGNORECASE)

Key = tuple[str, ...]


class Outlines:
    """Remembers what ``inspect`` said, by the query without its constants. For many threads."""

    def __init__(self, inspect: Callable[[str], Outline]) -> None:
        self._inspect = inspect
        self._known: dict[Key, tuple[Outline, list[str]]] = {}

    def of(self, text: str) -> Outline:
        """Return the outline of a query, exactly as ``inspect`` does; raises what it raises."""
        parts = _CONSTANT.split(text) if len(text) <= _LONGEST and "\\" not in text else []
        rest, constants = parts[::2], parts[1::2]
        if not constants or not all(map(_CLEAR.match, constants)) or _UNCLEAR.search("\n".join(rest)):
            return self._inspect(text)
        key = (*rest, "".join([constant[0] if constant[0] in "<\"'" else "0" for constant in constants]))
        found = self._known.get(key)
        if found is None:
            return self._learn(key, text, parts)
        outline, words = found
        return replace(outline, normalised=_filled(words, constants))

    def _learn(self, key: Key, text: str, parts: list[str]) -> Outline:
        """Read a query, and the same with constants that occur once: so the places of all are known."""
        outline = self._inspect(text)
        if outline.services or outline.from_graphs or outline.from_named:
            return outline
        marks = _marks(text, parts[1::2])
        marked = self._inspect("".join(chain.from_iterable(zip(parts[::2], [*marks, ""], strict=True))))
        words = re.split("|".join(map(re.escape, marks)), marked.normalised)
        if _filled(words, parts[1::2]) == outline.normalised and marked == outline:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = outline, words
        return outline


def _marks(text: str, constants: list[str]) -> list[str]:
    """Return constants of the same kinds that do not occur in the text, nor within each other."""
    number = 10**9
    while str(number) in text:
        number *= 10
    forms = {"<": "<x://{}>", '"': '"{}"', "'": "'{}'"}
    return [forms.get(each[0], "{}").format(f"{number}{at:04}") for at, each in enumerate(constants)]


def _filled(words: list[str], constants: list[str]) -> str:
    return "".join(chain.from_iterable(zip(words, [*constants, ""], strict=len(words) == len(constants) + 1)))
