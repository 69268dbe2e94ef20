"""``/search``: entities by name, in any language, typing errors and romanisations forgiven."""

from __future__ import annotations

import json
import re
from dataclasses import asdict

from fastapi import FastAPI, Request, Response
from pyoxigraph import DefaultGraph, NamedNode

from pactgraph import vocab
from pactgraph.errors import InputError, UnknownFormat
from pactgraph.search.index import MOST
from pactgraph.terms import resolve_iri
from pactgraph.web import urls
from pactgraph.web.negotiation import preferred
from pactgraph.web.openapi import SEARCH
from pactgraph.web.protocol import Parameters, parameters_of_url
from pactgraph.web.representations import represent
from pactgraph.web.routes import add_readable
from pactgraph.web.service import Service

_JSON = "application/json"
_LONGEST = 200
_USUAL = 10
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,7}")
_LOCAL = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
_PREFIXED = re.compile(r"([A-Za-z][A-Za-z0-9]{0,31}):([A-Za-z][A-Za-z0-9-]{0,63})")
_CLASS = NamedNode("http://www.w3.org/2002/07/owl#Class")


class Search:
    """Finds the entities of one dataset."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._prefixes = vocab.prefixes()

    def add_to(self, app: FastAPI) -> None:
        """Put the resource on the application."""
        add_readable(app, urls.SEARCH, self.get, summary="Entities by name", openapi_extra=SEARCH)

    def get(self, request: Request) -> Response:
        """Return the entities whose names are nearest to ``q``, with the revision that was searched."""
        accept = request.headers.get("accept")
        if preferred(accept, [_JSON]) is None:
            raise UnknownFormat(
                f"nothing that Accept names ({accept}) is offered; ask for {_JSON}", status=406
            )
        asked = parameters_of_url(request)
        answer = self._service.index.search(
            _text(asked), kind=self._kind(asked), lang=_language(asked), limit=_limit(asked)
        )
        body = json.dumps({"results": [asdict(each) for each in answer.found]}, ensure_ascii=False)
        return represent(request, body.encode(errors="replace"), _JSON, revision=answer.revision)

    def _kind(self, asked: Parameters) -> str | None:
        """Return the class asked for: an IRI, a prefixed name, or the last part of a class's IRI."""
        given = (asked.one("type") or "").strip()
        if not given:
            return None
        prefixed = _PREFIXED.fullmatch(given)
        if prefixed is not None and prefixed[1] in self._prefixes:
            return self._prefixes[prefixed[1]] + prefixed[2]
        return self._class_called(given) if _LOCAL.fullmatch(given) else resolve_iri(given)

    def _class_called(self, name: str) -> str:
        known = self._classes()
        if name not in known:
            text = f"there is no class {name}; the classes are {', '.join(sorted(known))}"
            raise InputError(text, code="unknown-type")
        return known[name]

    def _classes(self) -> dict[str, str]:
        """Return the ontology's classes by the last part of their IRIs."""
        found = self._service.dataset.quads(None, vocab.TYPE, _CLASS, DefaultGraph())
        iris = [quad.subject.value for quad in found if isinstance(quad.subject, NamedNode)]
        return {re.split("[#/]", iri)[-1]: iri for iri in iris}


def _text(asked: Parameters) -> str:
    text = asked.one("q")
    if text is None:
        raise InputError("say which name: /search?q= and the name or a part of it", code="missing-name")
    if len(text) > _LONGEST:
        raise InputError(f"q is over {_LONGEST} characters; give a part of the name", code="bad-name")
    return text


def _language(asked: Parameters) -> str | None:
    given = (asked.one("lang") or "").strip()
    if given and not _LANGUAGE.fullmatch(given):
        raise InputError(f"lang {given[:40]!r} is no language tag; write one such as ko", code="bad-language")
    return given or None


def _limit(asked: Parameters) -> int:
    given = asked.one("limit")
    if given is None:
        return _USUAL
    if not (
        given.isascii() and given.isdecimal() and len(given) <= len(str(MOST)) and 1 <= int(given) <= MOST
    ):
        raise InputError(f"limit {given[:40]!r} is not a number from 1 to {MOST}", code="bad-request")
    return int(given)
