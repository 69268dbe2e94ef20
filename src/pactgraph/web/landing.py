"""``/``: what this server is, for people; machines are sent on to the endpoint."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from pactgraph.errors import QueryFailed
from pactgraph.model import QueryRequest
from pactgraph.query.formats import GRAPH_FORMATS
from pactgraph.web import urls
from pactgraph.web.offers import choose_or_page
from pactgraph.web.pages import Page
from pactgraph.web.representations import represent
from pactgraph.web.routes import add_readable
from pactgraph.web.service import Service

_SECONDS = 2.0
_STATEMENTS = "SELECT (COUNT(*) AS ?count) WHERE { ?subject ?predicate ?object }"
_SOURCES = """SELECT (COUNT(DISTINCT ?source) AS ?count)
WHERE { ?graph <http://www.w3.org/ns/prov#hadPrimarySource> ?source }"""


@dataclass(frozen=True)
class Figures:
    """The size of the graph; None where counting took too long."""

    statements: int | None
    sources: int | None


def add_landing(app: FastAPI, service: Service, render: Page, stylesheet: Path) -> None:
    """Put the landing page and the stylesheet of all pages on the application."""

    def landing(request: Request) -> Response:
        """Say what this is and where to go; a client that prefers RDF is sent to the endpoint (303)."""
        offer = choose_or_page(GRAPH_FORMATS, request.headers.get("accept"), page_first=True)
        if offer is not None:
            return RedirectResponse(urls.SPARQL, 303, headers={"Vary": "Accept"})
        figures = Figures(_count(service, _STATEMENTS), _count(service, _SOURCES))
        return render(request, "landing.html", revision=service.revision, figures=figures)

    def style(request: Request) -> Response:
        """Return the stylesheet of the pages."""
        return represent(request, stylesheet.read_bytes(), "text/css", revision=service.revision)

    add_readable(app, urls.HOME, landing, summary="What this is")
    add_readable(app, urls.STYLESHEET, style, include_in_schema=False)


def add_openapi(app: FastAPI, service: Service) -> None:
    """Put the OpenAPI description on the application, with the validators that every read has."""

    def openapi(request: Request) -> Response:
        """Return this description."""
        described: Mapping[str, object] = app.openapi()
        body = json.dumps(described, ensure_ascii=False).encode()
        return represent(request, body, "application/json", revision=service.revision)

    add_readable(app, urls.OPENAPI, openapi, summary="This description")


def _count(service: Service, query: str) -> int | None:
    """Return the one number that the query selects, or None when it is not there in time."""
    request = QueryRequest(query, media_type="application/sparql-results+json", timeout=_SECONDS)
    try:
        answer = service.queries.run(request)
        try:
            result = json.loads(b"".join(answer.chunks))
        finally:
            answer.close()
    except QueryFailed:
        return None
    return int(result["results"]["bindings"][0]["count"]["value"])
