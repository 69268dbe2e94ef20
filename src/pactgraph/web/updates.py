"""``/sparql/update``: SPARQL 1.1 Update over the SPARQL 1.1 Protocol (§2.2), as one revision."""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

from fastapi import Depends, FastAPI, Request, Response

from pactgraph import vocab
from pactgraph.errors import InputError
from pactgraph.ingest.updates import read_update
from pactgraph.ledger import Ledger, Patch
from pactgraph.store import EmbeddedDataset
from pactgraph.web import urls
from pactgraph.web.authorization import Doorkeeper
from pactgraph.web.openapi import SPARQL_UPDATE
from pactgraph.web.protocol import graphs_of, parameters_of_update, timeout_of
from pactgraph.web.routes import add_writable
from pactgraph.web.service import Service
from pactgraph.web.turns import turn
from pactgraph.web.writing import Writer, flag_of, message_of, receipt_answer, submission_of


class UpdateEndpoint:
    """Takes updates of one dataset."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._writer = Writer(service)

    def add_to(self, app: FastAPI, doorkeeper: Doorkeeper) -> None:
        """Put the endpoint on the application."""
        add_writable(
            app,
            urls.UPDATE,
            self.post,
            "POST",
            doorkeeper.admit,
            summary="Change the graph",
            openapi_extra=SPARQL_UPDATE,
        )

    def post(self, request: Request, body: Annotated[bytes, Depends(submission_of)]) -> Response:
        """Evaluate all operations of an update, and let what they change in together as one revision."""
        with turn(len(body)):
            return self._update(request, body)

    def _update(self, request: Request, body: bytes) -> Response:
        parameters = parameters_of_update(request, body)
        text = parameters.one("update")
        if text is None:
            raise InputError("the request holds no update; send it as update=...", code="missing-update")
        longest = self._service.limits.timeout
        timeout = min(timeout_of(parameters) or longest, longest)
        using = graphs_of(parameters, "using-graph-uri")
        using_named = graphs_of(parameters, "using-named-graph-uri")
        source = parameters.one("source")

        def make(dataset: EmbeddedDataset, ledger: Ledger) -> Patch:
            return read_update(
                text,
                snapshot=dataset.snapshot(),
                source=source,
                skolem_root=None if ledger.is_plain else f"{vocab.GENID}{uuid4().hex}-",
                timeout=timeout,
                using=using,
                using_named=using_named,
                default_graph="writable" if ledger.is_plain else "follows",
            )

        message = message_of(parameters, "SPARQL Update over HTTP")
        dry_run = flag_of(parameters, "dry_run")
        receipt = self._writer.commit(request, make, message, dry_run=dry_run, apart=True)
        return receipt_answer(receipt)
