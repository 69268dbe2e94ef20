"""``/.well-known/void``: what is in the graph, in numbers, and queries to start from.

The numbers (VoID, https://www.w3.org/TR/void/) are counted once per revision. The queries are those that
pactgraph ships, as ``sh:SPARQLExecutable``, the form that SIB's SPARQL editor reads.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
from fastapi import FastAPI, Request, Response

from pactgraph import vocab
from pactgraph.model import QueryRequest
from pactgraph.query.formats import BINDING_FORMATS, GRAPH_FORMATS
from pactgraph.query.guard import form_of
from pactgraph.web import urls
from pactgraph.web.namespaces import SH
from pactgraph.web.offers import choose
from pactgraph.web.representations import represent
from pactgraph.web.routes import add_readable
from pactgraph.web.service import Service
from pactgraph.web.service_description import serialize

VOID = "http://rdfs.org/ns/void#"
_RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_COUNTS = {
    "triples": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "distinctSubjects": "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
    "properties": "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
    "classes": "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }",
}
_CLASSES = "SELECT ?x (COUNT(?s) AS ?n) { ?s a ?x } GROUP BY ?x ORDER BY ?x"
_PROPERTIES = "SELECT ?x (COUNT(*) AS ?n) { ?s ?x ?o } GROUP BY ?x ORDER BY ?x"
_HEAD = re.compile(r"^#\s*(title|description):\s*(.+)$", re.IGNORECASE | re.MULTILINE)
_PREFIXES = {"void": VOID, "sh": SH, "rdfs": _RDFS, "xsd": _XSD}

Triples = Iterator[ox.Triple]


class Inventory:
    """The description of one service, made anew for each revision."""

    def __init__(self, service: Service, queries: tuple[Path, ...]) -> None:
        self._service = service
        self._queries = queries
        self._made: tuple[int, str, list[ox.Triple]] | None = None

    def add_to(self, app: FastAPI) -> None:
        """Put the resource on the application."""
        add_readable(app, urls.VOID, self.get, summary="What is in the graph, and queries to start from")

    def get(self, request: Request) -> Response:
        """Answer in the RDF format that is asked for; raises ``QueryFailed`` when counting takes too long."""
        revision = self._service.revision
        endpoint = urls.absolute(str(request.url), urls.SPARQL)
        offer = choose(GRAPH_FORMATS, request.headers.get("accept"))
        if self._made is None or self._made[:2] != (revision, endpoint):
            self._made = (revision, endpoint, list(self._triples(endpoint)))
        body = serialize(self._made[2], offer.format, _PREFIXES)
        return represent(request, body, offer.media_type, revision=revision)

    def _triples(self, endpoint: str) -> Triples:
        dataset = ox.NamedNode(f"{endpoint}#dataset")
        yield ox.Triple(dataset, _RDF_TYPE, ox.NamedNode(f"{VOID}Dataset"))
        yield ox.Triple(dataset, ox.NamedNode(f"{VOID}sparqlEndpoint"), ox.NamedNode(endpoint))
        yield ox.Triple(dataset, ox.NamedNode(f"{VOID}uriSpace"), ox.Literal(vocab.BASE))
        for name, query in _COUNTS.items():
            yield ox.Triple(dataset, ox.NamedNode(VOID + name), _integer(self._rows(query)[0]["n"]["value"]))
        yield from self._partitions(dataset, "class", _CLASSES, "entities")
        yield from self._partitions(dataset, "property", _PROPERTIES, "triples")
        for path in self._queries:
            yield from _example(path, endpoint)

    def _partitions(self, dataset: ox.NamedNode, kind: str, query: str, unit: str) -> Triples:
        for number, row in enumerate(self._rows(query)):
            part = ox.NamedNode(f"{dataset.value}-{kind}-{number}")
            yield ox.Triple(dataset, ox.NamedNode(f"{VOID}{kind}Partition"), part)
            yield ox.Triple(part, ox.NamedNode(VOID + kind), ox.NamedNode(row["x"]["value"]))
            yield ox.Triple(part, ox.NamedNode(VOID + unit), _integer(row["n"]["value"]))

    def _rows(self, text: str) -> list[dict[str, dict[str, str]]]:
        answer = self._service.queries.run(QueryRequest(text, media_type=BINDING_FORMATS[0].media_type))
        try:
            rows: list[dict[str, dict[str, str]]] = json.loads(b"".join(answer.chunks))["results"]["bindings"]
        finally:
            answer.close()
        return rows


def _integer(digits: str) -> ox.Literal:
    return ox.Literal(digits, datatype=ox.NamedNode(f"{_XSD}integer"))


def _example(path: Path, endpoint: str) -> Triples:
    """Describe one shipped query by what its head says; one of no known form is left out."""
    text = path.read_text(encoding="utf-8")
    form = form_of(text)
    if form is None:
        return
    subject = ox.NamedNode(f"{endpoint}#example-{path.stem}")
    head = {key.lower(): value.strip() for key, value in _HEAD.findall(text)}
    yield ox.Triple(subject, _RDF_TYPE, ox.NamedNode(f"{SH}SPARQLExecutable"))
    if form in {"SELECT", "ASK", "CONSTRUCT"}:
        kind = ox.NamedNode(f"{SH}SPARQL{form.capitalize()}Executable")
        yield ox.Triple(subject, _RDF_TYPE, kind)
    yield ox.Triple(subject, ox.NamedNode(SH + form.lower()), ox.Literal(text))
    yield ox.Triple(subject, ox.NamedNode("https://schema.org/target"), ox.NamedNode(endpoint))
    for key, term in (("title", "label"), ("description", "comment")):
        if key in head:
            yield ox.Triple(subject, ox.NamedNode(_RDFS + term), ox.Literal(head[key], language="en"))
