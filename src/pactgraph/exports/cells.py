"""RDF terms as cells: their text, and the kind that a whole column has."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from decimal import Decimal, InvalidOperation
from typing import Any

import pyoxigraph as ox

from pactgraph.exports.network import Kind
from pactgraph.vocab import XSD

LONE_SURROGATES = "lone surrogates replaced by U+FFFD"
LANGUAGE_TAGS = "language tags left out"
MIXED = "columns of mixed types written as text"
_LARGEST = 2**63
_EXACT = 2**53

_WHOLE = (
    "integer int long short byte nonNegativeInteger positiveInteger nonPositiveInteger negativeInteger "
    "unsignedInt unsignedLong unsignedShort unsignedByte"
)
_KINDS: dict[str, Kind] = {
    **{XSD + name: "integer" for name in _WHOLE.split()},
    **{XSD + name: "double" for name in ("decimal", "double", "float")},
    XSD + "boolean": "boolean",
    **{XSD + name: "date" for name in ("date", "gYearMonth", "gYear", "dateTime")},
}
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


def text_of(term: Any) -> str:  # noqa: ANN401 — any term of the engine
    """Return the text of a term: the IRI, the value of a literal, or N-Triples for a triple term."""
    return term.value if isinstance(term, (ox.NamedNode, ox.Literal)) else str(term)


def kind_of(term: Any) -> str:  # noqa: ANN401 — any term of the engine
    """Return the kind of one term: a ``Kind``, or ``large`` for a whole number that doubles cannot hold.

    >>> kind_of(ox.Literal(5)), kind_of(ox.Literal("0.1", datatype=ox.NamedNode(XSD + "decimal")))
    ('integer', 'double')
    """
    if not isinstance(term, ox.Literal):
        return "text"
    kind = _KINDS.get(term.datatype.value, "text")
    if kind in {"integer", "double"}:
        return _number_kind(term.value, kind)
    if kind == "boolean" and term.value not in {"true", "false"}:
        return "text"
    return kind


def _number_kind(text: str, kind: Kind) -> str:
    if _NUMBER.fullmatch(text) is None:
        return "text"  # INF, NaN, or not a number after all: most formats have no such number
    if kind == "integer":
        number = int(text)
        return (
            "large"
            if abs(number) > _EXACT and abs(number) < _LARGEST
            else "integer"
            if abs(number) < _LARGEST
            else "text"
        )
    return "double" if is_exact(text) else "text"


def is_exact(text: str) -> bool:
    """Whether a double that is printed and read again is this very number.

    >>> is_exact("0.1"), is_exact("0.12345678901234567890")
    (True, False)
    """
    try:
        number = float(text)
        return math.isfinite(number) and Decimal(repr(number)) == Decimal(text)
    except (InvalidOperation, ValueError):
        return False


def column_kind(kinds: Collection[str]) -> Kind:
    """Return the kind of a column that holds values of these kinds.

    >>> column_kind({"integer", "double"}), column_kind({"integer", "date"}), column_kind({"large", "double"})
    ('double', 'text', 'text')
    """
    seen = set(kinds)
    if seen <= {"integer", "large"} and seen:
        return "integer"
    if seen == {"integer", "double"}:
        return "double"
    only: Any = next(iter(seen), "text")
    return only if len(seen) == 1 else "text"


def text_kind(text: str) -> str:
    """Return the kind of a value of which only the text is known."""
    if _NUMBER.fullmatch(text) is None:
        return "text"
    return _number_kind(text, "integer" if text.lstrip("+-").isdigit() else "double")


def without_surrogates(text: str) -> tuple[str, int]:
    """Return the text with U+FFFD for each lone surrogate, which no encoding has, and their number."""
    try:
        text.encode()
    except UnicodeEncodeError:
        cleaned = re.sub("[\ud800-\udfff]", "�", text)
        return cleaned, sum(1 for character in text if "\ud800" <= character <= "\udfff")
    return text, 0
