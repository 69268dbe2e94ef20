"""HTTP/1.1 on the wire: a fast parser that is strict about framing, with a limit on the head of a request."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# A query in a URL may be long; a head without end may not.
HEAD_LIMIT = 128 * 1024
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Wire(HttpToolsProtocol):
    """uvicorn's protocol over llhttp, which by itself would read a head of any size into memory."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 — uvicorn's own arguments, passed on
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._head_size = 0

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

    def on_headers_complete(self) -> None:
        """Stop counting: what follows is the body, which has its own limit."""
        self._in_head = False
        super().on_headers_complete()
