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
from typing import Any

import pyoxigraph as ox
from rdflib import RDF, RDFS, Graph, URIRef
from rdflib.paths import Path as SparqlPath
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result
from rdflib.store import Store
from rdflib.term import Node

from pactgraph.shapes.answers import Answers, Committed
from pactgraph.shapes.clock import evaluate
from pactgraph.terms import canonical


class Patch:
    """What a patch adds to and removes from the default graph, as the store will keep it."""

    def __init__(self, added: Iterable[ox.Quad] = (), removed: Iterable[ox.Quad] = ()) -> None:
        """Take the statements; their graphs do not count, and what is both removed and added is added."""
        self.added = {(quad.subject, quad.predicate, quad.object) for quad in canonical(added)}
        gone = {(quad.subject, quad.predicate, quad.object) for quad in canonical(removed)}
        self.removed = gone - self.added

    def __bool__(self) -> bool:
        """Say whether there is anything in it."""
        return bool(self.added or self.removed)

    def __len__(self) -> int:
        """Count the statements in it."""
        return len(self.added) + len(self.removed)

    def effect_on(self, committed: Committed) -> Patch:
        """Return the part that changes something: what is there is not added, what is not is not removed."""
        effect = Patch()
        effect.added = {triple for triple in self.added if not any(committed.triples(*triple))}
        effect.removed = {triple for triple in self.removed if any(committed.triples(*triple))}
        return effect


class _Change:
    """What a patch changes, in rdflib's terms: by subject and by object, and then by predicate."""

    def __init__(self, answers: Answers, patch: Patch | None) -> None:
        added = [] if patch is None else [tuple(map(answers.term, triple)) for triple in patch.added]
        self._added = dict.fromkeys(added)
        self._removed = set() if patch is None else {tuple(map(answers.term, each)) for each in patch.removed}
        self.subjects: dict[Node, dict[Node, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self.values: dict[Node, dict[Node, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self._along: dict[Node, list[Any]] = defaultdict(list)
        for subject, predicate, value in added:
            self.subjects[subject][predicate].append(value)
            self.values[value][predicate].append(subject)
            self._along[predicate].append((subject, predicate, value))
        for subject, _, value in self._removed:
            self.subjects[subject], self.values[value]  # touched

    def objects(self, subject: Node, predicate: Node, committed: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the objects after the patch."""
        kept = (found for found in committed if (subject, predicate, found) not in self._removed)
        return (*kept, *self.subjects[subject].get(predicate, ()))

    def starts(self, predicate: Node, value: Node, committed: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the subjects after the patch."""
        kept = (found for found in committed if (found, predicate, value) not in self._removed)
        return (*kept, *self.values[value].get(predicate, ()))

    def matching(self, pattern: Any, committed: Iterator[Any]) -> Iterator[Any]:
        """Yield the triples after the patch that match a pattern."""
        yield from (triple for triple in committed if triple not in self._removed)
        for triple in self._added if pattern[1] is None else self._along.get(pattern[1], ()):
            if all(want is None or want == found for want, found in zip(pattern, triple, strict=True)):
                yield triple


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
        committed: Committed | Answers,
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
        self._answers = committed if isinstance(committed, Answers) else Answers(committed)
        self.term = self._answers.term
        self._change = _Change(self._answers, patch)
        self._objects: dict[tuple[Node, Node], tuple[Any, ...]] = {}
        self._subjects: dict[tuple[Node, Node], tuple[Any, ...]] = {}
        self._closures: dict[tuple[Node, bool], tuple[Node, ...]] = {}
        self._kinds: dict[Node, frozenset[Node]] = {}

    def __bool__(self) -> bool:
        """Say that there is a graph."""
        return True

    def objects(self, subject: Any = None, predicate: Any = None, unique: bool = False) -> Any:
        """Return the objects; see rdflib."""
        if subject is None or predicate is None or isinstance(predicate, SparqlPath):
            return (found[2] for found in self.triples((subject, predicate, None)))
        if isinstance(subject, list | tuple):
            return (found for each in subject for found in self.objects(each, predicate))
        if subject not in self._change.subjects:
            return self._answers.objects(subject, predicate)
        key = subject, predicate
        known = self._objects.get(key)
        if known is None:
            known = self._objects[key] = self._change.objects(*key, self._answers.objects(*key))
        return known

    def subjects(self, predicate: Any = None, object: Any = None, unique: bool = False) -> Any:
        """Return the subjects; see rdflib."""
        if object is None or predicate is None or isinstance(predicate, SparqlPath):
            return (found[0] for found in self.triples((None, predicate, object)))
        if isinstance(object, list | tuple):
            return (found for each in object for found in self.subjects(predicate, each))
        if object not in self._change.values:
            return self._answers.subjects(predicate, object)
        key = predicate, object
        known = self._subjects.get(key)
        if known is None:
            known = self._subjects[key] = self._change.starts(*key, self._answers.subjects(*key))
        return known

    def statements(self, subject: Node) -> Iterator[tuple[Any, Any]]:
        """Yield the predicates and objects of a subject."""
        predicates = {**self._answers.statements(subject), **self._change.subjects.get(subject, {})}
        return ((along, found) for along in predicates for found in self.objects(subject, along))

    def holds(self, subject: Node, predicate: Node, value: Node) -> bool:
        """Say whether a triple is there."""
        if subject in self._change.subjects:
            return value in self.objects(subject, predicate)
        return self._answers.holds(subject, predicate, value)

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
        elif subject is not None and predicate is not None:
            if value is None:
                yield from ((subject, predicate, found) for found in self.objects(subject, predicate))
            elif self.holds(subject, predicate, value):
                yield triple
        elif predicate is not None and value is not None:
            yield from ((found, predicate, value) for found in self.subjects(predicate, value))
        elif subject is not None and value is None:
            yield from ((subject, along, found) for along, found in self.statements(subject))
        else:
            yield from self._change.matching(triple, self._answers.scan(*triple))

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

    def kinds(self, node: Node) -> frozenset[Node]:
        """Return the classes that a node is an instance of, directly or through ``rdfs:subClassOf``."""
        known = self._kinds.get(node)
        if known is None:
            known = frozenset(above for kind in self.objects(node, RDF.type) for above in self.closure(kind))
            self._kinds[node] = known
        return known

    def forget(self) -> None:
        """Let go of the answers kept, so that memory stays bounded in a long run; classes are kept."""
        self._answers.forget()
        for kept in (self._objects, self._subjects, self._kinds):
            kept.clear()

    def query(self, query_object: Any, *_: object, initBindings: Any = None, **__: object) -> Result:  # noqa: N803 - rdflib's name
        """Evaluate a query at the view's time; a text is parsed the first time it is seen."""
        query: Query | None = query_object if isinstance(query_object, Query) else None
        if query is None:
            query = self._prepared.get(query_object) or prepareQuery(query_object)
            self._prepared[query_object] = query
        return evaluate(self, query, initBindings or {}, self.now)
