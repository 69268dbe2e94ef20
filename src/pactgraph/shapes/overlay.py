"""A graph as it will be after a patch: what is committed, plus what is added, minus what is removed.

Nothing is copied and nothing is ever written: each look-up asks the committed triples, leaves out what the
patch removes and appends what it adds, so that its cost does not depend on the size of the graph. Answers are
kept for the life of the view, which is one judgement of one patch.
"""

# ruff: noqa: ANN401 - rdflib and pySHACL pass terms, parts of queries and options without types

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol

import pyoxigraph as ox
from rdflib import RDF, RDFS, BNode, Graph, Literal, URIRef
from rdflib.paths import Path as SparqlPath
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result
from rdflib.store import Store
from rdflib.term import Node

from pactgraph.shapes.clock import evaluate
from pactgraph.shapes.crossing import as_stored, to_rdflib

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Triple = tuple[Term, Term, Term]


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
        default = ox.DefaultGraph()
        # A subject or predicate that no triple can have is told apart by the view, before it comes here.
        found = self._store.quads_for_pattern(subject, predicate, object, default)  # type: ignore[arg-type]
        for quad in found:
            yield quad.subject, quad.predicate, quad.object


class Patch:
    """What a patch adds to and removes from the default graph, as the store will keep it."""

    def __init__(self, added: Iterable[ox.Quad] = (), removed: Iterable[ox.Quad] = ()) -> None:
        """Take the statements; their graphs do not count, and what is both removed and added is added."""
        self.added = {(quad.subject, quad.predicate, quad.object) for quad in as_stored(added)}
        gone = {(quad.subject, quad.predicate, quad.object) for quad in as_stored(removed)}
        self.removed = gone - self.added

    def __bool__(self) -> bool:
        """Say whether there is anything in it."""
        return bool(self.added or self.removed)

    def effect_on(self, committed: Committed) -> Patch:
        """Return the part that changes something: what is there is not added, what is not is not removed."""
        effect = Patch()
        effect.added = {triple for triple in self.added if not any(committed.triples(*triple))}
        effect.removed = {triple for triple in self.removed if any(committed.triples(*triple))}
        return effect


class _Looked(Store):
    """The part of rdflib's store interface that a read-only graph needs."""

    context_aware = graph_aware = formula_aware = transaction_aware = False

    def __len__(self, context: object = None) -> int:
        return 1  # present; counting the committed triples would cost as much as there are

    def add(self, *_: object, **__: object) -> None:
        """Refuse: a view is read-only."""
        raise TypeError("this graph is a view; commit a patch instead")

    remove = add

    def bind(self, *_: object, **__: object) -> None:
        """Keep no prefixes."""

    def namespaces(self) -> Iterator[tuple[str, URIRef]]:
        return iter(())

    def namespace(self, prefix: str) -> URIRef | None:
        return None

    def prefix(self, namespace: URIRef) -> str | None:
        return None


