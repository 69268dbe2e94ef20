"""A SPARQL endpoint somewhere else, asked by the SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/)."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message
from http.client import HTTPException, HTTPResponse
from typing import Protocol
from urllib.parse import urlencode, urlsplit

from pactgraph.errors import InputError, PactgraphError, QueryFailed
from pactgraph.model import QueryRequest, Snapshot
from pactgraph.query.answer import Answer
from pactgraph.query.formats import by_media_type, formats_of
from pactgraph.query.guard import form_of

_CHUNK = 64 * 1024
_PATIENCE = 60.0
_ANY = "application/sparql-results+json, text/turtle;q=0.9, application/n-triples;q=0.8"


class QueryRunner(Protocol):
    """Whatever answers queries: a pool of workers here, or an endpoint elsewhere."""

    def run(self, request: QueryRequest) -> Answer:
        """Answer a query; see ``QueryPool.run``."""


class AtRevision:
    """A runner that asks an earlier state of the graph."""

    def __init__(self, runner: QueryRunner, snapshot: Snapshot) -> None:
        self._runner = runner
        self.snapshot = snapshot

    def run(self, request: QueryRequest) -> Answer:
        """Answer a query on that state; see ``QueryPool.run``."""
        return self._runner.run(replace(request, snapshot=self.snapshot))


def endpoint_of(url: str) -> str:
    """Return the endpoint that a URL means: itself, or ``/sparql`` of the server whose address it is.

    Raises ``InputError`` when it is no http or https URL.

    >>> endpoint_of("http://127.0.0.1:8000"), endpoint_of("https://example.org/sparql?default-graph-uri=urn:a")
    ('http://127.0.0.1:8000/sparql', 'https://example.org/sparql?default-graph-uri=urn:a')
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InputError(f"{url!r} is not the address of an endpoint; give an http or https URL")
    is_server = parts.path in {"", "/"} and not parts.query
    return f"{parts.scheme}://{parts.netloc}/sparql" if is_server else url


class RemoteEndpoint:
    """A client of one endpoint; asks as a pool is asked, and raises what the endpoint reports.

    ``at`` is the revision or date whose state is asked.

    >>> RemoteEndpoint("https://example.org/sparql").url
    'https://example.org/sparql'
    """

    def __init__(self, url: str, *, at: str | None = None) -> None:
        self.url = endpoint_of(url)
        self._at = at

    def run(self, request: QueryRequest) -> Answer:
        """Send a query; return when the answer begins.

        Raises ``InputError`` for what the endpoint refuses (status 4xx), ``QueryFailed`` when it fails, and
        ``QueryFailed`` (``endpoint-unreachable``) when it does not answer.
        """
        try:
            response = self._open(request)
        except urllib.error.HTTPError as error:
            with error:
                raise _reported(self.url, error) from None
        except (OSError, HTTPException) as error:
            raise self._unreachable(error) from None
        form = form_of(request.text) or "SELECT"
        media_type = response.headers.get_content_type()
        try:
            chosen = by_media_type(media_type, formats_of(form))
        except PactgraphError:
            response.close()
            raise
        return Answer(form, chosen, self._chunks(response), response.close)

    def _open(self, request: QueryRequest) -> HTTPResponse:
        fields = [("query", request.text)]
        fields += [("default-graph-uri", iri) for iri in request.default_graphs]
        fields += [("named-graph-uri", iri) for iri in request.named_graphs]
        if self._at is not None:
            fields.append(("at", self._at))
        if request.timeout is not None:
            fields.append(("timeout", f"{request.timeout:g}"))
        call = urllib.request.Request(  # noqa: S310 — __init__ lets only http and https through
            self.url,
            urlencode(fields).encode(),
            {"Accept": request.media_type or _ANY, "User-Agent": "pactgraph"},
        )
        patience = _PATIENCE if request.timeout is None else request.timeout + 5
        response: HTTPResponse = urllib.request.urlopen(call, timeout=patience)  # noqa: S310 — as above
        return response

    def _chunks(self, response: HTTPResponse) -> Iterator[bytes]:
        try:
            while chunk := response.read(_CHUNK):
                yield chunk
        except (OSError, HTTPException, ValueError) as error:
            raise QueryFailed(
                f"The answer of {self.url} was cut off ({error}); ask again", code="answer-cut"
            ) from None
        finally:
            response.close()

    def _unreachable(self, error: Exception) -> QueryFailed:
        reason = getattr(error, "reason", None) or error
        return QueryFailed(
            f"{self.url} does not answer: {reason}; check the address", code="endpoint-unreachable"
        )


def _reported(url: str, error: urllib.error.HTTPError) -> PactgraphError:
    """Return the error that an endpoint reports, with its code when it sends problem details (RFC 9457)."""
    code, message = None, f"{url} answers {error.code} {error.reason}"
    headers: Message = error.headers
    if headers.get_content_type() == "application/problem+json":
        try:
            problem = json.loads(error.read(_CHUNK))
            code, message = problem.get("code"), problem.get("detail") or problem.get("title") or message
        except (ValueError, AttributeError, OSError):  # a broken report: the status line has to do
            pass
    kind = QueryFailed if error.code >= 500 else InputError
    return kind(str(message), code=code, status=error.code)
