"""Content negotiation by the ``Accept`` header: RFC 9110 §12.5.1.

A media type takes its quality from the *most specific* range that matches it. The highest quality wins; among
equals the one that was asked for more specifically, then the server's own order. The order within the header
means nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105 - RFC 9110's word for a name, not a secret
_TYPE = re.compile(rf"({_TOKEN})/({_TOKEN})")
_PARAMETER = re.compile(rf'({_TOKEN})=({_TOKEN}|"(?:[^"\\]|\\.)*")')
_WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
# An unterminated quoted string runs to the end; with possessive repeats every header takes linear time.
_QUOTED = r'"(?:[^"\\]|\\.)*+(?:"|\\?$)'
_BETWEEN_COMMAS = re.compile(rf'(?:[^,"]|{_QUOTED})++')
_BETWEEN_SEMICOLONS = re.compile(rf'(?:[^;"]|{_QUOTED})++')

# ``profile`` asks for a flavour of JSON-LD that a server is free not to have (JSON-LD 1.1 §7).
_PREFERENCES_ONLY = {"profile"}


@dataclass(frozen=True)
class MediaRange:
    """One element of an ``Accept`` header; ``weight`` counts thousandths."""

    type: str
    subtype: str
    parameters: frozenset[tuple[str, str]] = frozenset()
    weight: int = 1000

    @property
    def specificity(self) -> tuple[bool, bool, int]:
        """Sort key: ``*/*`` is lowest, a type with parameters highest."""
        return (self.type != "*", self.subtype != "*", len(self.parameters))

    def includes(self, offer: MediaRange) -> bool:
        """Say whether the offered media type lies within this range."""
        return (
            self.type in ("*", offer.type)
            and self.subtype in ("*", offer.subtype)
            and self.parameters <= offer.parameters
        )


def parse_accept(header: str) -> list[MediaRange]:
    """Read the ranges of an ``Accept`` header; elements that break the grammar are passed over.

    >>> parse_accept("text/turtle, */*;q=0.5")[1].weight
    500
    """
    elements = (_parse_range(element) for element in _BETWEEN_COMMAS.findall(header))
    return [element for element in elements if element is not None]


def preferred(accept: str | None, offers: Sequence[str]) -> str | None:
    """Return the best of the offered media types (best first on a tie), or None when none is acceptable.

    Without an ``Accept`` header, or with one that holds nothing readable, everything is acceptable.

    >>> preferred("text/*;q=0.3, text/turtle;q=0.2", ["text/turtle", "text/csv"])
    'text/csv'
    """
    ranges = parse_accept(accept or "") or [MediaRange("*", "*")]
    best: tuple[int, tuple[bool, bool, int]] | None = None
    chosen = None
    for offer in offers:
        rank = _rank(offer, ranges)
        if rank is not None and rank[0] > 0 and (best is None or rank > best):
            best, chosen = rank, offer
    return chosen


def _rank(offer: str, ranges: list[MediaRange]) -> tuple[int, tuple[bool, bool, int]] | None:
    offered = _parse_range(offer)
    if offered is None:
        raise ValueError(f"not a media type: {offer!r}")
    matching = [each for each in ranges if each.includes(offered)]
    if not matching:
        return None
    closest = max(matching, key=lambda each: (each.specificity, each.weight))
    return closest.weight, closest.specificity


def _parse_range(element: str) -> MediaRange | None:
    parts = [part.strip(" \t") for part in _BETWEEN_SEMICOLONS.findall(element)]
    name = _TYPE.fullmatch(parts[0].lower()) if parts else None
    if name is None or (name[1] == "*" and name[2] != "*"):
        return None
    parameters: set[tuple[str, str]] = set()
    for part in filter(None, parts[1:]):
        parameter = _PARAMETER.fullmatch(part)
        if parameter is None:
            return None
        key, value = parameter[1].lower(), _unquote(parameter[2])
        if key == "q":  # what follows the weight is no part of the range (RFC 9110 §12.5.1)
            return _weighted(name[1], name[2], parameters, value)
        if key not in _PREFERENCES_ONLY and (key, value.lower()) != ("charset", "utf-8"):
            parameters.add((key, value))
    return MediaRange(name[1], name[2], frozenset(parameters))


def _weighted(kind: str, subtype: str, parameters: set[tuple[str, str]], weight: str) -> MediaRange | None:
    if _WEIGHT.fullmatch(weight) is None:
        return None
    return MediaRange(kind, subtype, frozenset(parameters), round(float(weight) * 1000))


def _unquote(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
