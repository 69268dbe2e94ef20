"""What the grammar of SPARQL forbids and the engine lets pass; followed token by token."""

from __future__ import annotations

from dataclasses import dataclass, field

from pactgraph.query.tokens import NOTHING, Token
from pactgraph.query.words import AGGREGATES

_OPENING = frozenset({"{", "(", "["})
_CLOSING = frozenset({"}", ")", "]"})
_AGGREGATE = "aggregate"
_TRIPLE_TERM = "<<("


@dataclass(slots=True)
class Strictness:
    """Raises ``ValueError`` at a token that the specification does not let stand where it stands."""

    _open: list[str] = field(default_factory=list)
    _last: tuple[Token, Token, Token] = (NOTHING, NOTHING, NOTHING)

    def follow(self, token: Token) -> None:
        """Look at the next token."""
        if token.kind == "mark":
            self._nest(token)
        if self._last[2].text == "(" and self._is_subject_in_expression():
            if token.kind in {"string", "number"} or token.keyword in {"TRUE", "FALSE"}:
                raise ValueError("here a literal cannot be the subject of a triple term; name what it is of")
            if token.text == "<":
                raise ValueError(
                    "here a triple term cannot be the subject of another; name it with BIND before"
                )
        self._last = (*self._last[1:], token)

    def _nest(self, token: Token) -> None:
        if token.text in _CLOSING and self._open:
            self._open.pop()
        elif token.text in _OPENING:
            aggregates = token.text == "(" and self._last[2].keyword in AGGREGATES
            if aggregates and self._is_in_aggregate():
                raise ValueError(
                    "an aggregate stands inside of another; compute the inner one in a sub-select"
                )
            term = token.text == "(" and self._follows_double_angle(token)
            self._open.append(_AGGREGATE if aggregates else _TRIPLE_TERM if term else token.text)

    def _is_in_aggregate(self) -> bool:
        """Whether an aggregate is open, and no group of patterns inside of it (§11.2)."""
        for opened in reversed(self._open):
            if opened in {_AGGREGATE, "{"}:
                return opened == _AGGREGATE
        return False

    def _is_subject_in_expression(self) -> bool:
        """Whether a triple term has just been opened that is a value (rule ExprTripleTerm), not a pattern."""
        if not self._open or self._open[-1] != _TRIPLE_TERM:
            return False
        around = next((each for each in reversed(self._open) if each != _TRIPLE_TERM), "")
        return around in {"(", _AGGREGATE}

    def _follows_double_angle(self, token: Token) -> bool:
        """Whether ``<<`` stands right before, without space."""
        _, first, second = self._last
        return first.text == second.text == "<" and token.start - 2 == second.start - 1 == first.start
