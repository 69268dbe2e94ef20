"""``/sparql``: the SPARQL 1.1 Protocol, its service description, and the page to type a query into."""

from __future__ import annotations

import re
import secrets
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response

from pactgraph import vocab
from pactgraph.errors import InputError
from pactgraph.model import QueryRequest
from pactgraph.query.formats import BINDING_FORMATS, GRAPH_FORMATS, formats_of
from pactgraph.query.guard import inspect
from pactgraph.web import urls
from pactgraph.web.conditional import entity_tag, is_current, read_headers
from pactgraph.web.offers import choose, choose_or_page
from pactgraph.web.openapi import SPARQL_GET, SPARQL_POST
from pactgraph.web.pages import Page
from pactgraph.web.protocol import Parameters, body_of, parameters_of_get, parameters_of_post, query_request
from pactgraph.web.representations import represent
from pactgraph.web.routes import add_readable
from pactgraph.web.service import Service
from pactgraph.web.service_description import service_description
from pactgraph.web.streaming import AnswerResponse

EXAMPLE = """SELECT ?class (COUNT(?thing) AS ?things)
WHERE { ?thing a ?class }
GROUP BY ?class
ORDER BY DESC(?things)
LIMIT 20"""

# Two evaluations on one revision differ where one of these is called; found in a comment, it costs a 304.
_VOLATILE = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID|BNODE)\s*\(", re.IGNORECASE)


class SparqlEndpoint:
    """Answers queries about one service."""

    def __init__(self, service: Service, render: Page) -> None:
        self._prefixes = vocab.prefixes()
        self._service = service
        self._render = render

    def add_to(self, app: FastAPI) -> None:
        """Put the endpoint on the application."""
        add_readable(app, urls.SPARQL, self.get, summary="Ask a query", openapi_extra=SPARQL_GET)
        app.add_api_route(
            urls.SPARQL,
            self.post,
            methods=["POST"],
            response_class=Response,
            summary="Ask a long query",
            openapi_extra=SPARQL_POST,
        )

    def get(self, request: Request) -> Response:
        """Answer ``query``; without one, describe the service to machines, show the query page to people."""
        parameters = parameters_of_get(request)
        if not parameters.all("query"):
            return self._introduce(request, parameters)
        return self._answer(request, parameters, conditional=True)

    def post(self, request: Request, body: Annotated[bytes, Depends(body_of)]) -> Response:
        """Answer a query that is too long for a URL; conditional requests are for GET (RFC 9110 §13.1.2)."""
        return self._answer(request, parameters_of_post(request, body), conditional=False)

    def _answer(self, request: Request, parameters: Parameters, *, conditional: bool) -> Response:
        text = parameters.one("query")
        if text is None:
            raise InputError("the request holds no query; send it as query=...", code="missing-query")
        form = inspect(text, self._prefixes).form
        offer = choose(formats_of(form), request.headers.get("accept"), _asked(parameters))
        query = query_request(parameters, text, offer.format.media_type)
        revision = self._service.revision
        tag = entity_tag(revision, offer.media_type, *_identity(query))
        headers = read_headers(revision, tag)
        if conditional and is_current(request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        headers["Content-Disposition"] = f'inline; filename="result{offer.format.suffix}"'
        return AnswerResponse(self._service.pool.run(query), offer.media_type, headers)

    def _introduce(self, request: Request, parameters: Parameters) -> Response:
        accept, asked = request.headers.get("accept"), _asked(parameters)
        offer = choose(GRAPH_FORMATS, accept, asked) if asked else choose_or_page(GRAPH_FORMATS, accept)
        revision = self._service.revision
        if offer is None:
            return self._render(
                request,
                "query.html",
                revision=revision,
                example=EXAMPLE,
                binding_formats=BINDING_FORMATS,
                graph_formats=GRAPH_FORMATS,
            )
        body = service_description(urls.absolute(str(request.url), urls.SPARQL), offer.format)
        return represent(request, body, offer.media_type, revision=revision)


def _asked(parameters: Parameters) -> list[str]:
    """Return the values of ``format`` without those of an empty form field."""
    return [value for value in parameters.all("format") if value.strip()]


def _identity(query: QueryRequest) -> list[str]:
    """Return what tells this answer from others of its revision; a volatile one is never the same twice."""
    nonce = secrets.token_hex(8) if _VOLATILE.search(query.text) else ""
    return [query.text, repr((query.default_graphs, query.named_graphs)), nonce]
