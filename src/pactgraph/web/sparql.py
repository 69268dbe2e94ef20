"""``/sparql``: the SPARQL 1.1 Protocol, its service description, and the page to type a query into."""

from __future__ import annotations

import asyncio
import secrets
from functools import partial
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response

from pactgraph.errors import InputError
from pactgraph.model import QueryRequest, Snapshot
from pactgraph.query.formats import BINDING_FORMATS, GRAPH_FORMATS
from pactgraph.query.guard import Outline
from pactgraph.query.register import QueryRegister
from pactgraph.web import urls
from pactgraph.web.about import asks_about_dataset
from pactgraph.web.clients import Allowance, client_of
from pactgraph.web.compression import takes_gzip
from pactgraph.web.conditional import entity_tag, is_current, read_headers
from pactgraph.web.inventory import Inventory
from pactgraph.web.offers import Choices, choose, choose_or_page
from pactgraph.web.openapi import SPARQL_GET, SPARQL_POST
from pactgraph.web.pages import Page
from pactgraph.web.protocol import Parameters, body_of, parameters_of_get, parameters_of_post, query_request
from pactgraph.web.representations import represent
from pactgraph.web.routes import add_readable
from pactgraph.web.service import Service
from pactgraph.web.service_description import service_description
from pactgraph.web.sight import QUERY, REUSABLE
from pactgraph.web.streaming import AnswerResponse
from pactgraph.web.threads import on_thread

EXAMPLE = """SELECT ?class (COUNT(?thing) AS ?things)
WHERE { ?thing a ?class }
GROUP BY ?class
ORDER BY DESC(?things)
LIMIT 20"""

_SHORT = 5000  # characters; read in about a millisecond


class SparqlEndpoint:
    """Answers queries about one service."""

    def __init__(self, service: Service, register: QueryRegister, render: Page, inventory: Inventory) -> None:
        self._service = service
        self._register = register
        self._allowance = Allowance(service.limits.client_queries)
        self._render = render
        self._choices = Choices()
        self._inventory = inventory
        # one long request at a time: each takes a hundred times its size
        self._reading = asyncio.Semaphore(1)
        self._rewinding, self._describing = asyncio.Semaphore(4), asyncio.Semaphore(1)

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

    async def get(self, request: Request) -> Response:
        """Answer ``query``; without one, describe the service to machines, show the query page to people."""
        parameters = parameters_of_get(request)
        if not parameters.all("query"):
            return await on_thread(self._introduce, request, parameters)
        return await self._answer(request, parameters, conditional=True)

    async def post(self, request: Request, body: Annotated[bytes, Depends(body_of)]) -> Response:
        """Answer a query that is too long for a URL; conditional requests are for GET (RFC 9110 §13.1.2)."""
        if len(body) > _SHORT:
            async with self._reading:
                parameters = await on_thread(parameters_of_post, request, body)
        else:
            parameters = parameters_of_post(request, body)
        return await self._answer(request, parameters, conditional=False)

    async def _answer(self, request: Request, parameters: Parameters, *, conditional: bool) -> Response:
        text = parameters.one("query")
        if text is None:
            raise InputError("the request holds no query; send it as query=...", code="missing-query")
        outline = await self._inspect(text)
        offer = self._choices.of(outline.form, request.headers.get("accept"), _asked(parameters))
        snapshot = await self._snapshot(parameters.one("at"), outline)
        query = query_request(parameters, text, offer.format.media_type, client_of(request.scope), snapshot)
        revision = snapshot.revision
        gzip = takes_gzip(request.headers.get("accept-encoding"))
        tag = entity_tag(revision, offer.media_type, *_identity(query, outline), "gzip" if gzip else "")
        headers = read_headers(revision, tag)
        if conditional and is_current(request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        entry = self._register.open(text, query.client, request.headers.get("x-query-id"))
        request.scope[QUERY] = entry
        request.scope[REUSABLE] = not outline.volatile
        headers["X-Query-Id"] = entry.id
        headers["Content-Disposition"] = f'inline; filename="result{offer.format.suffix}"'
        return AnswerResponse(
            partial(self._service.queries.begin, query, outline=outline),
            offer.media_type,
            headers,
            allowance=self._allowance.use(query.client),
            cancellation=entry.cancellation,
            gzip=gzip,
            on_failure=entry.end,
        )

    async def _snapshot(self, when: str | None, outline: Outline) -> Snapshot:
        """Return what the query reads; making the snapshot of a new or an earlier revision takes a while.

        Who waits for one to be made, waits here: threads that wait would be missed by all others.
        """
        if when is not None:
            async with self._rewinding:
                return await on_thread(self._service.snapshot, when)
        fresh = self._service.is_fresh
        snapshot = self._service.snapshot() if fresh else await on_thread(self._service.snapshot)
        if not asks_about_dataset(outline.normalised):
            return snapshot
        async with self._describing:
            return await on_thread(self._service.described, snapshot, self._inventory.quads)

    async def _inspect(self, text: str) -> Outline:
        """Read a short query here and now; a long one may take so long that others would notice."""
        if len(text) > _SHORT:
            async with self._reading:
                return await on_thread(self._service.queries.inspect, text)
        return self._service.queries.inspect(text)

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


def _identity(query: QueryRequest, outline: Outline) -> list[str]:
    """Return what tells this answer from others of its revision; a volatile one is never the same twice."""
    nonce = secrets.token_hex(8) if outline.volatile else ""
    return [outline.normalised or query.text, repr((query.default_graphs, query.named_graphs)), nonce]
