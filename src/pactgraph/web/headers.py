"""The headers that every answer carries, and OPTIONS: CORS for reads (WHATWG Fetch §3.2), and no sniffing."""

from __future__ import annotations

from fastapi import Response
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pactgraph.web.routes import allowed_methods

# Anyone may read from any page, without credentials: the answer is the same for all, so caches may keep it.
EVERY_ANSWER = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Content-Disposition, X-Pactgraph-Revision",
    "X-Content-Type-Options": "nosniff",
}
# What is not a page of ours may load and run nothing, even where a browser shows it (XML results, for one).
_INERT = "default-src 'none'; frame-ancestors 'none'"
_PREFLIGHT = {
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
    "Vary": "Accept",
}


class CommonHeaders:
    """Adds the common headers to every answer and answers OPTIONS for every known path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(EVERY_ANSWER)
                headers.setdefault("Content-Security-Policy", _INERT)
            await send(message)

        methods = self._options(scope)
        if methods:
            allow = ", ".join(methods)
            answer = Response(
                status_code=204, headers={"Allow": allow, "Access-Control-Allow-Methods": allow} | _PREFLIGHT
            )
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
