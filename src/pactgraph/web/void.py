"""``/.well-known/void``: the description of the graph as a document, with where to ask."""

from __future__ import annotations

import pyoxigraph as ox
from fastapi import FastAPI, Request, Response

from pactgraph import vocab
from pactgraph.query.formats import GRAPH_FORMATS
from pactgraph.web import urls
from pactgraph.web.inventory import DATASET, EXECUTABLE, Inventory
from pactgraph.web.namespaces import SCHEMA, SH, VOID, VOID_EXT
from pactgraph.web.offers import choose
from pactgraph.web.representations import represent
from pactgraph.web.routes import add_readable
from pactgraph.web.service import Service
from pactgraph.web.service_description import serialize

_PREFIXES = {"void": VOID, "void-ext": VOID_EXT, "sh": SH, "rdfs": vocab.RDFS, "xsd": vocab.XSD}


def add_void(app: FastAPI, service: Service, inventory: Inventory) -> None:
    """Put the resource on the application."""

    def get(request: Request) -> Response:
        """Answer in the RDF format that is asked for; raises ``QueryFailed`` when counting takes too long."""
        offer = choose(GRAPH_FORMATS, request.headers.get("accept"))
        snapshot = service.snapshot()
        endpoint = urls.absolute(str(request.url), urls.SPARQL)
        triples = [*inventory.describe(snapshot), *_placed(inventory.describe(snapshot), endpoint)]
        body = serialize(triples, offer.format, _PREFIXES)
        return represent(request, body, offer.media_type, revision=snapshot.revision)

    add_readable(app, urls.VOID, get, summary="What is in the graph, and queries to start from")


def _placed(triples: list[ox.Triple], endpoint: str) -> list[ox.Triple]:
    """Return where the dataset and each query can be asked: at the address that this request came to."""
    here = ox.NamedNode(endpoint)
    examples = [triple.subject for triple in triples if triple.object == EXECUTABLE]
    return [
        ox.Triple(DATASET, ox.NamedNode(f"{VOID}sparqlEndpoint"), here),
        *(ox.Triple(example, ox.NamedNode(f"{SCHEMA}target"), here) for example in examples),
    ]
