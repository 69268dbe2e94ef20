"""Conditions of SPARQL constraints as functions: the answers of rdflib, without its way of getting there.

Strings by code point, whole numbers, IRIs and what joins them are evaluated here, step by step as rdflib does
it (also where an error comes before a false). Every other expression is handed to rdflib itself.
"""

# ruff: noqa: ANN401 - rdflib's expressions and their values have no types

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from rdflib import RDF, XSD, Literal, URIRef, Variable
from rdflib.plugins.sparql.operators import EBV
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import SPARQLError
from rdflib.term import Node

from pactgraph.shapes.algebra import EXISTS, UNSTEADY, outermost_parts, variables_of
from pactgraph.shapes.clock import solution
from pactgraph.shapes.overlay import GraphView

Row = dict[Node, Any]
"""What is known of one solution: variables with their terms, or with a text or number that was computed."""
Evaluation = Callable[[GraphView, Row], Any]
"""Returns a term, text, number or truth value; raises SPARQLError where SPARQL has an error."""
Exists = Callable[[CompValue], Evaluation]

_ORDER: dict[str, Callable[[Any, Any], bool]] = {"<": lt, ">": gt, "<=": le, ">=": ge, "=": eq, "!=": ne}
_UNBOUND = SPARQLError("a variable that is not bound")


class NotKnownError(Exception):
    """A condition that cannot be asked: its variables may be bound elsewhere, or it is not steady."""


@dataclass(frozen=True)
class Scope:
    """What a condition sees: the variables whose value, or lack of one, is known, and what kind it is; and
    how EXISTS is evaluated."""

    known: Collection[Node]
    kinds: dict[Node, str]
    exists: Exists

    def value(self, expression: Any) -> tuple[Evaluation, str]:
        """Return an expression as a function, and the kind of its values: ``term``, ``string``, ``number`` or
        ``boolean``.

        Raises NotKnownError.
        """
        if isinstance(expression, Variable):
            return self._variable(expression), self.kinds.get(expression, "term")
        if isinstance(expression, URIRef):
            return lambda view, row: expression, "term"
        if isinstance(expression, Literal):
            return _constant(expression)
        own = _OWN.get(expression.name)
        evaluation = own(self, expression) if own else None
        return evaluation or (self._by_rdflib(expression), "term")

    def condition(self, expression: Any) -> Evaluation:
        """Return an expression as a function that gives its effective boolean value (SPARQL 1.1, 17.2.2).

        Raises NotKnownError.
        """
        evaluate, kind = self.value(expression)
        if kind == "boolean":
            return evaluate
        if kind == "term":
            return lambda view, row: EBV(evaluate(view, row))
        return lambda view, row: bool(evaluate(view, row))

    def of_kind(self, expression: Any, *kinds: str) -> Evaluation | None:
        """Return an expression as a function if its values are of one of these kinds."""
        evaluate, kind = self.value(expression)
        return evaluate if kind in kinds else None

    def _variable(self, variable: Variable) -> Evaluation:
        if variable not in self.known:
            raise NotKnownError(f"?{variable}")

        def evaluate(view: GraphView, row: Row) -> Any:
            found = row.get(variable)
            if found is None:
                raise _UNBOUND
            return found

        return evaluate

    def _by_rdflib(self, expression: CompValue) -> Evaluation:
        inner = list(outermost_parts(expression))
        if any(part.name in EXISTS | UNSTEADY or part.name == "Function" for part in inner):
            raise NotKnownError(expression.name)
        unknown = variables_of(expression) - set(self.known)
        if unknown:
            raise NotKnownError(str(unknown))
        names = variables_of(expression)

        def evaluate(view: GraphView, row: Row) -> Any:
            bound = {name: _term(row[name]) for name in names if name in row}
            found = expression.eval(solution(view, bound, view.now))
            if isinstance(found, SPARQLError):
                raise found
            return found

        return evaluate


def _term(value: Any) -> Node:
    return value if isinstance(value, Node) else Literal(value)


def _constant(literal: Literal) -> tuple[Evaluation, str]:
    if literal.language is None and literal.datatype is None:
        text = str(literal)
        return lambda view, row: text, "string"
    if literal.datatype == XSD.integer and type(literal.value) is int:
        number = literal.value
        return lambda view, row: number, "number"
    return lambda view, row: literal, "term"


Found = tuple[Evaluation, str] | None


def _str(scope: Scope, part: CompValue) -> Found:
    evaluate, kind = scope.value(part.arg)
    if kind == "string":
        return evaluate, "string"
    return (lambda view, row: str(evaluate(view, row)), "string") if kind == "term" else None


