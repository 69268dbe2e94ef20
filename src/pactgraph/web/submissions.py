"""``POST /changes`` and ``POST /changes/{n}/revert``: facts in, facts out, revisions taken back."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response

from pactgraph.errors import InputError, UnknownFormat
from pactgraph.ingest.formats import INPUT_FORMATS, input_format
from pactgraph.ingest.patches import patch_of
from pactgraph.ingest.rdf_patch import MEDIA_TYPE, ReadPatch, read_rdf_patch
from pactgraph.ingest.reading import read_quads
from pactgraph.ledger import Ledger, Patch
from pactgraph.store import EmbeddedDataset
from pactgraph.web import urls
from pactgraph.web.authorization import Doorkeeper
from pactgraph.web.openapi import REVERT, SUBMIT
from pactgraph.web.problems import Unservable
from pactgraph.web.protocol import media_type_of, parameters_of_url
from pactgraph.web.revisions import entry_of
from pactgraph.web.routes import add_writable
from pactgraph.web.service import Service
from pactgraph.web.turns import turn
from pactgraph.web.writing import (
    MOST_STATEMENTS,
    Writer,
    flag_of,
    message_of,
    receipt_answer,
    submission_of,
)

_CALLED = "The submission"


class Submissions:
    """Takes what people and programs submit."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._writer = Writer(service)

    def add_to(self, app: FastAPI, doorkeeper: Doorkeeper) -> None:
        """Put the doors on the application."""
        admit = doorkeeper.admit
        add_writable(
            app, urls.CHANGES, self.submit, "POST", admit, summary="Submit facts", openapi_extra=SUBMIT
        )
        add_writable(
            app, urls.REVERT, self.revert, "POST", admit, summary="Take a revision back", openapi_extra=REVERT
        )

    def submit(self, request: Request, body: Annotated[bytes, Depends(submission_of)]) -> Response:
        """Let facts in as one revision (201), or say why not (422).

        The body is in any input format, or an RDF Patch, which can remove as well.
        """
        with turn(len(body)):
            return self._submit(request, body)

    def _submit(self, request: Request, body: bytes) -> Response:
        parameters = parameters_of_url(request)
        message = message_of(parameters, "Submitted over HTTP")
        dry_run = flag_of(parameters, "dry_run")
        read = _read(request, body)
        if not read.added and not read.removed:
            raise InputError("the submission states nothing; send at least one statement", code="empty")
        patch = patch_of(read.added, read.removed, source=parameters.one("source"))
        if not read.added:  # what only removes ties no graph to its source
            patch = Patch((), patch.removed)

        def make(_dataset: EmbeddedDataset, ledger: Ledger) -> Patch:
            _check_follows(read, ledger)
            return patch

        receipt = self._writer.commit(request, make, message, dry_run=dry_run)
        return receipt_answer(receipt, status=201)

    def revert(self, request: Request, number: str) -> Response:
        """Take one revision back, as a revision of its own that passes the same shapes."""
        parameters = parameters_of_url(request)
        message = message_of(parameters, f"Revert revision {number[:20]}")

        def make(_dataset: EmbeddedDataset, ledger: Ledger) -> Patch:
            entry = entry_of(ledger.journal, number)
            return Patch(entry.removed, entry.added)

        receipt = self._writer.commit(request, make, message, dry_run=flag_of(parameters, "dry_run"))
        return receipt_answer(receipt, status=201)


def _read(request: Request, body: bytes) -> ReadPatch:
    """Read the body where a crash hurts nobody; raises ``Unservable`` with 415 for other content types."""
    sent = media_type_of(request)
    if sent == MEDIA_TYPE:
        return read_rdf_patch(body, name=_CALLED, most=MOST_STATEMENTS)
    accepted = [each.media_types[0] for each in INPUT_FORMATS] + [MEDIA_TYPE]
    try:
        format_ = input_format(request.headers.get("content-type", "")) if "/" in sent else None
    except UnknownFormat:
        format_ = None
    if format_ is None:
        text = f"{sent or 'a body without Content-Type'} is not read here; send one of {', '.join(accepted)}"
        headers = {"Accept": ", ".join(accepted), "Accept-Post": ", ".join(accepted)}
        raise Unservable(text, code="unsupported-media-type", status=415, headers=headers)
    return ReadPatch(read_quads(body, format=format_.name, name=_CALLED, most=MOST_STATEMENTS), [])


def _check_follows(read: ReadPatch, ledger: Ledger) -> None:
    """Refuse a patch that says it follows another state than the present one (H prev)."""
    if read.previous is None:
        return
    newest = ledger.journal.headings(limit=1)[0]
    if read.previous.removeprefix("urn:sha256:") != newest.hash:
        text = f"the patch follows another state than revision {newest.number}; redo it, or leave out H prev"
        raise Unservable(text, code="stale", status=412)
