"""``/id/{kind}/{slug}``, ``/topic/{slug}``, ``/source/{slug}``: what is known of the thing with that IRI."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from fastapi import FastAPI, Request, Response
from pyoxigraph import NamedNode

from pactgraph import vocab
from pactgraph.errors import InputError
from pactgraph.exports.ask import Ask, ask_runner
from pactgraph.model import QueryRequest, Snapshot
from pactgraph.query.formats import GRAPH_FORMATS, ResultFormat
from pactgraph.query.guard import form_of
from pactgraph.web import urls
from pactgraph.web.clients import client_of
from pactgraph.web.compression import takes_gzip
from pactgraph.web.conditional import entity_tag, is_current, read_headers
from pactgraph.web.entity_page import is_known, query, read_entity
from pactgraph.web.offers import choose, choose_or_page
from pactgraph.web.openapi import ENTITY
from pactgraph.web.pages import Page
from pactgraph.web.protocol import parameters_of_url
from pactgraph.web.publication import SUFFIXES
from pactgraph.web.routes import add_readable
from pactgraph.web.service import Service
from pactgraph.web.streaming import AnswerResponse


class Entities:
    """Answers for the IRIs of one dataset, in the state of any revision (``at``)."""

    def __init__(self, service: Service, render: Page) -> None:
        self._service = service
        self._render = render

    def add_to(self, app: FastAPI) -> None:
        """Put the resources on the application."""
        for path, what in ((urls.ENTITY, "A thing"), (urls.TOPIC, "A topic"), (urls.SOURCE, "A source")):
            add_readable(app, path, self.get, summary=f"{what}, as RDF or HTML", openapi_extra=ENTITY)

    def get(self, request: Request) -> Response:
        """Answer for the IRI with this path: the page, or RDF by ``Accept`` or the suffix of the path.

        RDF holds the statements that have the thing as subject or object. Raises ``InputError`` with 404 for
        a thing of which nothing is said.
        """
        entity, format_ = _read_path(request.scope["path"])
        snapshot = self._service.snapshot(parameters_of_url(request).one("at"))
        ask = ask_runner(self._service.queries, form_of, snapshot=snapshot)
        if format_ is None:
            offer = choose_or_page(GRAPH_FORMATS, request.headers.get("accept"), page_first=True)
            if offer is None:
                return self._page(request, entity, ask, snapshot.revision)
            format_ = replace(offer.format, media_type=offer.media_type)
        if not is_known(entity, ask):
            raise _unknown(entity)
        return self._rdf(request, entity, format_, snapshot)

    def _page(self, request: Request, entity: NamedNode, ask: Ask, revision: int) -> Response:
        page = read_entity(entity, ask)
        if page is None:
            raise _unknown(entity)
        path = urls.of_iri(entity.value)
        return self._render(
            request, "entity.html", revision=revision, page=page, path=path, suffixes=SUFFIXES
        )

    def _rdf(
        self, request: Request, entity: NamedNode, format_: ResultFormat, snapshot: Snapshot
    ) -> Response:
        gzip = takes_gzip(request.headers.get("accept-encoding"))
        tag = entity_tag(snapshot.revision, format_.media_type, entity.value, "gzip" if gzip else "")
        headers = read_headers(snapshot.revision, tag)
        if is_current(request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        asked = QueryRequest(
            query("statements", entity),
            media_type=format_.media_type,
            snapshot=snapshot,
            client=client_of(request.scope),
        )
        begin = partial(self._service.queries.begin, asked)
        return AnswerResponse(begin, format_.media_type, headers, gzip=gzip)


def _read_path(path: str) -> tuple[NamedNode, ResultFormat | None]:
    """Return the IRI that a path stands for, and the format that its suffix asks for."""
    name, dot, suffix = path.rpartition(".")
    format_ = choose(GRAPH_FORMATS, SUFFIXES[suffix]).format if dot and suffix in SUFFIXES else None
    iri = vocab.BASE + (name if format_ else path).removeprefix("/")
    try:
        return NamedNode(iri), format_
    except ValueError:
        raise InputError(
            f"{path[:200]!r} is not the path of an IRI; check it for spaces and brackets",
            code="unknown-entity",
            status=404,
        ) from None


def _unknown(entity: NamedNode) -> InputError:
    text = f"Nothing is said of {entity.value}; look for its name with /search, or check the spelling."
    return InputError(text, code="unknown-entity", status=404)
