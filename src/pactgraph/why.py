"""Why the graph says something: which graphs state it, on what sources, and since which revision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Protocol

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from pactgraph import vocab
from pactgraph.journal import Entry, Heading
from pactgraph.terms import sort_key, term_json

_DEFAULT = DefaultGraph()
_PUBLISHER = NamedNode(f"{vocab.DCTERMS}publisher")
_GRADE = NamedNode(f"{vocab.PACT}grade")
_INFERENCE = NamedNode(f"{vocab.PACT}InferenceGraph")
_REASON = NamedNode(f"{vocab.PACT}inferenceReason")
_PREF_LABEL = NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
_LATEST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Source:
    """A source: its IRI, and what the graph says of it."""

    iri: str
    title: str | None
    publisher: str | None
    grade: str | None


@dataclass(frozen=True, slots=True)
class Support:
    """One graph that states something: its sources, and the revision with which the statement came there.

    ``inferred`` says that the editors joined it from several sources, ``reason`` how. Without a journal
    ``revision``, ``author`` and ``time`` are unknown.
    """

    statement: Quad
    sources: tuple[Source, ...]
    inferred: bool = False
    reason: str | None = None
    revision: int | None = None
    author: str | None = None
    time: datetime | None = None


class Dataset(Protocol):
    """What is asked of a dataset."""

    def quads(
        self,
        subject: NamedNode | BlankNode | Triple | None = None,
        predicate: NamedNode | None = None,
        value: NamedNode | BlankNode | Literal | Triple | None = None,
        graph: NamedNode | DefaultGraph | None = None,
    ) -> Iterable[Quad]:
        """Yield the quads that match."""


class History(Protocol):
    """What is asked of a journal."""

    def headings(
        self, *, iri: str | None = None, limit: int = 100, before: int | None = None
    ) -> list[Heading]:
        """Return revisions without their quads, newest first."""

    def read(self, number: int) -> Entry | None:
        """Return one revision."""


def why(
    dataset: Dataset,
    journal: History | None,
    subject: NamedNode,
    predicate: NamedNode | None = None,
    value: NamedNode | Literal | None = None,
) -> list[Support]:
    """Return what stands behind the statements about a subject, one support for each graph that states one.

    ``predicate`` and ``value`` narrow it down. In a fixed order: by predicate, value and graph. What the
    graph of the revisions says is left out: it is no source's.
    """
    stated = [
        quad
        for quad in dataset.quads(subject, predicate, value, None)
        if quad.graph_name not in {_DEFAULT, vocab.REVISIONS_GRAPH}
    ]
    stated.sort(key=lambda quad: (str(quad.predicate), str(quad.object), sort_key(quad)))
    arrivals = {} if journal is None else _arrivals(journal, subject, stated)
    graphs: dict[NamedNode, tuple[tuple[Source, ...], bool, str | None]] = {}
    return [_support(dataset, graphs, quad, arrivals.get(quad)) for quad in stated]


def told(supports: Iterable[Support]) -> Iterator[dict[str, Any]]:
    """Yield the statements with what supports each, for programs; terms as in SPARQL results."""
    for _, group in groupby(supports, key=lambda each: (each.statement.predicate, each.statement.object)):
        alike = list(group)
        quad = alike[0].statement
        yield {
            "subject": term_json(quad.subject),
            "predicate": term_json(quad.predicate),
            "object": term_json(quad.object),
            "supports": [_told(each) for each in alike],
        }


def _told(support: Support) -> dict[str, Any]:
    return {
        "graph": getattr(support.statement.graph_name, "value", None),
        "sources": [asdict(source) for source in support.sources],
        "inferred": support.inferred,
        "reason": support.reason,
        "revision": support.revision,
        "author": support.author,
        "time": None if support.time is None else support.time.isoformat(),
    }


def _support(
    dataset: Dataset,
    graphs: dict[NamedNode, tuple[tuple[Source, ...], bool, str | None]],
    quad: Quad,
    arrival: Heading | None,
) -> Support:
    graph = quad.graph_name
    if not isinstance(graph, NamedNode):
        raise TypeError(f"{quad} is in no named graph")
    if graph not in graphs:
        graphs[graph] = _described(dataset, graph)
    sources, inferred, reason = graphs[graph]
    if arrival is None:
        return Support(quad, sources, inferred, reason)
    return Support(quad, sources, inferred, reason, arrival.number, arrival.author, arrival.ended_at)


def _described(dataset: Dataset, graph: NamedNode) -> tuple[tuple[Source, ...], bool, str | None]:
    ties = dataset.quads(graph, vocab.HAD_PRIMARY_SOURCE, None, _DEFAULT)
    sources = sorted({tie.object.value for tie in ties if isinstance(tie.object, NamedNode)})
    inferred = any(dataset.quads(graph, vocab.TYPE, _INFERENCE, _DEFAULT))
    return tuple(_source(dataset, iri) for iri in sources), inferred, _text(dataset, graph, _REASON)


def _source(dataset: Dataset, iri: str) -> Source:
    node = NamedNode(iri)
    title, publisher = (_text(dataset, node, name) for name in (vocab.TITLE, _PUBLISHER))
    return Source(iri, title, publisher, _text(dataset, node, _GRADE))


def _text(dataset: Dataset, subject: NamedNode, predicate: NamedNode) -> str | None:
    """Return the value of a property as people read it, English first; a thing by its label, or its IRI."""
    values = [quad.object for quad in dataset.quads(subject, predicate, None, _DEFAULT)]
    literals = sorted((value for value in values if isinstance(value, Literal)), key=_rank)
    if literals:
        return str(literals[0].value)
    things = sorted((value for value in values if isinstance(value, NamedNode)), key=lambda each: each.value)
    if not things:
        return None
    labels = (
        quad.object
        for name in (_PREF_LABEL, vocab.LABEL)
        for quad in dataset.quads(things[0], name, None, _DEFAULT)
    )
    named = sorted((label for label in labels if isinstance(label, Literal)), key=_rank)
    return str(named[0].value) if named else str(things[0].value)


def _rank(text: Literal) -> tuple[bool, str, str]:
    return (text.language != "en", text.language or "", text.value)


def _arrivals(journal: History, subject: NamedNode, stated: Iterable[Quad]) -> dict[Quad, Heading]:
    """Return with which revision each quad came: the newest that added it.

    The oldest revision that mentions the subject is not read (it may be the whole seed): what is there now
    and came with no later one, came with that.
    """
    found: dict[Quad, Heading] = {}
    missing = set(stated)
    mentions = _mentions(journal, subject)
    heading = next(mentions, None)
    while heading is not None and missing:
        earlier = next(mentions, None)
        arrived = missing if earlier is None else missing & _added(journal, heading.number)
        found.update(dict.fromkeys(arrived, heading))
        missing = missing - arrived
        heading = earlier
    return found


def _mentions(journal: History, subject: NamedNode) -> Iterator[Heading]:
    yield from journal.headings(iri=subject.value, limit=_LATEST)


def _added(journal: History, number: int) -> set[Quad]:
    entry = journal.read(number)
    return set() if entry is None else set(entry.added)
