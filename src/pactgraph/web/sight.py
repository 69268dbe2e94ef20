"""One line per request in the log, and one count in the metrics."""

from __future__ import annotations

import json
import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pactgraph.query.register import Query
from pactgraph.web import urls
from pactgraph.web.clients import client_of
from pactgraph.web.metrics import Metrics

_ACCESS = logging.getLogger("pactgraph.access")
_SLOW = logging.getLogger("pactgraph.slow")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REUSABLE = "pactgraph.reusable"
"""Where the endpoint says that the same request on the same revision has the same answer."""
QUERY = "pactgraph.query"
"""Where the endpoint leaves the query of a request, in its ASGI scope."""


class Sight:
    """Notes what was asked and what came of it; ``slow`` is how many seconds make a query slow."""

    def __init__(self, app: ASGIApp, metrics: Metrics, slow: float) -> None:
        self._app = app
        self._metrics = metrics
        self._slow = slow

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status, size, ended = 0, 0, False

        async def watch(message: Message) -> None:
            nonlocal status, size, ended
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                size += len(message.get("body", b""))
                ended = not message.get("more_body", False)
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            self._note(scope, status, size, time.perf_counter() - started, ended=ended)

    def _note(self, scope: Scope, status: int, size: int, seconds: float, *, ended: bool) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.count(method, urls.resource(scope["path"]), status, size)
        query: Query | None = scope.get(QUERY)
        line = {
            "client": client_of(scope),
            "method": method,
            "path": scope["path"][:200],
            "status": status,
            "bytes": size,
            "ms": round(seconds * 1000, 1),
        }
        if not ended:
            line["cut"] = True
        if query is not None:
            query.end("done" if ended else "cut")
            line |= {"query": query.id, "outcome": query.state}
            self._metrics.time(query.state, query.seconds)
        if _ACCESS.isEnabledFor(logging.INFO):
            _log(_ACCESS, json.dumps(line, ensure_ascii=True))
        if query is not None and query.seconds >= self._slow:
            _SLOW.warning("%s", json.dumps(line | {"text": query.text[:2000]}, ensure_ascii=True))


def _log(logger: logging.Logger, line: str) -> None:
    """Log a line without looking for the place in the code that it comes from, which takes longer than it."""
    logger.handle(logger.makeRecord(logger.name, logging.INFO, __file__, 0, "%s", (line,), None))
