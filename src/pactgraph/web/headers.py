"""The headers that every answer carries, and OPTIONS: CORS for reads (WHATWG Fetch §3.2), and no sniffing."""

from __future__ import annotations

from fastapi import Response
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pactgraph.web import urls
from pactgraph.web.problems import problem
from pactgraph.web.routes import allowed_methods, is_write, open_methods

# Anyone may read from any page, without credentials: the answer is the same for all, so caches may keep it.
EVERY_ANSWER = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "ETag, Link, Content-Disposition, X-Pactgraph-Revision, X-Query-Id, Retry-After"
    ),
    "X-Content-Type-Options": "nosniff",
}
# What a write is answered is between the server and one client: no other page may read it, no cache keep it.
ANSWER_TO_WRITE = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}
# What is not a page of ours may load and run nothing, even where a browser shows it (XML results, for one).
_INERT = "default-src 'none'; frame-ancestors 'none'"
_PREFLIGHT = {
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match, X-Query-Id",
    "Access-Control-Max-Age": "86400",
    "Vary": "Accept",
}


_RAW_EVERY_ANSWER, _RAW_ANSWER_TO_WRITE = (
    [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    for headers in (EVERY_ANSWER, ANSWER_TO_WRITE)
)
_POLICY = (b"content-security-policy", _INERT.encode())


def _with_common(own: list[tuple[bytes, bytes]], *, is_closed: bool) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer with the common ones, which go before its own but for the policy."""
    common = _RAW_ANSWER_TO_WRITE if is_closed else _RAW_EVERY_ANSWER
    replaced = {name for name, _ in common}
    kept = [header for header in own if header[0] not in replaced]
    if all(name != _POLICY[0] for name, _ in kept):
        kept.append(_POLICY)
    return kept + common


def _is_ambiguous(scope: Scope) -> bool:
    """Whether two readers could see the end of the body in two places (RFC 9112 §6.3), as smugglers do."""
    names = [name for name, _ in scope["headers"]]
    return b"transfer-encoding" in names and b"content-length" in names


class CommonHeaders:
    """Adds the common headers to every answer and answers OPTIONS for every known path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        methods: list[str] = []
        readable: list[str] = []
        is_closed = False
        if scope["path"] != urls.SPARQL or scope["method"] == "OPTIONS":  # else: a read, whatever the method
            routes = Request(scope).app.routes
            methods = self._options(scope)
            readable = methods if scope["path"] == "*" else open_methods(routes, scope)
            is_closed = not readable if methods else is_write(routes, scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with_common(message["headers"], is_closed=is_closed)
            await send(message)

        if _is_ambiguous(scope):
            text = "both Content-Length and Transfer-Encoding are given; send one of them"
            refusal = problem(400, "ambiguous-length", text, headers={"Connection": "close"})
            await refusal(scope, receive, send_with_headers)
        elif methods:
            preflight = {"Access-Control-Allow-Methods": ", ".join(readable)} | _PREFLIGHT if readable else {}
            answer = Response(status_code=204, headers={"Allow": ", ".join(methods)} | preflight)
            await answer(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)

    def _options(self, scope: Scope) -> list[str]:
        """Return the methods to announce, or nothing when the request is not for us to answer."""
        if scope["method"] != "OPTIONS":
            return []
        if scope["path"] == "*":  # the server as a whole (RFC 9110 §9.3.7)
            return ["GET", "HEAD", "POST", "OPTIONS"]
        return allowed_methods(Request(scope).app.routes, scope)
