"""The short way to ``/sparql``: past the router, and for an answer that was sent before, past everything.

The routes of the framework describe the endpoint (OpenAPI, OPTIONS) and would serve it as well; most requests
are for it, and resolving them there costs more than a small query.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pactgraph.errors import PactgraphError
from pactgraph.web import urls
from pactgraph.web.problems import of_pactgraph
from pactgraph.web.protocol import body_of
from pactgraph.web.service import Service
from pactgraph.web.sight import REUSABLE
from pactgraph.web.sparql import SparqlEndpoint

_LARGEST_SHARE = 16  # one answer may take a sixteenth of the room
_OVERHEAD = 2500  # bytes of headers and of the objects that hold them, as measured
_DECIDING = frozenset({b"accept", b"accept-encoding"})
_NOT_REPEATED = frozenset({b"if-none-match", b"x-query-id", b"range", b"authorization"})

Key = tuple[bytes, ...]


class Door:
    """Takes requests for the endpoint straight to it."""

    def __init__(self, app: ASGIApp, endpoint: SparqlEndpoint) -> None:
        self._app = app
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] != urls.SPARQL or scope["method"] not in _SERVED:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            if scope["method"] == "POST":
                response = await self._endpoint.post(request, await body_of(request))
            else:
                response = await self._endpoint.get(request)
            await response(scope, receive, send)
        except PactgraphError as error:
            await of_pactgraph(request, error)(scope, receive, send)


_SERVED = frozenset({"GET", "HEAD", "POST"})


@dataclass(frozen=True, slots=True)
class _Sent:
    """An answer as it was sent."""

    revision: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Repeats:
    """Sends again what was sent to the very same GET on the same revision; ``limit`` is in bytes."""

    def __init__(self, app: ASGIApp, service: Service, limit: int) -> None:
        self._app = app
        self._service = service
        self._limit = limit
        self._lock = threading.Lock()
        self._sent: OrderedDict[Key, _Sent] = OrderedDict()
        self._revision = 0  # of all that is kept
        self._size = 0

    @property
    def size(self) -> int:
        """How many bytes the answers take, about."""
        return self._size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        key = _key(scope)
        if key is None or not self._limit:
            await self._app(scope, receive, send)
            return
        known = self._find(key)
        if known is not None:
            number = (b"x-query-id", secrets.token_urlsafe(16).encode())
            await send({"type": "http.response.start", "status": 200, "headers": [*known.headers, number]})
            await send({"type": "http.response.body", "body": known.body})
            return
        await self._app(scope, receive, self._watched(key, scope, send))

    def _watched(self, key: Key, scope: Scope, send: Send) -> Send:
        """Return a ``send`` that keeps a short answer which is the same every time."""
        start: Message = {}
        revision = self._service.revision

        async def watch(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message if message["status"] == 200 and scope.get(REUSABLE) else {}
            elif start and not message.get("more_body", False):
                headers = [each for each in start["headers"] if each[0] != b"x-query-id"]
                if any(name == b"content-length" for name, _ in headers):  # whole, in this one message
                    self._keep(key, _Sent(revision, headers, message.get("body", b"")))
            await send(message)

        return watch

    def _find(self, key: Key) -> _Sent | None:
        with self._lock:
            self._forget_older(self._service.revision)
            known = self._sent.get(key)
            if known is not None:
                self._sent.move_to_end(key)
            return known

    def _forget_older(self, revision: int) -> None:
        """Keep nothing of another revision: it will not be asked for again."""
        if revision != self._revision:
            self._sent.clear()
            self._size, self._revision = 0, revision

    def _keep(self, key: Key, sent: _Sent) -> None:
        weight = _weight(key, sent)
        if weight > self._limit // _LARGEST_SHARE:
            return
        with self._lock:
            self._forget_older(self._service.revision)
            if sent.revision == self._revision and key not in self._sent:
                self._sent[key] = sent
                self._size += weight
            while self._size > self._limit:
                self._size -= _weight(*self._sent.popitem(last=False))


def _key(scope: Scope) -> Key | None:
    """Return all that the answer depends on, or nothing when the request is not for repeating."""
    if scope["type"] != "http" or scope["path"] != urls.SPARQL or scope["method"] != "GET":
        return None
    deciding = [scope["query_string"], scope["http_version"].encode()]
    for name, value in scope["headers"]:
        if name in _NOT_REPEATED:
            return None
        if name in _DECIDING:
            deciding += (name, value)
    return tuple(deciding)


def _weight(key: Key, sent: _Sent) -> int:
    return len(sent.body) + sum(map(len, key)) + _OVERHEAD
