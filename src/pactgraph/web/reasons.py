"""``/why``: the sources behind statements, and the revision with which each came."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import Any

from fastapi import FastAPI, Request, Response
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from pactgraph.errors import InputError, UnknownFormat
from pactgraph.terms import resolve_iri
from pactgraph.web import urls
from pactgraph.web.negotiation import preferred
from pactgraph.web.offers import HTML
from pactgraph.web.openapi import WHY
from pactgraph.web.pages import Page
from pactgraph.web.protocol import Parameters, parameters_of_url
from pactgraph.web.representations import represent
from pactgraph.web.routes import add_readable
from pactgraph.web.service import Service
from pactgraph.why import told, why

_JSON = "application/json"
_MOST = 1000
_LITERAL = re.compile(
    r'"(?:[^"\\\n\r]|\\[tbnrf"\'\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+"'
    r"(?:@[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*+|\^\^<[^<>\"{}|^`\\\s]*+>)?"
)


class Reasons:
    """Says why one dataset states something."""

    def __init__(self, service: Service, render: Page) -> None:
        self._service = service
        self._render = render

    def add_to(self, app: FastAPI) -> None:
        """Put the resource on the application."""
        add_readable(app, urls.WHY, self.get, summary="The sources behind statements", openapi_extra=WHY)

    def get(self, request: Request) -> Response:
        """Return, for each matching statement, the graphs that state it: sources, revision, author, time."""
        accept = request.headers.get("accept")
        media_type = preferred(accept, [_JSON, HTML])
        if media_type is None:
            raise UnknownFormat(
                f"nothing that Accept names ({accept}) is offered; ask for {_JSON}", status=406
            )
        asked = parameters_of_url(request)
        revision = self._service.revision
        statements = self._statements(asked)
        if media_type == _JSON:
            body = json.dumps({"statements": statements}, ensure_ascii=False).encode()
            return represent(request, body, _JSON, revision=revision)
        return self._render(
            request, "why.html", revision=revision, subject=asked.one("s"), statements=statements
        )

    def _statements(self, asked: Parameters) -> list[dict[str, Any]]:
        subject, predicate, value = _iri(asked, "s"), _iri(asked, "p"), _value(asked)
        if subject is None:
            raise InputError(
                "say which subject: /why?s= and its IRI, percent-encoded", code="missing-subject"
            )
        with self._service.journal() as journal:
            supports = why(self._service.dataset, journal, subject, predicate, value)
        if not supports:
            text = "No graph states that; check the IRIs, and how the value is written."
            raise InputError(text, code="not-stated", status=404)
        return list(islice(told(supports), _MOST))


def _iri(asked: Parameters, name: str) -> NamedNode | None:
    value = asked.one(name)
    return (
        None if value is None else NamedNode(resolve_iri(value.strip().removeprefix("<").removesuffix(">")))
    )


def _value(asked: Parameters) -> NamedNode | Literal | None:
    """Return the object: an IRI, or a literal as in N-Triples; raises ``InputError`` for what is neither."""
    text = (asked.one("o") or "").strip()
    if not text.startswith('"'):
        return _iri(asked, "o")
    if not _LITERAL.fullmatch(text):
        raise InputError(
            f'o {text[:80]} is no literal of N-Triples; write it as "text"@en or "1"^^<IRI of the datatype>',
            code="bad-term",
        )
    try:
        quad = next(iter(parse(f"<urn:s> <urn:p> {text} .", format=RdfFormat.N_TRIPLES)))
    except SyntaxError:
        raise InputError(f"o {text[:80]} is no literal of N-Triples; correct it", code="bad-term") from None
    return quad.object if isinstance(quad.object, Literal) else None
