"""SPARQL expressions that rdflib and Oxigraph evaluate alike, written as text.

Both agree on strings by code point, whole numbers, IRIs and the kind of a term. Everything else (dates,
decimals, regular expressions, equality of literals of any datatype, language-tagged arguments) is refused.
"""

# ruff: noqa: ANN401 - rdflib and pySHACL pass terms, parts of queries and options without types

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rdflib import XSD, Literal, URIRef, Variable
from rdflib.plugins.sparql.parserutils import CompValue

from pactgraph.shapes.sparql_lookups import EXISTS

Kinds = dict[Any, str]
"""What is known of each variable that is sure to be bound: ``term``, ``string``, ``number`` or
``boolean``."""
Exists = Callable[[CompValue, Kinds], str]
Written = tuple[str, str]

_STRING_TESTS = {
    "Builtin_CONTAINS": "CONTAINS",
    "Builtin_STRSTARTS": "STRSTARTS",
    "Builtin_STRENDS": "STRENDS",
}
_TERM_TESTS = {
    "Builtin_isIRI": "isIRI",
    "Builtin_isURI": "isIRI",
    "Builtin_isBLANK": "isBlank",
    "Builtin_isLITERAL": "isLiteral",
}
_ORDER = {"<", ">", "<=", ">="}


class NotSameError(Exception):
    """An expression that the two engines may evaluate differently."""


def expression_text(expression: Any, sure: Kinds, exists: Exists) -> Written:
    """Return the text of an expression and its kind; ``exists`` writes the EXISTS in it.

    Raises NotSameError for an expression that is not known to mean the same in both engines.
    """
    if isinstance(expression, Variable):
        if expression not in sure:
            raise NotSameError(f"?{expression} may be unbound")
        return f"?{expression}", sure[expression]
    if isinstance(expression, URIRef):
        return expression.n3(), "iri"
    if isinstance(expression, Literal):
        return _literal(expression)
    if not isinstance(expression, CompValue):
        raise NotSameError(str(expression))
    return _Writer(sure, exists).write(expression)


def _literal(literal: Literal) -> Written:
    if literal.language is None and literal.datatype in {None, XSD.string}:
        return Literal(str(literal)).n3(), "string"
    if literal.datatype == XSD.integer and isinstance(literal.value, int):
        return str(literal.value), "number"
    if literal.datatype == XSD.boolean:
        return str(literal), "boolean"
    raise NotSameError(literal.n3())


class _Writer:
    def __init__(self, sure: Kinds, exists: Exists) -> None:
        self._sure, self._exists = sure, exists

    def write(self, part: CompValue) -> Written:
        name = part.name
        if name in _STRING_TESTS:
            return (
                f"{_STRING_TESTS[name]}({self._of(part.arg1, 'string')}, {self._of(part.arg2, 'string')})",
                "boolean",
            )
        if name in _TERM_TESTS:
            return f"{_TERM_TESTS[name]}({self._of(part.arg, 'term')})", "boolean"
        if name in EXISTS:
            negation = "NOT " if name == "Builtin_NOTEXISTS" else ""
            return f"{negation}{self._exists(part, self._sure)}", "boolean"
        writer = getattr(self, f"_{name.removeprefix('Builtin_').lower()}", None)
        if writer is None:
            raise NotSameError(name)
        written: Written = writer(part)
        return written

    def _any(self, part: Any) -> Written:
        return expression_text(part, self._sure, self._exists)

    def _of(self, part: Any, *kinds: str) -> str:
        text, kind = self._any(part)
        if kind not in kinds:
            raise NotSameError(f"{text} is not a {kinds[0]}")
        return text

    def _str(self, part: CompValue) -> Written:
        return f"STR({self._of(part.arg, 'term', 'iri', 'string')})", "string"

    def _lang(self, part: CompValue) -> Written:
        return f"LANG({self._of(part.arg, 'term')})", "string"

    def _strlen(self, part: CompValue) -> Written:
        return f"STRLEN({self._of(part.arg, 'string')})", "number"

    def _substr(self, part: CompValue) -> Written:
        given = [self._of(part.arg, "string"), self._of(part.start, "number")]
        if part.length is not None:
            given.append(self._of(part.length, "number"))
        return f"SUBSTR({', '.join(given)})", "string"

    def _if(self, part: CompValue) -> Written:
        first, second = self._any(part.arg2), self._any(part.arg3)
        if first[1] != second[1]:
            raise NotSameError("IF of two kinds")
        return f"IF({self._of(part.arg1, 'boolean')}, {first[0]}, {second[0]})", first[1]

    def _bound(self, part: CompValue) -> Written:
        return f"BOUND({self._of(part.arg, 'term', 'string', 'number', 'boolean')})", "boolean"

    def _sameterm(self, part: CompValue) -> Written:
        return (
            f"sameTerm({self._of(part.arg1, 'term', 'iri')}, {self._of(part.arg2, 'term', 'iri')})",
            "boolean",
        )

    def _unarynot(self, part: CompValue) -> Written:
        return f"(!({self._of(part.expr, 'boolean')}))", "boolean"

    def _conditionalandexpression(self, part: CompValue) -> Written:
        return self._several(part, " && ")

    def _conditionalorexpression(self, part: CompValue) -> Written:
        return self._several(part, " || ")

    def _several(self, part: CompValue, operator: str) -> Written:
        return f"({operator.join(self._of(each, 'boolean') for each in (part.expr, *part.other))})", "boolean"

    def _relationalexpression(self, part: CompValue) -> Written:
        if part.op in {"IN", "NOT IN"}:
            return self._one_of(part)
        (left, kind), (right, other) = self._any(part.expr), self._any(part.other)
        alike = kind == other and kind in {"string", "number"}
        equality = part.op in {"=", "!="} and "iri" in {kind, other} and {kind, other} <= {"iri", "term"}
        if not (equality or (alike and part.op in {*_ORDER, "=", "!="})):
            raise NotSameError(f"{left} {part.op} {right}")
        return f"({left} {part.op} {right})", "boolean"

    def _one_of(self, part: CompValue) -> Written:
        members = [part.other] if not isinstance(part.other, list) else part.other
        listed = ", ".join(self._of(member, "iri") for member in members)
        return f"({self._of(part.expr, 'term', 'iri')} {part.op} ({listed}))", "boolean"
