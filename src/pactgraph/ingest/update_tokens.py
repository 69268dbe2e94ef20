"""Splits an update into its operations by its tokens; what may not run at all is refused here.

Like ``query.guard``, whose checks it shares, this is no copy of the grammar: it finds where an operation
begins and ends, its templates, its pattern and the graphs it names. What is merely wrong inside of those, the
engine reports.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pactgraph import vocab
from pactgraph.errors import QueryRefused, SyntaxFault
from pactgraph.ingest.update_operations import (
    ALL,
    DEFAULT,
    NAMED,
    DataOperation,
    GraphOperation,
    Operation,
    PatternOperation,
    Span,
    Template,
    Verb,
)
from pactgraph.query.guard import Reader
from pactgraph.query.limits import Complexity, too_complex
from pactgraph.query.tokens import Token, fault_at, scan
from pactgraph.query.words import FORMS, KNOWN, UPDATES

LARGEST_TEXT = 64_000_000
MOST_OPERATIONS = 10_000
MOST_DATA_TOKENS = 8_000_000
"""Enough for a million statements with their graphs; a DATA block is not optimised."""

_WORDS = KNOWN | (UPDATES - {"LOAD"}) | {"DATA", "DEFAULT", "ALL", "TO"}
_MAKES_LIST = frozenset({"(", "{|"})  # or a triple term; the engine knows
_MAKES_BLANK = _MAKES_LIST | {"["}
_TRANSFERS: dict[str, Verb] = {"ADD": "ADD", "MOVE": "MOVE", "COPY": "COPY"}
_ERASURES: dict[str, Verb] = {"CLEAR": "CLEAR", "DROP": "DROP"}


def read_operations(text: str) -> list[Operation]:
    """Return the operations of an update, in order; relative IRIs are taken under ``vocab.BASE``.

    Raises ``QueryRefused`` for LOAD, SERVICE, queries and what is beyond the limits (``query-too-complex``),
    and ``SyntaxFault`` (``query-syntax``) for text that is no update or that the engine could read in two
    ways.

    >>> [type(each).__name__ for each in read_operations("CREATE GRAPH <urn:a> ; PREFIX : <urn:> DROP ALL")]
    ['GraphOperation', 'GraphOperation']
    """
    if len(text) > LARGEST_TEXT:
        raise too_complex(f"it is longer than {LARGEST_TEXT:,} characters")
    reader = _UpdateReader(text, base=vocab.BASE)
    reader.write_prologue()
    return reader.read()


@dataclass(slots=True)
class _Clauses:
    """What comes before the pattern of an operation."""

    start: Token
    graph: str | None = None
    delete: Template | None = None
    insert: Template | None = None
    using: list[str] = field(default_factory=list)
    using_named: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _UpdateReader(Reader):
    """Reads one update from its first prologue to its end (grammar rules 29 to 52)."""

    operations: list[Operation] = field(default_factory=list)
    declared: str = ""
    labels: set[str] = field(default_factory=set)

    def read(self) -> list[Operation]:
        tokens = self._checked(scan(self.text))
        for token in tokens:
            if self._declares(token, tokens):
                self.write_prologue()
                continue
            self.operations.append(self._operation(token, tokens))
            if len(self.operations) > MOST_OPERATIONS:
                raise too_complex(f"it has more than {MOST_OPERATIONS:,} operations")
            after = next(tokens, None)
            if after is not None and after.text != ";":
                raise fault_at(self.text, after.start, f"expected ; or the end, not {after.text}")
            self.complexity = Complexity()
        return self.operations

    def _known_words(self) -> frozenset[str]:
        return _WORDS

    def _check_other_word(self, token: Token) -> None:
        if token.keyword == "LOAD":
            raise QueryRefused(
                "LOAD is refused: nothing is fetched from elsewhere; submit the document itself as changes"
            )

    def write_prologue(self) -> None:
        """Note the declarations, as they stand, in the form in which the engine gets them."""
        lines = [f"PREFIX {name}: <{iri}>\n" for name, iri in self.prefixes.items()]
        self.declared = "".join(lines if self.base is None else [f"BASE <{self.base}>\n", *lines])

    def _operation(self, token: Token, tokens: Iterator[Token]) -> Operation:
        word = token.keyword
        if word in {"INSERT", "DELETE", "WITH"}:
            return self._modification(token, tokens)
        if word in _ERASURES:
            return self._erasure(token, tokens)
        if word in _TRANSFERS:
            return self._transfer(token, tokens)
        if word == "CREATE":
            silent, target = self._silence(self._next(tokens, token), tokens)
            if target.keyword != "GRAPH":
                raise self._expected("GRAPH", target)
            graph = self._iri(end := self._expect(tokens, {"iri", "name"}, target))
            return GraphOperation("CREATE", self._span(token, end), silent, graph)
        if word in FORMS:
            raise QueryRefused(f"This door takes updates; {word} is a query, send it to the query door")
        raise self._expected("INSERT, DELETE or another operation", token)

    def _erasure(self, token: Token, tokens: Iterator[Token]) -> GraphOperation:
        silent, end = self._silence(self._next(tokens, token), tokens)
        target = end.keyword
        if target == "GRAPH":
            target = self._iri(end := self._expect(tokens, {"iri", "name"}, end))
        elif target not in {DEFAULT, NAMED, ALL}:
            raise self._expected("GRAPH, DEFAULT, NAMED or ALL", end)
        return GraphOperation(_ERASURES[token.keyword], self._span(token, end), silent, target)

    def _transfer(self, token: Token, tokens: Iterator[Token]) -> GraphOperation:
        silent, first = self._silence(self._next(tokens, token), tokens)
        source, _ = self._graph_or_default(first, tokens)
        to = self._next(tokens, first)
        if to.keyword != "TO":
            raise self._expected("TO", to)
        destination, end = self._graph_or_default(self._next(tokens, to), tokens)
        return GraphOperation(_TRANSFERS[token.keyword], self._span(token, end), silent, source, destination)

    def _silence(self, token: Token, tokens: Iterator[Token]) -> tuple[bool, Token]:
        """Return whether SILENT stands here, and the token after it."""
        silent = token.keyword == "SILENT"
        return silent, self._next(tokens, token) if silent else token

    def _graph_or_default(self, token: Token, tokens: Iterator[Token]) -> tuple[str, Token]:
        if token.keyword == DEFAULT:
            return DEFAULT, token
        if token.keyword == "GRAPH":
            token = self._next(tokens, token)
        if token.kind not in {"iri", "name"}:
            raise self._expected("a graph or DEFAULT", token)
        return self._iri(token), token

    def _modification(self, start: Token, tokens: Iterator[Token]) -> Operation:
        """Read what begins with INSERT, DELETE or WITH."""
        clauses, token = _Clauses(start), start
        if token.keyword == "WITH":
            clauses.graph = self._iri(name := self._expect(tokens, {"iri", "name"}, token))
            token = self._next(tokens, name)
        if token.keyword == "DELETE":
            verb, token = token, self._next(tokens, token)
            if token.keyword == "DATA" and clauses.graph is None:
                return self._data(verb, token, tokens)
            if token.keyword == "WHERE" and clauses.graph is None:
                return self._delete_where(verb, token, tokens)
            clauses.delete = self._template(token, tokens, deletes=True)
            token = self._next(tokens, token)
        if token.keyword == "INSERT":
            verb, token = token, self._next(tokens, token)
            if token.keyword == "DATA" and verb is start:
                return self._data(verb, token, tokens)
            clauses.insert = self._template(token, tokens, deletes=False)
            token = self._next(tokens, token)
        if clauses.delete is None and clauses.insert is None:
            raise self._expected("DELETE or INSERT", token)
        return self._pattern(clauses, self._dataset_clauses(clauses, token, tokens), tokens)

    def _data(self, verb: Token, data: Token, tokens: Iterator[Token]) -> DataOperation:
        self.complexity.most_tokens = MOST_DATA_TOKENS
        deletes = verb.keyword == "DELETE"
        block = self._template(self._next(tokens, data), tokens, deletes=deletes, data=True)
        return DataOperation(self.declared, Span(verb.start, block.span.end), block, deletes)

    def _delete_where(self, verb: Token, where: Token, tokens: Iterator[Token]) -> PatternOperation:
        template = self._template(self._next(tokens, where), tokens, deletes=True)
        span = Span(verb.start, template.span.end)
        return PatternOperation(self.declared, span, template.span, template, None)

    def _dataset_clauses(self, clauses: _Clauses, token: Token, tokens: Iterator[Token]) -> Token:
        """Read USING and USING NAMED; return the token after them."""
        while token.keyword == "USING":
            name, target = self._next(tokens, token), clauses.using
            if name.keyword == "NAMED":
                name, target = self._next(tokens, name), clauses.using_named
            if name.kind not in {"iri", "name"}:
                raise self._expected("the IRI of a graph", name)
            target.append(self._iri(name))
            token = self._next(tokens, name)
        return token

    def _pattern(self, clauses: _Clauses, where: Token, tokens: Iterator[Token]) -> PatternOperation:
        if where.keyword != "WHERE":
            raise self._expected("WHERE", where)
        opening = self._next(tokens, where)
        *_, end = self._group(opening, tokens)
        described = bool(clauses.using or clauses.using_named)
        return PatternOperation(
            self.declared,
            self._span(clauses.start, end),
            self._span(opening, end),
            clauses.delete,
            clauses.insert,
            clauses.graph,
            tuple(dict.fromkeys(clauses.using)) if described else None,
            tuple(dict.fromkeys(clauses.using_named)),
        )

    def _template(
        self, opening: Token, tokens: Iterator[Token], *, deletes: bool, data: bool = False
    ) -> Template:
        """Read a group of quads; the engine checks its inside."""
        variables: dict[str, None] = {}
        labels: set[str] = set()
        bare = named = False
        end = opening
        for token in self._group(opening, tokens):
            end, outermost = token, len(self.complexity.open) == 2
            if token.kind == "variable":
                variables[token.text[1:]] = None
            elif token.kind == "blank" or token.text in _MAKES_BLANK:
                labels.add(token.text)
                if deletes and token.text not in _MAKES_LIST:
                    hint = "a blank node has no name to be deleted by; write a variable or an IRI"
                    raise fault_at(self.text, token.start, hint)
            if outermost and not named:
                bare = bare or (token.keyword != "GRAPH" and token.text not in {".", "}"})
            named = outermost and (named or token.keyword == "GRAPH")
        if data and not deletes:
            self._check_labels(labels, opening)
        return Template(self._span(opening, end), tuple(variables), bare, blank=bool(labels))

    def _check_labels(self, labels: set[str], opening: Token) -> None:
        """Refuse a label that two INSERT DATA share (§19.6): it would not be the same blank node."""
        labels = {label for label in labels if label.startswith("_:")}
        if shared := sorted(labels & self.labels):
            message = f"two INSERT DATA share the blank node {shared[0]}; put them into one, or use an IRI"
            raise fault_at(self.text, opening.start, message)
        self.labels |= labels

    def _group(self, opening: Token, tokens: Iterator[Token]) -> Iterator[Token]:
        """Yield the tokens after an opening bracket up to the one that closes it."""
        if opening.text != "{":
            raise self._expected("{", opening)
        before = opening
        while len(self.complexity.open) > 1:
            yield (before := self._next(tokens, before))

    def _next(self, tokens: Iterator[Token], before: Token) -> Token:
        token = next(tokens, None)
        if token is None:
            raise fault_at(self.text, len(self.text), f"something is missing after {before.text}")
        return token

    def _expected(self, what: str, token: Token) -> SyntaxFault:
        return fault_at(self.text, token.start, f"expected {what}, not {token.text}")

    @staticmethod
    def _span(first: Token, last: Token) -> Span:
        return Span(first.start, last.start + len(last.text))
