"""Errors as RFC 9457 problem details: one shape for every failure, whoever raised it."""

from __future__ import annotations

import json
import logging
import secrets
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pactgraph.errors import PactgraphError, SyntaxFault
from pactgraph.web import urls
from pactgraph.web.routes import allowed_methods

PROBLEM_JSON = "application/problem+json"

_LOG = logging.getLogger("pactgraph.web")
# Seconds after which it may be different (RFC 9110 §10.2.3).
_RETRY = {"busy": "2", "shutting-down": "5", "query-crashed": "1"}
_CODES = {404: "not-found", 405: "method-not-allowed"}


class Unservable(PactgraphError):
    """A request that HTTP itself turns down; ``headers`` say what would be accepted."""

    def __init__(
        self, message: str, *, code: str, status: int, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message, code=code, status=status)
        self.headers = headers


def problem(
    status: int,
    code: str,
    detail: str | None = None,
    *,
    headers: dict[str, str] | None = None,
    **extensions: Any,  # noqa: ANN401 - RFC 9457 §3.2 lets a problem carry any JSON
) -> Response:
    """Return a problem document; members without a value are left out."""
    members = {
        "type": urls.problem_type(code),
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **extensions,
    }
    body = json.dumps({key: value for key, value in members.items() if value is not None}, ensure_ascii=False)
    fresh = {"Cache-Control": "no-store", "Vary": "Accept"}
    return Response(body.encode(), status, headers=fresh | (headers or {}), media_type=PROBLEM_JSON)


def install(app: FastAPI) -> None:
    """Make every failure of the application a problem document."""
    app.add_exception_handler(PactgraphError, of_pactgraph)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_middleware(UnexpectedFailures)


def of_pactgraph(_request: Request, error: Exception) -> Response:
    """Return the problem document for one of our own errors."""
    if not isinstance(error, PactgraphError):
        raise TypeError("registered for PactgraphError only")
    place = {"line": error.line, "column": error.column} if isinstance(error, SyntaxFault) else {}
    headers = error.headers if isinstance(error, Unservable) else None
    if error.code in _RETRY:
        headers = {"Retry-After": _RETRY[error.code]}
    return problem(error.status, error.code, error.message, headers=headers, **place)


def _of_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise TypeError("registered for HTTPException only")
    code = _CODES.get(error.status_code, "http-error")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        methods = ", ".join(allowed_methods(request.app.routes, request.scope))
        detail = f"{request.method} is not offered here; use one of {methods}"
        return problem(405, code, detail, headers={"Allow": methods})
    if error.status_code == HTTPStatus.NOT_FOUND:
        return problem(404, code, f"nothing is at this path; {urls.HOME} lists what there is")
    return problem(error.status_code, code, str(error.detail))


def _of_validation(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise TypeError("registered for RequestValidationError only")
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return problem(400, "bad-request", f"{place}: {first['msg']}")


class UnexpectedFailures:
    """Turns what nobody foresaw into a 500 with nothing but an id to quote; the log has the rest."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception:  # the last line of defence: whatever it is, the client gets no trace
            correlation_id = secrets.token_hex(8)
            _LOG.exception("request failed (correlation id %s)", correlation_id)
            if started:
                return  # an answer without its proper end: the server closes the connection
            failure = problem(500, "internal", correlation_id=correlation_id)
            await failure(scope, receive, send)
