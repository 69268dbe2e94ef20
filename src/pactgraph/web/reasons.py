"""``/why``: the sources behind statements, and the revision with which each came."""

from __future__ import annotations

import json
import re
from itertools import groupby, islice
from typing import Any

from fastapi import FastAPI, Request, Response
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

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
from pactgraph.why import Support, why

_JSON = "application/json"
_MOST = 1000
_LITERAL = re.compile(
    r'"(?:[^"\\\n\r]|\\[tbnrf"\'\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+"'
    r"(?:@[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*+|\^\^<[^<>\"{}|^`\\\s]*+>)?"
)
_STRING = "http://www.w3.org/2001/XMLSchema#string"


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
        grouped = groupby(supports, key=lambda each: (each.statement.predicate, each.statement.object))
        return [_statement(list(group)) for _, group in islice(grouped, _MOST)]


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


def _statement(supports: list[Support]) -> dict[str, Any]:
    """Return one statement, with the graphs that state it."""
    quad: Quad = supports[0].statement
    return {
        "subject": _term(quad.subject),
        "predicate": _term(quad.predicate),
        "object": _term(quad.object),
        "supports": [_support(each) for each in supports],
    }


def _support(support: Support) -> dict[str, Any]:
    return {
        "graph": getattr(support.statement.graph_name, "value", None),
        "sources": [
            {"iri": each.iri, "title": each.title, "publisher": each.publisher, "grade": each.grade}
            for each in support.sources
        ],
        "inferred": support.inferred,
        "reason": support.reason,
        "revision": support.revision,
        "author": support.author,
        "time": None if support.time is None else support.time.isoformat(),
    }


def _term(term: NamedNode | BlankNode | Literal | Triple) -> dict[str, str]:
    """Write a term as the SPARQL 1.1 Query Results JSON Format does (§3.2.2)."""
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": str(term.value)}
    if not isinstance(term, Literal):
        return {"type": "other", "value": str(term)}
    written = {"type": "literal", "value": str(term.value)}
    if term.language:
        return written | {"xml:lang": str(term.language)}
    return written if term.datatype.value == _STRING else written | {"datatype": str(term.datatype.value)}
