"""What may run at all: reads the tokens of a query; refuses what reaches out, writes or is out of proportion.

The engine has no switch for SERVICE and LOAD, no limit on nesting, and its optimiser no time limit; so the
query is read before a worker gets it. This is a scanner, not a copy of the grammar: what is merely wrong, the
engine reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from pactgraph.errors import InputError, QueryRefused, SyntaxFault
from pactgraph.query.limits import LARGEST_TEXT, Complexity, too_complex
from pactgraph.query.tokens import NOTHING, Token, fault_at, is_ambiguous, scan
from pactgraph.query.words import FORMS, KNOWN, UPDATES
from pactgraph.terms import resolve_iri

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
_LOCAL_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Outline:
    """What the guard learnt: query form and graphs of the dataset clauses (SPARQL 1.1 Query §13.2)."""

    form: Form
    from_graphs: tuple[str, ...]
    from_named: tuple[str, ...]


def inspect(text: str, prefixes: Mapping[str, str] | None = None) -> Outline:
    """Return the outline of a query that may run; ``prefixes`` are those declared beforehand.

    Raises ``QueryRefused`` for updates, SERVICE, LOAD and for queries beyond the limits
    (``query-too-complex``), and ``SyntaxFault`` (``query-syntax``) for text that is not SPARQL or that the
    engine could read in two ways.

    >>> inspect("PREFIX ex: <http://example.org/> ASK FROM ex:g { ?s ?p ?o }")
    Outline(form='ASK', from_graphs=('http://example.org/g',), from_named=())
    """
    if len(text) > LARGEST_TEXT:
        raise too_complex(f"it is longer than {LARGEST_TEXT:,} characters")
    return _Reader(text, prefixes=dict(prefixes or {})).read()


@dataclass(slots=True)
class _Reader:
    """Reads one query from its prologue to its end."""

    text: str
    base: str | None = None
    prefixes: dict[str, str] = field(default_factory=dict)
    graphs: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    complexity: Complexity = field(default_factory=Complexity)

    def read(self) -> Outline:
        tokens = self._checked(scan(self.text))
        form = self._prologue(tokens)
        self._header(tokens, form)
        for token in tokens:
            if token.keyword == "FROM":
                raise fault_at(self.text, token.start, "FROM belongs before the WHERE clause")
        return Outline(cast(Form, form), tuple(self.graphs), tuple(self.named))

    def _checked(self, tokens: Iterator[Token]) -> Iterator[Token]:
        """Pass the tokens on after the checks that hold anywhere in a query."""
        previous = before = NOTHING
        for token in tokens:
            self._check_word(token)
            if is_ambiguous(token, previous, bracketed=self.complexity.open[-1].opening == "("):
                hint = "it could be read as a comparison and a comment"
                raise fault_at(
                    self.text, token.start, f"write {token.text} out as a full IRI (https://…); {hint}"
                )
            if token.text == "{" and previous.kind == "name" and before.keyword != "GRAPH":
                self._check_glued_service(previous)
            try:
                self.complexity.follow(token)
            except ValueError as fault:
                raise fault_at(self.text, token.start, str(fault)) from None
            yield token
            before, previous = previous, token
            if token.kind == "name":
                self._check_prefix(token, before)
        try:
            self.complexity.finish()
        except ValueError as fault:
            raise fault_at(self.text, len(self.text), str(fault)) from None

    def _check_word(self, token: Token) -> None:
        word = token.keyword
        if not word or word in KNOWN:
            return
        if word == "SERVICE":
            raise QueryRefused(
                "SERVICE is refused: this endpoint asks no other; query the other one by itself"
            )
        if word in UPDATES:
            raise QueryRefused(f"This door only reads; {word} changes data and is refused here")
        hint = f"a name needs a prefix (ex:{token.text}), a variable a question mark (?{token.text})"
        raise fault_at(self.text, token.start, f"{token.text} is not a word of SPARQL; {hint}")

    def _check_glued_service(self, name: Token) -> None:
        """Refuse ``SERVICEx:y {``, which the engine reads as ``SERVICE x:y {``."""
        if "service" in name.text.partition(":")[0].lower():
            raise QueryRefused(f"{name.text} {{ can be read as SERVICE, which is refused; rename the prefix")

    def _check_prefix(self, token: Token, before: Token) -> None:
        prefix = token.text.partition(":")[0]
        if prefix not in self.prefixes and before.keyword != "PREFIX":
            hint = f"add PREFIX {prefix}: <…> at the top"
            raise fault_at(self.text, token.start, f"the prefix {prefix}: is not declared; {hint}")

    def _prologue(self, tokens: Iterator[Token]) -> str:
        """Read the declarations; return the query form."""
        for token in tokens:
            word = token.keyword
            if word in FORMS:
                return word
            if word == "PREFIX":
                name = self._expect(tokens, {"name"}, token)
                self.prefixes[name.text[:-1]] = self._iri(self._expect(tokens, {"iri"}, name))
            elif word == "BASE":
                self.base = self._iri(self._expect(tokens, {"iri"}, token))
            elif word == "VERSION":
                self._expect(tokens, {"string"}, token)
            else:
                raise fault_at(
                    self.text, token.start, f"expected SELECT, ASK, CONSTRUCT or DESCRIBE, not {token.text}"
                )
        raise fault_at(self.text, len(self.text), "expected SELECT, ASK, CONSTRUCT or DESCRIBE")

    def _header(self, tokens: Iterator[Token], form: str) -> None:
        """Read up to the opening bracket of the WHERE clause and note the dataset clauses."""
        template = form == "CONSTRUCT"
        previous = form
        for token in tokens:
            depth = len(self.complexity.open) - 1
            if token.keyword == "FROM" and depth == 0:
                self._dataset_clause(tokens, token)
            elif token.text == "{" and depth == 1:
                if not (template and previous == "CONSTRUCT"):
                    return
            elif depth == 0 and not _fits_header(token, form):
                raise fault_at(
                    self.text, token.start, f"{token.text} does not belong before the WHERE clause"
                )
            previous = token.keyword

    def _dataset_clause(self, tokens: Iterator[Token], start: Token) -> None:
        token = self._expect(tokens, {"iri", "name", "word"}, start)
        target = self.graphs
        if token.keyword == "NAMED":
            target = self.named
            token = self._expect(tokens, {"iri", "name"}, token)
        graph = self._iri(token)
        if graph not in target:
            target.append(graph)

    def _expect(self, tokens: Iterator[Token], kinds: set[str], before: Token) -> Token:
        token = next(tokens, None)
        if token is None or token.kind not in kinds or (token.kind == "word" and token.keyword != "NAMED"):
            place = before.start if token is None else token.start
            raise fault_at(self.text, place, f"an IRI or a name is missing after {before.text}")
        return token

    def _iri(self, token: Token) -> str:
        if token.kind == "name":
            prefix, _, local = token.text.partition(":")
            if prefix not in self.prefixes:
                raise fault_at(self.text, token.start, f"the prefix {prefix}: is not declared")
            return self.prefixes[prefix] + _LOCAL_ESCAPE.sub(r"\1", local)
        try:
            return resolve_iri(token.text[1:-1], self.base)
        except InputError as fault:
            raise fault_at(self.text, token.start, fault.message) from None


def _fits_header(token: Token, form: str) -> bool:
    """Whether a token may stand, outside of brackets, between the query form and the WHERE clause."""
    if token.keyword == "WHERE" or token.text in {")", "}"}:
        return True
    if form == "SELECT":
        return token.kind == "variable" or token.text == "*" or token.keyword in {"DISTINCT", "REDUCED"}
    return form == "DESCRIBE" and (token.kind in {"variable", "iri", "name"} or token.text == "*")


def form_of(text: str) -> str | None:
    """Return the query form, or nothing when there is none; for queries that run elsewhere."""
    try:
        return next((token.keyword for token in scan(text) if token.keyword in FORMS), None)
    except SyntaxFault:
        return None
