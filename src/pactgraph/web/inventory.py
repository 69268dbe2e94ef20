"""What is in the graph, in numbers (VoID), its prefixes, and queries to start from (``sh:SPARQLExecutable``).

VoID: https://www.w3.org/TR/void/, with the partitions by datatype of http://ldf.fi/void-ext#, as SIB's void
generator writes them and its SPARQL editor reads them. All is counted by queries, once per revision, when
somebody asks.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from pactgraph import vocab
from pactgraph.errors import QueryFailed
from pactgraph.model import QueryRequest, Snapshot
from pactgraph.query.formats import BINDING_FORMATS
from pactgraph.query.guard import form_of
from pactgraph.web.namespaces import SD, SH, VOID, VOID_EXT
from pactgraph.web.service import Service

ROOT = f"{vocab.BASE}.well-known/void"
DATASET = ox.NamedNode(f"{ROOT}#dataset")
GRAPH = ox.NamedNode(f"{vocab.BASE}graph/description")
EXECUTABLE = ox.NamedNode(f"{SH}SPARQLExecutable")
_TOTALS = {
    "triples": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "distinctSubjects": "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
    "properties": "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
    "classes": "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }",
}
_CLASSES = "SELECT ?c (COUNT(*) AS ?n) { ?s a ?c } GROUP BY ?c ORDER BY ?c"
_PROPERTIES = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p ORDER BY ?p"
_OF_CLASSES = "SELECT ?c ?p (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o } GROUP BY ?c ?p ORDER BY ?c ?p"
_OBJECTS = """SELECT ?c ?p ?o (COUNT(*) AS ?n) { ?s a ?c ; ?p ?x . ?x a ?o }
GROUP BY ?c ?p ?o ORDER BY ?c ?p ?o"""
_DATATYPES = """SELECT ?c ?p ?o (COUNT(*) AS ?n) {
  ?s a ?c ; ?p ?x FILTER(ISLITERAL(?x)) BIND(DATATYPE(?x) AS ?o) }
