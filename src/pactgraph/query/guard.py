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
from pactgraph.query.strictness import Strictness
from pactgraph.query.tokens import NOTHING, Token, fault_at, is_ambiguous, scan
from pactgraph.query.words import FORMS, KNOWN, UPDATES, VOLATILE
from pactgraph.terms import resolve_iri

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
_LOCAL_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Outline:
    """What the guard learnt: query form, graphs of the dataset clauses (SPARQL 1.1 Query §13.2), and more.

    ``normalised`` is the same query without comments and superfluous white space; ``volatile`` says that two
    evaluations on the same data may differ.
    """

    form: Form
    from_graphs: tuple[str, ...]
    from_named: tuple[str, ...]
    services: tuple[str, ...] = field(default=(), kw_only=True)
    normalised: str = field(default="", kw_only=True, repr=False, compare=False)
    volatile: bool = field(default=False, kw_only=True, repr=False, compare=False)


def inspect(
    text: str,
    prefixes: Mapping[str, str] | None = None,
    *,
    base: str | None = None,
    services: frozenset[str] = frozenset(),
) -> Outline:
    """Return the outline of a query that may run.

    ``prefixes`` and ``base`` are those declared beforehand, ``services`` the endpoints that SERVICE may name.

    Raises ``QueryRefused`` for updates, SERVICE, LOAD and for queries beyond the limits
    (``query-too-complex``), and ``SyntaxFault`` (``query-syntax``) for text that is not SPARQL or that the
    engine could read in two ways.

    >>> inspect("PREFIX ex: <http://example.org/> ASK FROM ex:g { ?s ?p ?o }")
    Outline(form='ASK', from_graphs=('http://example.org/g',), from_named=(), services=())
    """
    if len(text) > LARGEST_TEXT:
        raise too_complex(f"it is longer than {LARGEST_TEXT:,} characters")
    return _QueryReader(text, base=base, prefixes=dict(prefixes or {}), allowed=services).read()


@dataclass(slots=True)
class Reader:
    """What reading a query and reading an update have in common: declarations, IRIs, and the checks."""

    text: str
    base: str | None = None
    prefixes: dict[str, str] = field(default_factory=dict)
    allowed: frozenset[str] = frozenset()
    services: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    volatile: bool = False
    complexity: Complexity = field(default_factory=Complexity)
    strictness: Strictness = field(default_factory=Strictness)

    def _checked(self, tokens: Iterator[Token]) -> Iterator[Token]:
        """Pass the tokens on after the checks that hold anywhere in a query."""
        previous = before = NOTHING
        for token in tokens:
            self.words.append(token.text)
            self._check_word(token)
            self._check_service(token, previous)
            if is_ambiguous(token, previous, bracketed=self.complexity.open[-1].opening == "("):
                hint = "it could be read as a comparison; for one, put a space after <"
                raise fault_at(
                    self.text, token.start, f"write {token.text} out as a full IRI (https://…); {hint}"
                )
            if token.text == "{" and previous.kind == "name" and before.keyword != "GRAPH":
                self._check_glued_service(previous)
            try:
                self.complexity.follow(token)
                self.strictness.follow(token)
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
        if not word or word in self._known_words():
            self.volatile = self.volatile or word in VOLATILE
            return
        if word == "SERVICE":
            if self.allowed:
                return  # what follows it is checked next
            raise QueryRefused(
                "SERVICE is refused: this endpoint asks no other; query the other one by itself"
            )
        self._check_other_word(token)
        hint = f"a name needs a prefix (ex:{token.text}), a variable a question mark (?{token.text})"
        raise fault_at(self.text, token.start, f"{token.text} is not a word of SPARQL; {hint}")

    def _check_service(self, token: Token, previous: Token) -> None:
        """Let SERVICE be followed by an endpoint that is allowed, written out, and by nothing else."""
        if not self.allowed or previous.keyword not in {"SERVICE", "SILENT"} or token.keyword == "SILENT":
            return
        if token.kind not in {"iri", "name"}:
            raise QueryRefused("SERVICE must name an endpoint; write its IRI instead of a variable")
        endpoint = self._iri(token)
        if endpoint not in self.allowed:
            known = ", ".join(sorted(self.allowed))
            raise QueryRefused(f"SERVICE <{endpoint}> is refused: the endpoints allowed here are {known}")
        self.services.append(endpoint)

    def _check_other_word(self, token: Token) -> None:
        """Refuse a word that is none of a query's, with its own reason."""

    def _known_words(self) -> frozenset[str]:
        return KNOWN

    def _check_glued_service(self, name: Token) -> None:
        """Refuse ``SERVICEx:y {``, which the engine reads as ``SERVICE x:y {``."""
        if "service" in name.text.partition(":")[0].lower():
            raise QueryRefused(f"{name.text} {{ can be read as SERVICE, which is refused; rename the prefix")

    def _check_prefix(self, token: Token, before: Token) -> None:
        prefix = token.text.partition(":")[0]
        if prefix not in self.prefixes and before.keyword != "PREFIX":
            hint = f"add PREFIX {prefix}: <…> at the top"
            raise fault_at(self.text, token.start, f"the prefix {prefix}: is not declared; {hint}")

    def _declares(self, token: Token, tokens: Iterator[Token]) -> bool:
        """Read the rest of a declaration; return whether there was one."""
        word = token.keyword
        if word == "PREFIX":
            name = self._expect(tokens, {"name"}, token)
            self.prefixes[name.text[:-1]] = self._iri(self._expect(tokens, {"iri"}, name))
        elif word == "BASE":
            self.base = self._iri(self._expect(tokens, {"iri"}, token))
        elif word == "VERSION":
            self._expect(tokens, {"string"}, token)
        return word in {"PREFIX", "BASE", "VERSION"}

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


@dataclass(slots=True)
class _QueryReader(Reader):
    """Reads one query from its prologue to its end."""

    graphs: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)

    def read(self) -> Outline:
        tokens = self._checked(scan(self.text))
        form = self._prologue(tokens)
        self._header(tokens, form)
        for token in tokens:
            if token.keyword == "FROM":
                raise fault_at(self.text, token.start, "FROM belongs before the WHERE clause")
        return Outline(
            cast(Form, form),
            tuple(self.graphs),
            tuple(self.named),
            services=tuple(self.services),
            normalised="\n".join(self.words),
            volatile=self.volatile or bool(self.services),
        )

    def _check_other_word(self, token: Token) -> None:
        if token.keyword in UPDATES:
            raise QueryRefused(f"This door only reads; {token.keyword} changes data and is refused here")

    def _prologue(self, tokens: Iterator[Token]) -> str:
        """Read the declarations; return the query form."""
        for token in tokens:
            if token.keyword in FORMS:
                return token.keyword
            if not self._declares(token, tokens):
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
