"""How large a query may be before the engine's parser and optimiser suffer from it.

Measured with oxigraph 0.5.13 on two cores: joining 128 triple patterns of one subject takes the optimiser 1.5
s, 150 take 2.8 s, 200 take 9 s; so do OPTIONAL, GRAPH and path steps. 1,000 UNION arms or `||` take 0.4 s,
5,000 take 13 s. Nesting costs stack, not time: a worker has stack for any query within these limits.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pactgraph.errors import QueryRefused
from pactgraph.query.tokens import NOTHING, Token
from pactgraph.query.words import LINKS

LARGEST_TEXT = 1_000_000
MOST_TOKENS = 50_000
DEEPEST = 256
MOST_JOINS = 128
MOST_LINKS = 500

_TEMPLATED = frozenset({"CONSTRUCT", "INSERT", "DELETE", "DATA"})  # what follows is filled in, not matched
_OPENING = {"{": "}", "(": ")", "[": "]", "{|": "|}"}
_CLOSING = frozenset(_OPENING.values())
_SEPARATORS = frozenset({".", ";", ","})
_OPERATORS = frozenset(["+", "-", "*", "/", "|", "^", "!", "?", "&&", "||"])  # comparisons do not chain


def too_complex(what: str) -> QueryRefused:
    """Return the error for a query beyond a limit."""
    return QueryRefused(
        f"The query is too complex: {what}; split it into smaller queries", code="query-too-complex"
    )


@dataclass(slots=True)
class _Bracket:
    """One open bracket: what it joins with its surroundings, and how long its chains are."""

    opening: str
    apart: bool = False  # a UNION arm, a sub-select, EXISTS, MINUS: optimised by itself
    counted: bool = False  # OPTIONAL or GRAPH, which is a join already
    rows: bool = False  # VALUES or a template: nothing to optimise
    joins: int = 0
    links: int = 0


@dataclass(slots=True)
class Complexity:
    """Follows the tokens of one query, counts what costs, and raises ``QueryRefused`` beyond a limit.

    A join is a triple pattern, a step of a path, a list item or a group beside others; a link is an operator,
    a UNION arm, a FILTER and the like. Both are counted per bracket; what the optimiser flattens is added up.
    """

    most_tokens: int = MOST_TOKENS
    open: list[_Bracket] = field(default_factory=lambda: [_Bracket("")])
    _tokens: int = 0
    _closed_joins: int = 0  # of the group just closed, until it is known whether UNION follows
    _values: bool = False
    _separated: bool = False  # by a full stop, a semicolon or a comma: another triple pattern may follow
    _previous: Token = NOTHING
    _before: Token = NOTHING

    def follow(self, token: Token) -> None:
        """Count one token."""
        self._tokens += 1
        if self._tokens > self.most_tokens:
            raise too_complex(f"it has more than {self.most_tokens:,} words and signs")
        self._settle_group(token)
        here = self.open[-1]
        if token.kind == "mark" and token.text in _OPENING:
            self._open(token)
        elif token.kind == "mark" and token.text in _CLOSING:
            self._close(token)
        elif not here.rows:
            self._count(here, token)
        self._values = token.keyword == "VALUES" or (self._values and token.text != "{")
        self._before, self._previous = self._previous, token

    def finish(self) -> None:
        """Check the end of the query."""
        if len(self.open) > 1:
            raise ValueError(f"{self.open[-1].opening} is not closed")

    def _settle_group(self, token: Token) -> None:
        here = self.open[-1]
        if self._closed_joins:
            self._join(here, 1 if token.keyword == "UNION" else self._closed_joins)
            self._closed_joins = 0
        if self._separated and token.text not in _CLOSING:
            self._join(here, 1)
        self._separated = (
            token.text in _SEPARATORS
            and self._previous.text != "}"
            and here.opening in {"{", "[", "{|"}
            and not here.rows
        )
        if token.keyword == "SELECT":
            here.apart = True

    def _open(self, token: Token) -> None:
        if len(self.open) > DEEPEST:
            raise too_complex(f"it nests more than {DEEPEST} brackets")
        before = self._previous.keyword
        template = before in _TEMPLATED and token.text == "{"
        rows = self.open[-1].rows or (self._values and token.text == "{") or template
        apart = before in {"UNION", "EXISTS", "MINUS"}
        counted = {before, self._before.keyword} & {"OPTIONAL", "GRAPH"} != set()
        self.open.append(_Bracket(token.text, apart=apart, counted=counted, rows=rows))

    def _close(self, token: Token) -> None:
        inner = self.open.pop()
        if _OPENING.get(inner.opening) != token.text:
            raise ValueError(f"{token.text} closes nothing")
        if inner.rows:
            return
        if inner.opening == "{":
            self._closed_joins = 0 if inner.apart else max(inner.joins, 0 if inner.counted else 1)
        else:
            self._join(self.open[-1], inner.joins + (0 if inner.opening == "(" else 1))

    def _count(self, here: _Bracket, token: Token) -> None:
        if token.keyword in LINKS or (token.kind == "mark" and token.text in _OPERATORS):
            here.links += 1
            if here.links > MOST_LINKS:
                raise too_complex(f"it chains more than {MOST_LINKS} operators, filters or alternatives")
        if token.text == "/" or token.keyword in {"OPTIONAL", "GRAPH"}:
            self._join(here, 1)
        elif (
            here.opening == "("
            and self._previous.ends_operand
            and token.ends_operand
            and token.kind != "language"
        ):
            self._join(here, 2)  # an item of a list is two triple patterns

    def _join(self, here: _Bracket, count: int) -> None:
        here.joins += count
        if here.joins > MOST_JOINS:
            raise too_complex(f"it joins more than {MOST_JOINS} triple patterns, path steps or groups")