GROUP BY ?c ?p ?o ORDER BY ?c ?p ?o"""
_HEAD = re.compile(r"^#\s*(title|description):\s*(.+)$", re.IGNORECASE | re.MULTILINE)

_UNTRIED = 60.0

Triples = Iterator[ox.Triple]
Row = dict[str, str]


class Inventory:
    """Describes the revisions of one service; the one that was described last is remembered."""

    def __init__(self, service: Service, queries: tuple[Path, ...]) -> None:
        self._service = service
        self._queries = queries
        self._made: tuple[int, list[ox.Triple]] | None = None
        self._failed: tuple[float, str, str] | None = None  # when, and with what message and code
        self._counting = threading.Lock()

    def describe(self, snapshot: Snapshot) -> list[ox.Triple]:
        """Return the description of a revision; raises ``QueryFailed`` when counting takes too long.

        Then it is not tried again for a while: whoever asks next would wait as long for as little.
        """
        with self._counting:
            if self._made is None or self._made[0] != snapshot.revision:
                if self._failed is not None and time.monotonic() < self._failed[0] + _UNTRIED:
                    raise QueryFailed(self._failed[1], code=self._failed[2])
                self._made = (snapshot.revision, self._tried(snapshot))
            return self._made[1]

    def _tried(self, snapshot: Snapshot) -> list[ox.Triple]:
        try:
            return list(self._triples(snapshot))
        except QueryFailed as failure:
            self._failed = (time.monotonic(), failure.message, failure.code)
            raise

    def quads(self, snapshot: Snapshot) -> Iterator[ox.Quad]:
        """Yield the description as it stands beside the data: in its own graph and in the default graph."""
        for triple in self.describe(snapshot):
            yield ox.Quad(triple.subject, triple.predicate, triple.object, GRAPH)
            yield ox.Quad(triple.subject, triple.predicate, triple.object)

    def _triples(self, snapshot: Snapshot) -> Triples:
        yield ox.Triple(DATASET, vocab.TYPE, ox.NamedNode(f"{VOID}Dataset"))
        yield ox.Triple(DATASET, ox.NamedNode(f"{VOID}uriSpace"), ox.Literal(vocab.BASE))
        # The dataset as one graph: where SIB's overview of classes looks for the partitions.
        yield ox.Triple(DATASET, ox.NamedNode(f"{SD}graph"), DATASET)
        for name, query in _TOTALS.items():
            yield _counted(DATASET, name, self._rows(query, snapshot)[0])
        for row in self._rows(_PROPERTIES, snapshot):
            part = _part("property", row["p"])
            yield from _partition(DATASET, part, "property", row["p"])
            yield _counted(part, "triples", row)
        yield from self._classes(snapshot)
        yield from _prefixes()
        for path in self._queries:
            yield from _example(path)

    def _classes(self, snapshot: Snapshot) -> Triples:
        for row in self._rows(_CLASSES, snapshot):
            part = _part("class", row["c"])
            yield from _partition(DATASET, part, "class", row["c"])
            yield _counted(part, "entities", row)
        for row in self._rows(_OF_CLASSES, snapshot):
            part = _part("class", row["c"], row["p"])
            yield from _partition(_part("class", row["c"]), part, "property", row["p"])
            yield _counted(part, "triples", row)
        for kind, space, query in (("class", VOID, _OBJECTS), ("datatype", VOID_EXT, _DATATYPES)):
            for row in self._rows(query, snapshot):
                part = _part("class", row["c"], row["p"], row["o"])
                yield from _partition(_part("class", row["c"], row["p"]), part, kind, row["o"], space)
                yield _counted(part, "triples", row)

    def _rows(self, text: str, snapshot: Snapshot) -> list[Row]:
        request = QueryRequest(text, media_type=BINDING_FORMATS[0].media_type, snapshot=snapshot)
        answer = self._service.queries.run(request)
        try:
            rows = json.loads(b"".join(answer.chunks))["results"]["bindings"]
        finally:
            answer.close()
        return [{name: term["value"] for name, term in row.items()} for row in rows]


def _part(kind: str, *names: str) -> ox.NamedNode:
    """Return the name of a partition: the same for the same part in every revision."""
    digest = hashlib.sha256("\n".join(names).encode()).hexdigest()
    return ox.NamedNode(f"{ROOT}#{kind}-{digest[:16]}")


def _partition(whole: ox.NamedNode, part: ox.NamedNode, kind: str, name: str, space: str = VOID) -> Triples:
    yield ox.Triple(whole, ox.NamedNode(f"{space}{kind}Partition"), part)
    yield ox.Triple(part, ox.NamedNode(f"{space}{kind}"), ox.NamedNode(name))


def _counted(part: ox.NamedNode, unit: str, row: Row) -> ox.Triple:
    return ox.Triple(part, ox.NamedNode(f"{VOID}{unit}"), ox.Literal(row["n"], datatype=vocab.INTEGER))


def _prefixes() -> Triples:
    ontology = ox.NamedNode(f"{vocab.BASE}prefixes")
    for prefix, namespace in sorted(vocab.prefixes().items()):
        declaration = ox.NamedNode(f"{ROOT}#prefix-{prefix}")
        yield ox.Triple(ontology, ox.NamedNode(f"{SH}declare"), declaration)
        yield ox.Triple(declaration, ox.NamedNode(f"{SH}prefix"), ox.Literal(prefix))
        any_uri = ox.NamedNode(f"{vocab.XSD}anyURI")
        yield ox.Triple(declaration, ox.NamedNode(f"{SH}namespace"), ox.Literal(namespace, datatype=any_uri))


def _example(path: Path) -> Triples:
    """Describe one shipped query by what its head says; one of no known form is left out."""
    text = path.read_text(encoding="utf-8")
    form = form_of(text)
    if form is None:
        return
    subject = ox.NamedNode(f"{ROOT}#example-{path.stem}")
    head = {key.lower(): value.strip() for key, value in _HEAD.findall(text)}
    title = head.get("title", path.stem)
    yield ox.Triple(subject, vocab.TYPE, EXECUTABLE)
    if form in {"SELECT", "ASK", "CONSTRUCT"}:
        yield ox.Triple(subject, vocab.TYPE, ox.NamedNode(f"{SH}SPARQL{form.capitalize()}Executable"))
    yield ox.Triple(subject, ox.NamedNode(SH + form.lower()), ox.Literal(text))
    yield ox.Triple(subject, ox.NamedNode(f"{SH}prefixes"), ox.NamedNode(f"{vocab.BASE}prefixes"))
    yield ox.Triple(subject, vocab.LABEL, ox.Literal(title, language="en"))
    comment = ox.Literal(head.get("description", title), language="en")
    yield ox.Triple(subject, ox.NamedNode(f"{vocab.RDFS}comment"), comment)
