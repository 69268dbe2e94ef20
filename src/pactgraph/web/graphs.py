"""``/graphs?graph=`` and ``/graph/{slug}``: the SPARQL 1.1 Graph Store HTTP Protocol."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from pyoxigraph import DefaultGraph, NamedNode, Quad

from pactgraph import vocab
from pactgraph.errors import InputError
from pactgraph.ingest.patches import named
from pactgraph.ledger import Ledger, Patch, Receipt
from pactgraph.model import QueryRequest, Snapshot
from pactgraph.query.formats import GRAPH_FORMATS
from pactgraph.store import EmbeddedDataset
from pactgraph.terms import canonical, resolve_iri
from pactgraph.web import urls
from pactgraph.web.authorization import Doorkeeper
from pactgraph.web.compression import takes_gzip
from pactgraph.web.conditional import entity_tag, is_current, read_headers
from pactgraph.web.graph_bodies import triples_of
from pactgraph.web.graph_names import graph_of, is_plain, new_graph, writable_graph
from pactgraph.web.offers import choose
from pactgraph.web.openapi import GRAPH_DELETE, GRAPH_GET, GRAPH_POST, GRAPH_PUT
from pactgraph.web.protocol import parameters_of_url
from pactgraph.web.routes import add_readable, add_writable
from pactgraph.web.service import Service
from pactgraph.web.streaming import AnswerResponse
from pactgraph.web.turns import turn
from pactgraph.web.writing import (
    Writer,
    check_writable,
    message_of,
    receipt_answer,
    submission_of,
)

_TRIPLES = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
_ANY = "ASK { ?s ?p ?o }"
_FORMATS = tuple(each for each in GRAPH_FORMATS if each.name not in {"trig", "nquads"})


class GraphStore:
    """Reads and writes whole graphs."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._writer = Writer(service)

    def add_to(self, app: FastAPI, doorkeeper: Doorkeeper) -> None:
        """Put the graph store on the application."""
        for path in (urls.GRAPHS, urls.GRAPH):
            add_readable(app, path, self.get, summary="Read a graph", openapi_extra=GRAPH_GET)
            for method, door, summary, described in (
                ("PUT", self.put, "Replace a graph", GRAPH_PUT),
                ("POST", self.post, "Add to a graph", GRAPH_POST),
                ("DELETE", self.delete, "Remove a graph", GRAPH_DELETE),
            ):
                add_writable(
                    app, path, door, method, doorkeeper.admit, summary=summary, openapi_extra=described
                )

    def get(self, request: Request) -> Response:
        """Return the triples of a graph, in the format that ``Accept`` asks for."""
        parameters = parameters_of_url(request)
        graph = graph_of(request, self._service)
        asked = [value for value in parameters.all("format") if value.strip()]
        offer = choose(_FORMATS, request.headers.get("accept"), asked)
        snapshot = self._service.snapshot(parameters.one("at"))
        if graph is not None and not self._is_there(graph, snapshot):
            raise _no_graph(graph)
        name = "" if graph is None else graph.value
        gzip = takes_gzip(request.headers.get("accept-encoding"))
        tag = entity_tag(snapshot.revision, offer.media_type, "graph", name, "gzip" if gzip else "")
        headers = read_headers(snapshot.revision, tag)
        if is_current(request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        query = _on(graph, _TRIPLES, snapshot, offer.format.media_type)
        begin = partial(self._service.queries.begin, query)
        return AnswerResponse(begin, offer.media_type, headers, gzip=gzip)

    def put(self, request: Request, body: Annotated[bytes, Depends(submission_of)]) -> Response:
        """Make the body all that a graph holds; 201 when there was no such graph."""
        with turn(len(body)):
            return self._store(request, body, replaces=True)

    def post(self, request: Request, body: Annotated[bytes, Depends(submission_of)]) -> Response:
        """Add the triples of the body to a graph; 201 when there was no such graph.

        Without a name for the graph it is the one of ``source`` (§5.5).
        """
        with turn(len(body)):
            return self._store(request, body, replaces=False)

    def delete(self, request: Request) -> Response:
        """Remove a graph."""
        graph = self._writable(request)

        def make(dataset: EmbeddedDataset, _ledger: Ledger) -> Patch:
            held = tuple(dataset.quads(graph=graph))
            if not held and isinstance(graph, NamedNode):
                raise _no_graph(graph)
            return Patch((), held)

        message = message_of(parameters_of_url(request), f"Remove {_called(graph)}")
        return receipt_answer(self._writer.commit(request, make, message))

    def _store(self, request: Request, body: bytes, *, replaces: bool) -> Response:
        parameters = parameters_of_url(request)
        made = None if replaces else new_graph(request, self._service)
        graph = made or self._writable(request)
        plain = is_plain(self._service)
        triples = triples_of(request, body, everything=plain)
        stated = [
            *_placed(triples if plain else named(triples), graph),
            *([] if plain else _tie(graph, parameters.one("source"))),
        ]
        existed = True

        def make(dataset: EmbeddedDataset, _ledger: Ledger) -> Patch:
            nonlocal existed
            existed = any(True for _ in dataset.quads(graph=graph)) or not isinstance(graph, NamedNode)
            gone = set(dataset.quads(graph=graph)) - canonical(stated) if replaces else ()
            return Patch(tuple(stated), tuple(gone))

        verb = "Replace" if replaces else "Add to"
        message = message_of(parameters, f"{verb} {_called(graph)}")
        receipt: Receipt = self._writer.commit(request, make, message)
        if existed or isinstance(graph, DefaultGraph):
            return receipt_answer(receipt)
        location = urls.graph(graph.value) if made is None else urls.path_of_graph(graph.value)
        return receipt_answer(receipt, status=201, location=location)

    def _writable(self, request: Request) -> NamedNode | DefaultGraph:
        graph = writable_graph(request, self._service)
        if graph is None:
            return DefaultGraph()
        check_writable(graph)
        return graph

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


def _called(graph: NamedNode | DefaultGraph) -> str:
    return f"the graph {graph.value}" if isinstance(graph, NamedNode) else "the default graph"


def _no_graph(graph: NamedNode) -> InputError:
    return InputError(f"There is no graph {graph}; check its IRI.", code="no-graph", status=404)


def _placed(quads: Iterable[Quad], graph: NamedNode | DefaultGraph) -> list[Quad]:
    return [Quad(quad.subject, quad.predicate, quad.object, graph) for quad in quads]


def _tie(graph: NamedNode | DefaultGraph, source: str | None) -> list[Quad]:
    """Return what ties a graph to its source."""
    if source is None or isinstance(graph, DefaultGraph):
        return []
    return [Quad(graph, vocab.HAD_PRIMARY_SOURCE, NamedNode(resolve_iri(source)), graph)]
