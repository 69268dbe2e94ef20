"""What is committed, in rdflib's terms; each look-up is made once.

A look-up costs much the same whether it asks for the objects of one property or for a whole node. So of the
nodes that a judgement turns on, and of any node from the third question on, all triples are read at once,
unless there are very many.
"""

# ruff: noqa: ANN401 - rdflib's graphs pass terms of any kind

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any, Protocol

import pyoxigraph as ox
from rdflib import Literal, URIRef
from rdflib.term import Node

from pactgraph.shapes.crossing import from_rdflib, to_rdflib

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Triple = tuple[Term, Term, Term]
Ends = dict[Node, tuple[Any, ...]]
"""The other ends of a node's triples, by predicate."""

WIDE = 64
"""A node with more triples than this is asked for one property at a time."""
_FEW = 2


class Committed(Protocol):
    """The triples that a patch is applied to."""

    def triples(self, subject: Term | None, predicate: Term | None, object: Term | None) -> Iterable[Triple]:
        """Return the triples that match; None matches any term."""


class StoreTriples:
    """The default graph of a store, or of a read-only snapshot of one."""

    def __init__(self, store: ox.Store) -> None:
        """Look things up in this store."""
        self._store = store

    def triples(self, subject: Term | None, predicate: Term | None, object: Term | None) -> Iterator[Triple]:
        """Return the triples of the default graph that match."""
        # A subject or predicate that no triple can have is told apart before it comes here.
        found = self._store.quads_for_pattern(subject, predicate, object, _DEFAULT)  # type: ignore[arg-type]
        for quad in found:
            yield quad.subject, quad.predicate, quad.object


class Answers:
    """The answers of committed triples, kept; ``around`` are nodes of which much will be asked."""

    def __init__(self, committed: Committed, around: Collection[Node] = ()) -> None:
        """Ask these triples."""
        self._committed = committed
        self._around = around
        self._objects: dict[tuple[Node, Node], tuple[Any, ...]] = {}
        self._subjects: dict[tuple[Node, Node], tuple[Any, ...]] = {}
        self._leaving: dict[Node, Ends | None] = {}
        self._arriving: dict[Node, Ends | None] = {}
        self._asked: Counter[Node] = Counter()
        self._terms: dict[Term, Any] = {}
        self._stored: dict[Node, Any] = {}

    def objects(self, subject: Node, predicate: Node) -> tuple[Any, ...]:
        """Return the objects of a subject and predicate."""
        key = subject, predicate
        known = self._objects.get(key)
        if known is None:
            whole = self._whole(subject)
            if whole is not None:
                known = whole.get(predicate, ())
            else:
                known = tuple(found[2] for found in self.scan(subject, predicate, None))
            self._objects[key] = known
        return known

    def subjects(self, predicate: Node, value: Node) -> tuple[Any, ...]:
        """Return the subjects of a predicate and object."""
        key = predicate, value
        known = self._subjects.get(key)
        if known is None:
            whole = self._into(value) if value in self._around else None
            if whole is not None:
                known = whole.get(predicate, ())
            else:
                known = tuple(found[0] for found in self.scan(None, predicate, value))
            self._subjects[key] = known
        return known

    def holds(self, subject: Node, predicate: Node, value: Node) -> bool:
        """Say whether a triple is there."""
        known = self._objects.get((subject, predicate))
        if known is None and self._whole(subject) is not None:
            known = self.objects(subject, predicate)
        return any(self.scan(subject, predicate, value)) if known is None else value in known

    def statements(self, subject: Node) -> Ends:
        """Return the objects of a subject, by predicate."""
        known = self._from(subject)
        return self._grouped(self.scan(subject, None, None), 1, 2) if known is None else known

    def scan(self, subject: Any, predicate: Any, value: Any) -> Iterator[tuple[Any, Any, Any]]:
        """Yield the triples that match a pattern; None matches any term."""
        if isinstance(subject, Literal) or (predicate is not None and not isinstance(predicate, URIRef)):
            return
        pattern = self.stored(subject), self.stored(predicate), self.stored(value)
        exact = isinstance(value, Literal) and value.datatype is not None
        for found in self._committed.triples(*pattern):
            object_ = self.term(found[2])
            # A store finds "1"^^xsd:integer for "01"^^xsd:integer; a graph in memory does not.
            if not exact or object_ == value:
                yield self.term(found[0]), self.term(found[1]), object_

    def term(self, term: Term) -> Any:
        """Return the rdflib term with the same meaning, made once."""
        known = self._terms.get(term)
        if known is None:
            known = self._terms[term] = to_rdflib(term)
        return known

    def stored(self, term: Node | None) -> Any:
        """Return the pyoxigraph term with the same meaning, made once."""
        if term is None:
            return None
        known = self._stored.get(term)
        if known is None:
            known = self._stored[term] = from_rdflib(term)
        return known

    def forget(self) -> None:
        """Let go of the answers kept, so that memory stays bounded in a long run."""
        answers: list[dict[Any, Any]] = [self._objects, self._subjects, self._leaving, self._arriving]
        for kept in (*answers, self._asked, self._terms, self._stored):
            kept.clear()

    def _whole(self, subject: Node) -> Ends | None:
        """Return all triples of a node by predicate, if it is worth reading them."""
        if subject in self._leaving:
            return self._leaving[subject]
        if subject not in self._around:
            self._asked[subject] += 1
            if self._asked[subject] <= _FEW:
                return None
        return self._from(subject)

    def _from(self, subject: Node) -> Ends | None:
        if subject not in self._leaving:
            found = list(islice(self.scan(subject, None, None), WIDE + 1))
            self._leaving[subject] = self._grouped(found, 1, 2) if len(found) <= WIDE else None
        return self._leaving[subject]

    def _into(self, value: Node) -> Ends | None:
        if value not in self._arriving:
            found = list(islice(self.scan(None, None, value), WIDE + 1))
            self._arriving[value] = self._grouped(found, 1, 0) if len(found) <= WIDE else None
        return self._arriving[value]

    def _grouped(self, triples: Iterable[tuple[Any, Any, Any]], by: int, end: int) -> Ends:
        grouped: dict[Node, list[Any]] = defaultdict(list)
        for triple in triples:
            grouped[triple[by]].append(triple[end])
        return {key: tuple(ends) for key, ends in grouped.items()}


_DEFAULT = ox.DefaultGraph()
