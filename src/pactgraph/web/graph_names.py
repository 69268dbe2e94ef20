"""Which graph a request of the Graph Store Protocol is about (§4): named in its query, or by its own path."""

from __future__ import annotations

from uuid import uuid4

from fastapi import Request
from pyoxigraph import NamedNode

from pactgraph import vocab
from pactgraph.errors import InputError
from pactgraph.shapes.sourcing import graph_of_source
from pactgraph.terms import resolve_iri
from pactgraph.web import urls
from pactgraph.web.problems import Unservable
from pactgraph.web.protocol import Parameters, parameters_of_url
from pactgraph.web.service import Service


def graph_of(request: Request, service: Service) -> NamedNode | None:
    """Return the graph that a request is about, nothing for the default graph; raises ``InputError``."""
    if "graph_path" in request.path_params:
        return _graph_at(request, service)
    parameters = parameters_of_url(request)
    iri = parameters.one("graph")
    if _is_default(parameters) == (iri is not None):
        raise InputError(
            "name one graph: ?graph= and its IRI, percent-encoded, or ?default", code="missing-graph"
        )
    return None if iri is None else NamedNode(resolve_iri(iri))


def new_graph(request: Request, service: Service) -> NamedNode | None:
    """Return the graph for a POST that names none (§5.5): that of its source; raises ``InputError``.

    Nothing is returned for a POST that names one.
    """
    parameters = parameters_of_url(request)
    if "graph_path" in request.path_params or _is_default(parameters) or parameters.all("graph"):
        return None
    if is_plain(service):
        return NamedNode(urls.absolute(str(request.url), urls.graph_itself(uuid4().hex)))
    source = parameters.one("source")
    if source is None:
        text = "name the graph (?graph=), or the source whose graph it is (?source=); both as full IRIs"
        raise InputError(text, code="missing-graph")
    return NamedNode(graph_of_source(source))


def writable_graph(request: Request, service: Service) -> NamedNode | None:
    """Return the graph to write to; raises ``Unservable`` (405) for the default graph, which only follows."""
    graph = graph_of(request, service)
    if graph is None and not is_plain(service):
        text = (
            "the default graph is the union of the graphs of the sources and follows them; "
            "write to the graph of a source, or submit facts to /changes"
        )
        raise Unservable(text, code="default-graph", status=405, headers={"Allow": "GET, HEAD, OPTIONS"})
    return graph


def is_plain(service: Service) -> bool:
    """Whether the dataset is one without our rules, for test suites."""
    return service.ledger is not None and service.ledger.is_plain


def _is_default(parameters: Parameters) -> bool:
    return any(name == "default" for name, _ in parameters.pairs)


def _graph_at(request: Request, service: Service) -> NamedNode:
    """Return the graph that the path itself names (§4.1): the one with the same path under our base."""
    if any(name in {"graph", "default"} for name, _ in parameters_of_url(request).pairs):
        raise InputError(
            "the path names the graph already; leave ?graph= and ?default out", code="two-graphs"
        )
    path = request.scope["raw_path"].decode("ascii", "replace").partition("?")[0]
    root = urls.absolute(str(request.url), "/") if is_plain(service) else vocab.BASE
    return NamedNode(resolve_iri(root + path.removeprefix("/")))
