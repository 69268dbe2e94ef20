"""``GET /changes`` and ``GET /changes/{n}``: the log, and one revision with its RDF Patch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from pactgraph.errors import InputError, UnknownFormat
from pactgraph.history import heading_json, rdf_patch
from pactgraph.ingest.rdf_patch import MEDIA_TYPE
from pactgraph.journal import Entry, Heading, Journal
from pactgraph.provenance import author_iri
from pactgraph.web import urls
from pactgraph.web.feed import ATOM, atom_feed
from pactgraph.web.negotiation import preferred
from pactgraph.web.offers import HTML
from pactgraph.web.openapi import LOG
from pactgraph.web.pages import Page
from pactgraph.web.protocol import Parameters, parameters_of_url
from pactgraph.web.representations import represent
from pactgraph.web.routes import add_readable
from pactgraph.web.service import Service

JSON = "application/json"
_SUFFIXES = {"json": JSON, "atom": ATOM}
_USUAL, _MOST = 50, 1000
_SHOWN = 200
_DIGITS = 15


@dataclass(frozen=True)
class Part:
    """A part of the log, newest first; ``next`` is the URL of what comes before it."""

    headings: list[Heading]
    iri: str | None
    next: str | None


class Revisions:
    """Shows what happened to one dataset."""

    def __init__(self, service: Service, render: Page) -> None:
        self._service = service
        self._render = render

    def add_to(self, app: FastAPI) -> None:
        """Put the log on the application."""
        add_readable(app, urls.CHANGES, self.log, summary="The log", openapi_extra=LOG)
        add_readable(
            app,
            urls.document(urls.CHANGES, "{suffix}"),
            self.suffixed,
            summary="The log as json or atom",
            openapi_extra=LOG,
        )
        add_readable(app, urls.CHANGE, self.revision, summary="One revision")
        add_readable(app, urls.PATCH, self.patch, summary="One revision as RDF Patch")

    def log(self, request: Request) -> Response:
        """List the revisions, newest first; with ``iri``, the story of one entity."""
        return self._log(request, _choose(request, JSON, HTML, ATOM))

    def suffixed(self, request: Request, suffix: str) -> Response:
        """List the revisions in the format of the suffix, whatever ``Accept`` says."""
        if suffix not in _SUFFIXES:
            raise HTTPException(404)
        return self._log(request, _SUFFIXES[suffix])

    def revision(self, request: Request, number: str) -> Response:
        """Say of one revision who, when and why, how much it changed, and what the shapes remarked."""
        media_type = _choose(request, JSON, HTML)
        entry = self._entry(number)
        if media_type == JSON:
            return _json(request, _told(entry), self._service.revision)
        return self._render(
            request,
            "change.html",
            revision=self._service.revision,
            change=_told(entry),
            removed=[str(quad) for quad in islice(entry.removed, _SHOWN)],
            added=[str(quad) for quad in islice(entry.added, _SHOWN)],
            shown=_SHOWN,
        )

    def patch(self, request: Request, number: str) -> Response:
        """Return one revision as RDF Patch."""
        entry = self._entry(number)
        body = "".join(f"{line}\n" for line in rdf_patch(entry)).encode()
        headers = {"Content-Disposition": f'inline; filename="revision-{entry.number}.rdfp"'}
        return represent(
            request, body, MEDIA_TYPE, revision=entry.number, identity=entry.hash.encode(), headers=headers
        )

    def _log(self, request: Request, media_type: str) -> Response:
        part = self._part(parameters_of_url(request))
        revision = self._service.revision
        if media_type == HTML:
            return self._render(request, "changes.html", revision=revision, part=part)
        headers = {"Link": f'<{part.next}>; rel="next"'} if part.next else {}
        if media_type == ATOM:
            here = urls.absolute(str(request.url), "")
            return represent(
                request, atom_feed(part.headings, here, part.iri), ATOM, revision=revision, headers=headers
            )
        told = [heading_json(each) | {"url": urls.change(each.number)} for each in part.headings]
        return _json(request, {"revisions": told, "next": part.next}, revision, headers)

    def _part(self, parameters: Parameters) -> Part:
        limit = min(_number(parameters, "limit") or _USUAL, _MOST)
        iri, before = parameters.one("iri"), _number(parameters, "before")
        with self._service.journal() as journal:
            found = journal.headings(iri=iri, limit=limit + 1, before=before)
        more = urls.changes(iri=iri, limit=limit, before=found[limit - 1].number) if found[limit:] else None
        return Part(found[:limit], iri, more)

    def _entry(self, number: str) -> Entry:
        with self._service.journal() as journal:
            return entry_of(journal, number)


def entry_of(journal: Journal, number: str) -> Entry:
    """Return the revision that a path names; raises ``InputError`` when there is none."""
    is_number = number.isascii() and number.isdecimal() and len(number) <= _DIGITS
    entry = journal.read(int(number)) if is_number else None
    if entry is None:
        raise _no_revision(number[:_DIGITS], journal.head)
    return entry


def _no_revision(number: str, head: int) -> InputError:
    return InputError(f"There is no revision {number}; the newest is {head}.", code="no-revision", status=404)


def _told(entry: Entry) -> dict[str, Any]:
    """Return a revision for programs: its heading, whose it is, the chain, and the report on it."""
    counted = len(entry.added), len(entry.removed)
    heading = Heading(entry.number, entry.ended_at, entry.author, entry.message, *counted, entry.hash)
    report = json.loads(entry.remarks)
    results = report.get("results", ()) if isinstance(report, dict) else ()
    return heading_json(heading) | {
        "agent": author_iri(entry.author),
        "parent": entry.parent,
        "warnings": [result.get("message") for result in results],
        "report": report if isinstance(report, dict) else None,
        "url": urls.change(entry.number),
        "patch_url": f"{urls.change(entry.number)}/patch",
    }


def _json(
    request: Request, document: dict[str, Any], revision: int, headers: dict[str, str] | None = None
) -> Response:
    body = json.dumps(document, ensure_ascii=False).encode()
    return represent(request, body, JSON, revision=revision, headers=headers)


def _choose(request: Request, *offers: str) -> str:
    accept = request.headers.get("accept")
    chosen = preferred(accept, offers)
    if chosen is None:
        raise UnknownFormat(
            f"nothing that Accept names ({accept}) is offered; ask for one of {', '.join(offers)}", status=406
        )
    return chosen


def _number(parameters: Parameters, name: str) -> int | None:
    """Return a whole number from 1 upwards; raises ``InputError`` for anything else."""
    value = parameters.one(name)
    if value is None:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) <= _DIGITS and int(value)):
        raise InputError(f"{name} {value[:40]!r} is not a number from 1 upwards", code="bad-request")
    return int(value)
