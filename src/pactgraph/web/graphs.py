"""``/graphs``: the SPARQL 1.1 Graph Store HTTP Protocol, indirect identification (§4.2)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from pyoxigraph import DefaultGraph, NamedNode, Quad

from pactgraph import vocab
from pactgraph.errors import InputError
from pactgraph.ingest.formats import INPUT_FORMATS, InputFormat
from pactgraph.ingest.patches import named
from pactgraph.ingest.reading import read_quads
from pactgraph.ledger import Ledger, Patch, Receipt
from pactgraph.model import QueryRequest, Snapshot
from pactgraph.query.formats import GRAPH_FORMATS
from pactgraph.store import EmbeddedDataset
from pactgraph.terms import canonical, resolve_iri
from pactgraph.web import urls
from pactgraph.web.authorization import Doorkeeper
from pactgraph.web.conditional import entity_tag, is_current, read_headers
from pactgraph.web.offers import choose
from pactgraph.web.openapi import GRAPH_DELETE, GRAPH_GET, GRAPH_POST, GRAPH_PUT
from pactgraph.web.problems import Unservable
from pactgraph.web.protocol import Parameters, media_type_of, parameters_of_url
from pactgraph.web.routes import add_readable, add_writable
from pactgraph.web.service import Service
from pactgraph.web.streaming import AnswerResponse
from pactgraph.web.writing import (
    MOST_STATEMENTS,
    Writer,
    check_writable,
    message_of,
    receipt_answer,
    submission_of,
)

_TRIPLES = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
_ANY = "ASK { ?s ?p ?o }"
_FORMATS = tuple(each for each in GRAPH_FORMATS if each.name not in {"trig", "nquads"})
_INPUTS = tuple(each for each in INPUT_FORMATS if each.name not in {"TriG", "N-Quads"})


class GraphStore:
    """Reads and writes whole graphs."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._writer = Writer(service)

    def add_to(self, app: FastAPI, doorkeeper: Doorkeeper) -> None:
        """Put the graph store on the application."""
        add_readable(app, urls.GRAPHS, self.get, summary="Read a graph", openapi_extra=GRAPH_GET)
        for method, door, summary, described in (
            ("PUT", self.put, "Replace a graph", GRAPH_PUT),
            ("POST", self.post, "Add to a graph", GRAPH_POST),
            ("DELETE", self.delete, "Remove a graph", GRAPH_DELETE),
        ):
            add_writable(
                app, urls.GRAPHS, door, method, doorkeeper.admit, summary=summary, openapi_extra=described
            )

    def get(self, request: Request) -> Response:
        """Return the triples of a graph, in the format that ``Accept`` asks for."""
        parameters = parameters_of_url(request)
        graph = _graph_of(parameters)
        asked = [value for value in parameters.all("format") if value.strip()]
        offer = choose(_FORMATS, request.headers.get("accept"), asked)
        snapshot = self._service.snapshot(parameters.one("at"))
        if graph is not None and not self._is_there(graph, snapshot):
            raise _no_graph(graph)
        name = "" if graph is None else graph.value
        tag = entity_tag(snapshot.revision, offer.media_type, "graph", name)
        headers = read_headers(snapshot.revision, tag)
        if is_current(request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        query = _on(graph, _TRIPLES, snapshot, offer.format.media_type)
        return AnswerResponse(partial(self._service.queries.begin, query), offer.media_type, headers)

    def put(self, request: Request, body: Annotated[bytes, Depends(submission_of)]) -> Response:
        """Make the body all that a graph holds; 201 when there was no such graph."""
        return self._store(request, body, replaces=True)

    def post(self, request: Request, body: Annotated[bytes, Depends(submission_of)]) -> Response:
        """Add the triples of the body to a graph; 201 when there was no such graph."""
        return self._store(request, body, replaces=False)

    def delete(self, request: Request) -> Response:
        """Remove a graph."""
        parameters = parameters_of_url(request)
        graph = _writable(parameters)

        def make(dataset: EmbeddedDataset, _ledger: Ledger) -> Patch:
            held = tuple(dataset.quads(graph=graph))
            if not held:
                raise _no_graph(graph)
            return Patch((), held)

        message = message_of(parameters, f"Remove the graph {graph.value}")
        return receipt_answer(self._writer.commit(request, make, message))

    def _store(self, request: Request, body: bytes, *, replaces: bool) -> Response:
        parameters = parameters_of_url(request)
        graph = _writable(parameters)
        stated = [
            *_placed(named(_read(request, body)), graph),
            *_tie(graph, parameters.one("source")),
        ]
        existed = True

        def make(dataset: EmbeddedDataset, _ledger: Ledger) -> Patch:
            nonlocal existed
            existed = any(True for _ in dataset.quads(graph=graph))
            gone = set(dataset.quads(graph=graph)) - canonical(stated) if replaces else ()
            return Patch(tuple(stated), tuple(gone))

        verb = "Replace" if replaces else "Add to"
        message = message_of(parameters, f"{verb} the graph {graph.value}")
        receipt: Receipt = self._writer.commit(request, make, message)
        if existed:
            return receipt_answer(receipt)
        return receipt_answer(receipt, status=201, location=urls.graph(graph.value))

    def _is_there(self, graph: NamedNode, snapshot: Snapshot) -> bool:
        """Whether there is such a graph: one without triples does not exist."""
        query = _on(graph, _ANY, snapshot, "text/csv")
        answer = self._service.queries.run(query)
        try:
            return b"true" in b"".join(answer.chunks)
        finally:
            answer.close()


def _on(graph: NamedNode | None, text: str, snapshot: Snapshot, media_type: str) -> QueryRequest:
    """Return a query on one graph; its name travels beside the text, never in it."""
    graphs = () if graph is None else (graph.value,)
    return QueryRequest(text, default_graphs=graphs, media_type=media_type, snapshot=snapshot)


def _graph_of(parameters: Parameters) -> NamedNode | None:
    """Return the graph that a request is about, nothing for the default graph; raises ``InputError``."""
    is_default = any(name == "default" for name, _ in parameters.pairs)
    iri = parameters.one("graph")
    if is_default == (iri is not None):
        raise InputError(
            "name one graph: ?graph= and its IRI, percent-encoded, or ?default", code="missing-graph"
        )
    return None if iri is None else NamedNode(resolve_iri(iri))


def _writable(parameters: Parameters) -> NamedNode:
    graph = _graph_of(parameters)
    if graph is None:
        text = (
            "the default graph is the union of the graphs of the sources and follows them; "
            "write to the graph of a source, or submit facts to /changes"
        )
        raise Unservable(text, code="default-graph", status=405, headers={"Allow": "GET, HEAD, OPTIONS"})
    check_writable(graph)
    return graph


def _no_graph(graph: NamedNode) -> InputError:
    return InputError(f"There is no graph {graph}; check its IRI.", code="no-graph", status=404)


def _read(request: Request, body: bytes) -> list[Quad]:
    """Read a graph; raises ``Unservable`` with 415 for what is not one, ``InputError`` for several."""
    format_ = _input_of(media_type_of(request))
    if format_ is None:
        accepted = ", ".join(each.media_types[0] for each in _INPUTS)
        sent = media_type_of(request) or "a body without Content-Type"
        text = f"{sent} is not read as a graph; send one of {accepted}, or quads to /changes"
        raise Unservable(text, code="unsupported-media-type", status=415, headers={"Accept": accepted})
    quads = read_quads(body, format=format_.name, name="The graph", most=MOST_STATEMENTS)
    if any(not isinstance(quad.graph_name, DefaultGraph) for quad in quads):
        raise InputError("the body names graphs of its own; send them to /changes", code="several-graphs")
    return quads


def _input_of(media_type: str) -> InputFormat | None:
    return next((each for each in _INPUTS if media_type in each.media_types), None)


def _placed(quads: Iterable[Quad], graph: NamedNode) -> list[Quad]:
    return [Quad(quad.subject, quad.predicate, quad.object, graph) for quad in quads]


def _tie(graph: NamedNode, source: str | None) -> list[Quad]:
    """Return what ties a graph to its source."""
    if source is None:
        return []
    return [Quad(graph, vocab.HAD_PRIMARY_SOURCE, NamedNode(resolve_iri(source)), graph)]
