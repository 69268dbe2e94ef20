"""A query in the engine's dialect: what the engine reads otherwise than SPARQL, written so that it does not.

- ``TRUE`` in capitals (§19.8: keywords have no case) is ``true``.
- ``GROUP_CONCAT`` gives a string without a language (§18.5.1.7), so ``STR`` goes around it.
- The result of an aggregate may be named in later expressions of the same SELECT (§18.2.4.4): there, the
  expression itself takes the place of its name.
- ``((p*)+)*`` is ``p*``; see ``paths``.

Whatever else there is stays letter by letter as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pactgraph.query.limits import too_complex
from pactgraph.query.paths import REPEATED_TWICE, repetitions
from pactgraph.query.tokens import Token, scan
from pactgraph.query.words import AGGREGATES

# A cheap look that spares most queries the rest.
_SPELT_OTHERWISE = re.compile(r"\b(?:TRUE|FALSE|GROUP_CONCAT)\b", re.IGNORECASE)
_NAMING = re.compile(r"\bAS\b", re.IGNORECASE)
_SUSPECT = ("TRUE", "FALSE", "GROUP_CONCAT", "AS")
_LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class _Edit:
    """A part of the text, from ``start`` up to ``end``, and what takes its place."""

    start: int
    end: int
    text: str


def in_dialect(text: str) -> str:
    """Return the same query as the engine understands it; raises ``SyntaxFault`` as ``scan`` does.

    Raises ``QueryRefused`` (``query-too-complex``) for results of aggregates that are named so often that the
    text would swell.

    >>> in_dialect("SELECT (COUNT(*) AS ?n) (?n + 1 AS ?m) { FILTER(TRUE) }")
    'SELECT (COUNT(*) AS ?n) ((COUNT(*)) + 1 AS ?m) { FILTER(true) }'
    """
    if len(text) > _LONGEST or not _is_suspect(text):
        return text
    if _SPELT_OTHERWISE.search(text):
        text = _edited(text, sorted(_spelling(list(scan(text))), key=lambda edit: edit.start))
    if REPEATED_TWICE.search(text):
        tokens = list(scan(text))
        replaced = repetitions(tokens, _closing(tokens))
        edits = [_Edit(token.start, token.start + len(token.text), new) for token, new in replaced]
        text = _edited(text, sorted(edits, key=lambda edit: edit.start))
    if len(_NAMING.findall(text)) > 1:
        text = _edited(text, list(_reuses(text, list(scan(text)))))
    return text


def _is_suspect(text: str) -> bool:
    """Say whether the text has letters at least of what may have to be written otherwise."""
    capitals = text.upper()
    return any(word in capitals for word in _SUSPECT) or (")" in text and bool(REPEATED_TWICE.search(text)))


def _spelling(tokens: list[Token]) -> Iterator[_Edit]:
    closing = _closing(tokens)
    for number, token in enumerate(tokens):
        if token.keyword in {"TRUE", "FALSE"} and token.text != token.text.lower():
            yield _Edit(token.start, token.start + len(token.text), token.text.lower())
        elif token.keyword == "GROUP_CONCAT" and number + 1 in closing:
            yield _Edit(token.start, token.start, "STR(")
            end = tokens[closing[number + 1]].start + 1
            yield _Edit(end, end, ")")


def _reuses(text: str, tokens: list[Token]) -> Iterator[_Edit]:
    """Put the expressions with aggregates of each SELECT in the places of their names."""
    closing = _closing(tokens)
    for number, token in enumerate(tokens):
        if token.keyword == "SELECT":
            yield from _reuses_of(text, tokens, closing, number)


def _reuses_of(text: str, tokens: list[Token], closing: dict[int, int], select: int) -> Iterator[_Edit]:
    known: dict[str, str] = {}
    for first, last in _expressions(tokens, closing, select):
        name = tokens[last - 1].text[1:]
        edits = list(_uses(tokens, closing, range(first + 1, last - 2), known))
        yield from edits
        if any(token.keyword in AGGREGATES for token in tokens[first + 1 : last - 2]) or edits:
            start, end = tokens[first].start + 1, tokens[last - 2].start
            shifted = [_Edit(edit.start - start, edit.end - start, edit.text) for edit in edits]
            known[name] = f"({_edited(text[start:end], shifted).strip()})"


def _expressions(tokens: list[Token], closing: dict[int, int], select: int) -> Iterator[tuple[int, int]]:
    """Yield where each ``(expression AS ?name)`` of a SELECT clause opens and closes."""
    number = select + 1
    while number < len(tokens) and _is_selected(tokens[number]):
        last = closing.get(number)
        if last is not None:
            named = last > number + 3 and tokens[last - 1].kind == "variable"
            if named and tokens[last - 2].keyword == "AS":
                yield number, last
            number = last
        number += 1


def _is_selected(token: Token) -> bool:
    return token.kind == "variable" or token.text in {"(", "*"} or token.keyword in {"DISTINCT", "REDUCED"}


def _uses(
    tokens: list[Token], closing: dict[int, int], within: range, known: dict[str, str]
) -> Iterator[_Edit]:
    """Yield the replacement of each known name, but for those in an aggregate: they mean the pattern."""
    number = within.start
    while number < within.stop:
        token = tokens[number]
        if token.keyword in AGGREGATES and number + 1 in closing:
            number = closing[number + 1]
        elif token.kind == "variable" and token.text[1:] in known:
            yield _Edit(token.start, token.start + len(token.text), known[token.text[1:]])
        number += 1


def _closing(tokens: list[Token]) -> dict[int, int]:
    """Return, for the number of each opening round bracket, that of the one that closes it."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for number, token in enumerate(tokens):
        if token.text == "(" and token.kind == "mark":
            opened.append(number)
        elif token.text == ")" and token.kind == "mark" and opened:
            found[opened.pop()] = number
    return found


def _edited(text: str, edits: list[_Edit]) -> str:
    if sum(len(edit.text) for edit in edits) > _LONGEST:
        raise too_complex("the results of its aggregates are named in each other too often")
    parts: list[str] = []
    position = 0
    for edit in edits:
        parts += (text[position : edit.start], edit.text)
        position = edit.end
    return "".join(parts) + text[position:]