def _lang(scope: Scope, part: CompValue) -> Found:
    evaluate = scope.of_kind(part.arg, "term")

    def language(view: GraphView, row: Row) -> str:
        term = evaluate(view, row) if evaluate else None
        if not isinstance(term, Literal):
            raise SPARQLError("LANG of what is not a literal")
        return str(term.language or "")

    return (language, "string") if evaluate else None


def _strlen(scope: Scope, part: CompValue) -> Found:
    text = scope.of_kind(part.arg, "string")
    return (lambda view, row: len(text(view, row)), "number") if text else None


def _substr(scope: Scope, part: CompValue) -> Found:
    text, start = scope.of_kind(part.arg, "string"), scope.of_kind(part.start, "number")
    length = scope.of_kind(part.length, "number") if part.length is not None else None
    if text is None or start is None or (part.length is not None and length is None):
        return None

    def evaluate(view: GraphView, row: Row) -> str:  # as rdflib slices
        begin = start(view, row) - 1
        end = None if length is None else begin + length(view, row)
        found: str = text(view, row)[begin:end]
        return found

    return evaluate, "string"


def _strstarts(scope: Scope, part: CompValue) -> Found:
    text, start = scope.of_kind(part.arg1, "string"), scope.of_kind(part.arg2, "string")
    if text is None or start is None:
        return None
    return lambda view, row: text(view, row).startswith(start(view, row)), "boolean"


def _if(scope: Scope, part: CompValue) -> Found:
    condition = scope.condition(part.arg1)
    (first, kind), (second, other) = scope.value(part.arg2), scope.value(part.arg3)
    if kind != other:
        return None
    return lambda view, row: (first if condition(view, row) else second)(view, row), kind


def _not(scope: Scope, part: CompValue) -> Found:
    condition = scope.condition(part.expr)
    return lambda view, row: not condition(view, row), "boolean"


def _and(scope: Scope, part: CompValue) -> Found:
    each = _operands(scope, part)
    return lambda view, row: all(condition(view, row) for condition in each), "boolean"


def _or(scope: Scope, part: CompValue) -> Found:
    each = _operands(scope, part)

    def evaluate(view: GraphView, row: Row) -> bool:
        error = None
        for condition in each:
            try:
                if condition(view, row):
                    return True
            except SPARQLError as fault:
                error = fault
        if error is not None:
            raise error
        return False

    return evaluate, "boolean"


def _operands(scope: Scope, part: CompValue) -> list[Evaluation]:
    """Return the operands; rdflib looks at all variables among them before the first is asked."""
    operands = [part.expr, *part.other]
    if any(isinstance(each, Variable) for each in operands):
        raise NotKnownError("a variable for a condition")
    return [scope.condition(each) for each in operands]


def _relation(scope: Scope, part: CompValue) -> Found:
    if part.op in {"IN", "NOT IN"}:
        return _one_of(scope, part)
    compare = _ORDER[part.op]
    (left, kind), (right, other) = scope.value(part.expr), scope.value(part.other)
    if kind == other and kind in {"string", "number"}:
        return lambda view, row: compare(left(view, row), right(view, row)), "boolean"
    if kind != "term" or other != "term" or part.op not in {"=", "!="}:
        return None
    by_rdflib = scope._by_rdflib(part)

    def evaluate(view: GraphView, row: Row) -> bool:
        one, two = left(view, row), right(view, row)
        if isinstance(one, URIRef) and isinstance(two, URIRef):
            return compare(one, two)
        return EBV(by_rdflib(view, row))

    return evaluate, "boolean"


def _one_of(scope: Scope, part: CompValue) -> Found:
    listed = part.other if isinstance(part.other, list) else [part.other]
    if RDF.nil in listed or not all(isinstance(each, URIRef) for each in listed):
        return None
    # rdflib takes an error of an expression here for a term that is not in the list
    sought = scope.of_kind(part.expr, "term") if isinstance(part.expr, Variable) else None
    if sought is None:
        return None
    members, inside = frozenset(listed), part.op == "IN"
    return lambda view, row: (sought(view, row) in members) == inside, "boolean"


def _exists(scope: Scope, part: CompValue) -> Found:
    evaluate, wanted = scope.exists(part), part.name == "Builtin_EXISTS"
    return lambda view, row: evaluate(view, row) == wanted, "boolean"


_OWN: dict[str, Callable[[Scope, CompValue], Found]] = {
    "Builtin_STR": _str,
    "Builtin_LANG": _lang,
    "Builtin_STRLEN": _strlen,
    "Builtin_SUBSTR": _substr,
    "Builtin_STRSTARTS": _strstarts,
    "Builtin_IF": _if,
    "Builtin_EXISTS": _exists,
    "Builtin_NOTEXISTS": _exists,
    "UnaryNot": _not,
    "ConditionalAndExpression": _and,
    "ConditionalOrExpression": _or,
    "RelationalExpression": _relation,
}
