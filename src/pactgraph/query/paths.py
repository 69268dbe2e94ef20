"""Repetitions of repetitions in property paths, written as one: ``((p*)+)*`` is ``p*``.

A path that repeats gives each pair of nodes once (SPARQL 1.1 Query §18.4, ALP), so repeating it again adds
nothing. The engine evaluates each level at every node, which takes the longer by the number of nodes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pactgraph.query.tokens import Token

REPEATED_TWICE = re.compile(r"[*+?]\s*\)\s*[*+?]")
_REPEATS = frozenset({"*", "+", "?"})


def repetitions(tokens: list[Token], closing: dict[int, int]) -> Iterator[tuple[Token, str]]:
    """Yield the tokens of nested repetitions that something else, often nothing, takes the place of."""
    inner: set[int] = set()
    for number in sorted(closing):
        if number in inner:
            continue
        levels = list(_levels(tokens, closing, number))
        if len(levels) < 2:
            continue
        inner.update(levels[1:])
        modifiers = [tokens[closing[level] + 1].text for level in levels[:-1]]
        last = _end(tokens, closing, levels[-1])
        modifiers.append(tokens[last + 1].text)
        yield from ((tokens[level], "") for level in levels[:-1])
        written = modifiers[0] if len(set(modifiers)) == 1 else "*"
        yield tokens[last + 1], written
        yield from ((tokens[place], "") for place in range(last + 2, closing[number] + 2))


def _levels(tokens: list[Token], closing: dict[int, int], number: int) -> Iterator[int]:
    """Yield where the groups begin that are all there is in each other, each repeated; last may be a name."""
    while _is_repeated(tokens, end := _end(tokens, closing, number)):
        yield number
        if number not in closing:
            return
        number += 1
        if _end(tokens, closing, number) != end - 2:
            return


def _end(tokens: list[Token], closing: dict[int, int], number: int) -> int:
    """Return where a group or a name ends; of anything else, nowhere."""
    if number in closing:
        return closing[number]
    token = tokens[number] if number < len(tokens) else None
    named = token is not None and (token.kind in {"iri", "name"} or token.text == "a")
    return number if named else len(tokens)


def _is_repeated(tokens: list[Token], end: int) -> bool:
    return end + 1 < len(tokens) and tokens[end + 1].text in _REPEATS