class GraphView(Graph):
    """A read-only rdflib graph over committed triples and a patch; queries see ``now`` as the time.

    pySHACL and rdflib's SPARQL take it for any other graph. It counts as present without being counted.
    ``candidates`` are, for the nodes of some SPARQL constraints, the only focus nodes that these can have a
    result for; ``asked`` is above zero while shapes are evaluated of which only conformance is wanted.
    """

    candidates: Mapping[Node, Collection[Node]]
    asked: int

    def __init__(
        self,
        committed: Committed,
        patch: Patch | None = None,
        now: datetime | None = None,
        prepared: dict[str, Query] | None = None,
    ) -> None:
        """See these triples with this patch applied; ``prepared`` keeps the queries that come as text."""
        super().__init__(store=_Looked(), bind_namespaces="none")
        self.now = now
        self._prepared = {} if prepared is None else prepared
        self.candidates = {}
        self.asked = 0
        self._committed = committed
        self._removed = patch.removed if patch else set()
        self._added = _indexed(patch.added if patch else ())
        self._objects: dict[tuple[Node, Node | None], tuple[Any, ...]] = {}
        self._subjects: dict[tuple[Node | None, Node], tuple[Any, ...]] = {}
        self._closures: dict[tuple[Node, bool], tuple[Node, ...]] = {}
        self._terms: dict[Term, Any] = {}

    def __bool__(self) -> bool:
        """Say that there is a graph."""
        return True

    def objects(self, subject: Any = None, predicate: Any = None, unique: bool = False) -> Any:
        """Return the objects; see rdflib."""
        if subject is None or isinstance(predicate, SparqlPath):
            return (found[2] for found in self.triples((subject, predicate, None)))
        if isinstance(subject, list | tuple):
            return (found for each in subject for found in self.objects(each, predicate))
        key = subject, predicate
        known = self._objects.get(key)
        if known is None:
            known = tuple(found[2] for found in self._look_up(subject, predicate, None))
            self._objects[key] = known
        return known

    def subjects(self, predicate: Any = None, object: Any = None, unique: bool = False) -> Any:
        """Return the subjects; see rdflib."""
        if object is None or isinstance(predicate, SparqlPath):
            return (found[0] for found in self.triples((None, predicate, object)))
        if isinstance(object, list | tuple):
            return (found for each in object for found in self.subjects(predicate, each))
        key = predicate, object
        known = self._subjects.get(key)
        if known is None:
            known = tuple(found[0] for found in self._look_up(None, predicate, object))
            self._subjects[key] = known
        return known

    def value(
        self,
        subject: Any = None,
        predicate: Any = RDF.value,
        object: Any = None,
        default: Any = None,
        any: bool = True,
    ) -> Any:
        """Return the one missing term of a triple that matches; see rdflib, which asks for an iterator."""
        if object is None and subject is not None and predicate is not None:
            return next(iter(self.objects(subject, predicate)), default)
        if subject is None and predicate is not None and object is not None:
            return next(iter(self.subjects(predicate, object)), default)
        return super().value(subject, predicate, object, default, any)

    def triples(self, triple: Any) -> Generator[Any, None, None]:
        """Return the triples that match; see rdflib."""
        subject, predicate, value = triple
        if isinstance(predicate, SparqlPath):
            for start, end in predicate.eval(self, subject, value):
                yield start, predicate, end
        elif predicate is not None and subject is not None and value is None:
            for found in self.objects(subject, predicate):
                yield subject, predicate, found
        elif predicate is not None and subject is None and value is not None:
            for found in self.subjects(predicate, value):
                yield found, predicate, value
        else:
            yield from self._look_up(subject, predicate, value)

    def __contains__(self, triple: Any) -> bool:
        """Say whether a triple matches."""
        return any(True for _ in self.triples(triple))

    def transitive_objects(self, subject: Any, predicate: Any, remember: Any = None) -> Any:
        """Return a node and all that the property leads to from it; see rdflib."""
        if predicate != RDFS.subClassOf:
            return super().transitive_objects(subject, predicate, remember)
        return self.closure(subject)

    def transitive_subjects(self, predicate: Any, object: Any, remember: Any = None) -> Any:
        """Return a node and all from which the property leads to it; see rdflib."""
        if predicate != RDFS.subClassOf:
            return super().transitive_subjects(predicate, object, remember)
        return self.closure(object, down=True)

    def closure(self, kind: Node, *, down: bool = False) -> tuple[Node, ...]:
        """Return a class and its superclasses; with ``down``, its subclasses."""
        key = kind, down
        if key not in self._closures:
            reached = {kind: None}
            todo = [kind]
            while todo:
                each = todo.pop()
                near = self.subjects(RDFS.subClassOf, each) if down else self.objects(each, RDFS.subClassOf)
                todo.extend(node for node in near if node not in reached)
                reached.update(dict.fromkeys(near))
            self._closures[key] = tuple(reached)
        return self._closures[key]

    def forget(self) -> None:
        """Let go of the answers kept, so that memory stays bounded in a long run; classes are kept."""
        for kept in (self._objects, self._subjects, self._terms):
            kept.clear()

    def query(self, query_object: Any, *_: object, initBindings: Any = None, **__: object) -> Result:  # noqa: N803 - rdflib's name
        """Evaluate a query at the view's time; a text is parsed the first time it is seen."""
        query: Query | None = query_object if isinstance(query_object, Query) else None
        if query is None:
            query = self._prepared.get(query_object) or prepareQuery(query_object)
            self._prepared[query_object] = query
        return evaluate(self, query, initBindings or {}, self.now)

    def _look_up(self, subject: Any, predicate: Any, value: Any) -> Iterator[tuple[Any, Any, Any]]:
        if isinstance(subject, Literal) or (predicate is not None and not isinstance(predicate, URIRef)):
            return
        pattern = from_rdflib(subject), from_rdflib(predicate), from_rdflib(value)
        exact = isinstance(value, Literal) and value.datatype is not None
        for found in (*self._committed.triples(*pattern), *self._pending(*pattern)):
            if found in self._removed:
                continue
            object_ = self.term(found[2])
            # A store finds "1"^^xsd:integer for "01"^^xsd:integer; a graph in memory does not.
            if exact and object_ != value:
                continue
            yield self.term(found[0]), self.term(found[1]), object_

    def _pending(self, subject: Term | None, predicate: Term | None, value: Term | None) -> list[Triple]:
        known = self._added.get(subject if subject is not None else value if value is not None else predicate)
        return [
            triple
            for triple in known or ()
            if (subject is None or triple[0] == subject)
            and (predicate is None or triple[1] == predicate)
            and (value is None or triple[2] == value)
        ]

    def term(self, term: Term) -> Any:
        """Return the rdflib term with the same meaning, made once."""
        known = self._terms.get(term)
        if known is None:
            known = self._terms[term] = to_rdflib(term)
        return known


def _indexed(added: Iterable[Triple]) -> dict[Term | None, list[Triple]]:
    """Put each triple under its terms, and under None."""
    index: dict[Term | None, list[Triple]] = defaultdict(list)
    for triple in added:
        for term in {*triple, None}:
            index[term].append(triple)
    return dict(index)


def from_rdflib(term: Node | None) -> Any:
    """Return the pyoxigraph term with the same meaning.

    >>> from_rdflib(Literal("x")) == ox.Literal("x")
    True
    """
    if isinstance(term, URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, Literal):
        if term.language:
            return ox.Literal(str(term), language=term.language)
        return (
            ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype)))
            if term.datatype
            else ox.Literal(str(term))
        )
    return ox.BlankNode(str(term)) if isinstance(term, BNode) else None
