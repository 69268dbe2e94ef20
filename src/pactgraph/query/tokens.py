"""The terminals of SPARQL (SPARQL 1.1 Query §19.8, with those of 1.2), as the engine reads them.

The engine has no lexer of its own: its grammar tries alternatives letter by letter. It therefore accepts text
that a lexer by the specification reads in another way: ``SERVICEx:y`` is for it the keyword ``SERVICE`` and
the name ``x:y``, a long string with a wrong escape becomes two short ones, and ``?a<?b#>`` a comparison and a
comment. Wherever the two readings could part, this scanner refuses the query instead of guessing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pactgraph.errors import SyntaxFault

_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = f"{_BASE}_0-9\u00b7\u0300-\u036f\u203f-\u2040"
_UCHAR = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_ESCAPE = rf"\\[tbnrf\"'\\]|{_UCHAR}"
_PLX = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
_LOCAL = rf"(?:[{_NAME}:-]++|{_PLX})"

# Every repetition that may fail after a long run is possessive or bounded, so that scanning takes linear
# time.
_TERMINALS = re.compile(
    rf"""
      (?P<space>[ \t\r\n]++)
    | (?P<comment>\#[^\r\n]*+)
    | (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]|{_UCHAR})*+>)
    | (?P<string>\"\"\"(?:[^"\\]++|{_ESCAPE}|"{{1,2}}(?!"))*+\"\"\"
        | '''(?:[^'\\]++|{_ESCAPE}|'{{1,2}}(?!'))*+'''
        | "(?:[^"\\\r\n]++|{_ESCAPE})*+" | '(?:[^'\\\r\n]++|{_ESCAPE})*+')
    | (?P<variable>[?$][{_BASE}_0-9][{_NAME}]*+)
    | (?P<language>@[A-Za-z]++(?:-[A-Za-z0-9]++)*+(?:--(?:ltr|rtl))?)
    | (?P<blank>_:[{_BASE}_0-9][{_NAME}-]*+(?:\.++[{_NAME}-]++)*+)
    | (?P<number>(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?)
    | (?P<name>(?:[{_BASE}](?=[{_NAME}.-]{{0,254}}:)[{_NAME}-]*+(?:\.++[{_NAME}-]++)*+)?:
        (?:(?:[{_BASE}_0-9:]|{_PLX}){_LOCAL}*+(?:\.++{_LOCAL}++)*+)?)
    | (?P<word>[A-Za-z][A-Za-z0-9_]*+)
    | (?P<mark>\^\^|&&|\|\||!=|\{{\||\|\}}|[{{}}()\[\].,;*/|^?+!=<>~-])
    """,
    re.VERBOSE,
)
_CODE_POINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_HIERARCHICAL = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*://")
_OPERANDS = frozenset({"iri", "string", "variable", "language", "blank", "number", "name"})


@dataclass(frozen=True, slots=True)
class Token:
    """One terminal: its kind (the group names above), its text and where it starts."""

    kind: str
    text: str
    start: int

    @property
    def keyword(self) -> str:
        """The keyword in capitals, or nothing when this is no bare word."""
        return self.text.upper() if self.kind == "word" else ""

    @property
    def ends_operand(self) -> bool:
        """Whether a value ends here, so that ``<`` after it may be a comparison."""
        return self.kind in _OPERANDS or self.text in {")", "]"} or self.keyword in {"TRUE", "FALSE"}


NOTHING = Token("mark", "", 0)
"""What stands before the first token."""


def fault_at(text: str, offset: int, message: str) -> SyntaxFault:
    """Return the error for this place in a query; line and column count from 1."""
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return SyntaxFault(
        f"The query does not parse at line {line}, column {column}: {message}",
        line=line,
        column=column,
        code="query-syntax",
    )


def scan(text: str) -> Iterator[Token]:
    """Yield the tokens of a query without white space and comments.

    Raises ``SyntaxFault`` at the first place that is no SPARQL terminal, or that the engine could read in
    another way.
    """
    position = 0
    while position < len(text):
        match = _TERMINALS.match(text, position)
        if match is None or match.lastgroup is None:
            raise fault_at(text, position, _unreadable(text, position))
        position = match.end()
        if match.lastgroup in {"space", "comment"}:
            continue
        token = Token(match.lastgroup, match.group(), match.start())
        _check_escapes(text, token)
        if token.text in {'""', "''"} and text.startswith(token.text[0], position):
            raise fault_at(text, token.start, "a long string is not closed")
        yield token


def _unreadable(text: str, position: int) -> str:
    character = text[position]
    if character in "\"'":
        return "a string is not closed, or has an escape that SPARQL does not know"
    if character == "\\":
        return "an escape stands outside of a string and of an IRI"
    return f"the character {character!r} means nothing here"


def _check_escapes(text: str, token: Token) -> None:
    """Refuse code points that do not exist: the engine would then look for another reading of the string."""
    if "\\" not in token.text or token.kind not in {"string", "iri"}:
        return
    for short, long in _CODE_POINT.findall(token.text):
        point = int(short or long, 16)
        if 0xD800 <= point <= 0xDFFF or point > 0x10FFFF:
            raise fault_at(text, token.start, f"U+{point:04X} is not a character")


def is_ambiguous(token: Token, previous: Token, *, bracketed: bool) -> bool:
    """Whether the engine may read ``<…>`` otherwise: ``(?a <?b)#>`` as a comparison and a comment, also after
    ``<<``, and ``(?a<?b&&?c>?d)`` as two comparisons.

    ``bracketed`` says whether it stands directly in round brackets, the only place for comparisons. An IRI
    that starts with ``scheme://`` is never an expression, so it is always clear.
    """
    if token.kind != "iri" or _HIERARCHICAL.match(token.text):
        return False
    if "#" not in token.text:
        return bracketed and previous.ends_operand and "&&" in token.text
    return (bracketed and previous.ends_operand) or (
        previous.text == "<" and previous.start + 1 == token.start
    )
