"""Serving a document: RDF by negotiation or by suffix, and a page for people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from pactgraph.query.formats import GRAPH_FORMATS, ResultFormat
from pactgraph.web import urls
from pactgraph.web.documents import Document, Documents
from pactgraph.web.offers import choose, choose_or_page
from pactgraph.web.ontology import read_ontology
from pactgraph.web.pages import Page
from pactgraph.web.representations import represent
from pactgraph.web.routes import add_readable
from pactgraph.web.service import Service
from pactgraph.web.shapes import read_shapes
from pactgraph.web.topics import read_topics

# Suffixes of the paths, with the short name of each format and the media type it is sent as.
SUFFIXES = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "json": "application/ld+json",
    "rdf": "application/rdf+xml",
}


def add_documents(app: FastAPI, service: Service, documents: Documents, render: Page) -> None:
    """Put ``/ontology``, ``/topics`` and ``/shapes`` on the application."""
    for path, files, template, read in (
        (urls.ONTOLOGY, documents.ontology, "ontology.html", read_ontology),
        (urls.TOPICS, documents.topics, "topics.html", read_topics),
        (urls.SHAPES, documents.shapes, "shapes.html", read_shapes),
    ):
        Publication(service, render, path, files, template, read).add_to(app)


@dataclass(frozen=True)
class Publication:
    """One document under its path: ``read`` turns it into what ``template`` shows."""

    service: Service
    render: Page
    path: str
    files: tuple[Path, ...]
    template: str
    read: Callable[[Document], Any]

    def add_to(self, app: FastAPI) -> None:
        """Put the document on the application, with and without suffix."""
        name = self.path.removeprefix("/")
        add_readable(app, self.path, self.negotiated, summary=f"The {name}, as RDF or HTML")
        add_readable(app, urls.document(self.path, "{suffix}"), self.suffixed, summary=f"The {name}, as RDF")

    def negotiated(self, request: Request) -> Response:
        """Return the document in the format that ``Accept`` asks for, or its page."""
        offer = choose_or_page(GRAPH_FORMATS, request.headers.get("accept"))
        document = Document(self.files)
        if offer is not None:
            return self._rdf(request, document, offer.format, offer.media_type)
        return self.render(
            request,
            self.template,
            revision=self.service.revision,
            content=self.read(document),
            path=self.path,
            suffixes=SUFFIXES,
        )

    def suffixed(self, request: Request, suffix: str) -> Response:
        """Return the document in the format of its suffix, whatever ``Accept`` says."""
        if suffix not in SUFFIXES:
            raise HTTPException(404)
        format_ = choose(GRAPH_FORMATS, SUFFIXES[suffix]).format
        return self._rdf(request, Document(self.files), format_, format_.media_type)

    def _rdf(self, request: Request, document: Document, format_: ResultFormat, media_type: str) -> Response:
        return represent(
            request,
            document.to_format(format_),
            media_type,
            revision=self.service.revision,
            identity=document.identity,
        )
