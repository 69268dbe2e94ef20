"""HTTP/1.1 on the wire: a fast parser that is strict about framing, with limits on size and slowness."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pactgraph.web.pace import BODY_SECONDS, HEAD_SECONDS, Pace

# A query in a URL may be long; a head without end may not.
HEAD_LIMIT = 128 * 1024
_END = b"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large" + _END
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout" + _END


class Wire(HttpToolsProtocol):
    """uvicorn's protocol over llhttp, which by itself would read a head of any size, and wait for ever."""

    head_seconds = HEAD_SECONDS
    body_seconds = BODY_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 — uvicorn's own arguments, passed on
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._head_size = 0
        self._pace: Pace | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._pace = Pace(
            self._give_up,
            lambda: self.flow.read_paused,
            head_seconds=self.head_seconds,
            body_seconds=self.body_seconds,
        )
        self._pace.expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        if self._pace is not None:
            self._pace.rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes from the connection."""
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._head_size += len(data)
            if self._head_size > HEAD_LIMIT:
                self.transport.write(_TOO_LARGE)
                self.transport.close()

    def on_message_begin(self) -> None:
        """Start counting."""
        super().on_message_begin()
        self._in_head, self._head_size = True, 0
        if self._pace is not None:
            self._pace.expect_head()

    def on_headers_complete(self) -> None:
        """Stop counting: what follows is the body, which has its own limit."""
        self._in_head = False
        if self._pace is not None:
            self._pace.expect_body()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        if self._pace is not None:
            self._pace.note(len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait for nothing: what comes next, comes when the client wants."""
        if self._pace is not None:
            self._pace.rest()
        super().on_message_complete()

    def _give_up(self) -> None:
        """Hang up on a client that is too slow; say why unless an answer is under way."""
        if not self.transport.is_closing():
            silent = self.cycle is None or (self._in_head and self.cycle.response_complete)
            waiting = self.cycle is not None and not self._in_head and not self.cycle.response_started
            if silent or waiting:
                self.transport.write(_TOO_SLOW)
            self.transport.close()
