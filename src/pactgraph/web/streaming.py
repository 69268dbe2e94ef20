"""Sending a query's answer as it comes, so that no client takes a broken answer for a complete one."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from typing import IO

import anyio
from anyio import to_thread
from fastapi import Response
from starlette.concurrency import iterate_in_threadpool
from starlette.types import Receive, Scope, Send

from pactgraph.errors import QueryFailed
from pactgraph.web.service import Answer

_LOG = logging.getLogger("pactgraph.web")
_PIECE = 64 * 1024
_IN_MEMORY = 1024 * 1024


class AnswerResponse(Response):
    """Streams ``answer.chunks``; closes the answer when it ends, fails, or the client goes away.

    An answer that is cut midway is left without its last chunk; uvicorn then closes the connection, and the
    client reports an incomplete read (RFC 9112 §8). HTTP/1.0 has no chunks: there the end of the connection
    *is* the proper end. Such answers are collected first and sent with their length, or become a problem.
    """

    def __init__(self, answer: Answer, media_type: str, headers: Mapping[str, str]) -> None:
        self._answer = answer
        self.status_code = 200
        self.media_type = media_type
        self.background = None
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the whole answer, or the headers alone for HEAD."""
        try:
            if scope["method"] == "HEAD":
                await self._start(send)
                await send({"type": "http.response.body", "body": b""})
                await to_thread.run_sync(self._discard)
            elif scope["http_version"] == "1.0":
                await self._send_collected(send)
            else:
                await self._stream(receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(self._answer.close)

    async def _start(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})

    async def _stream(self, receive: Receive, send: Send) -> None:
        gone = anyio.Event()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._close_on_disconnect, receive, gone)
            try:
                await self._start(send)
                async for chunk in iterate_in_threadpool(self._answer.chunks):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
            except QueryFailed as failure:
                if not gone.is_set():
                    _LOG.warning("answer cut after its first bytes (%s): %s", failure.code, failure.message)
            except (
                Exception
            ):  # too late for a problem document; returning without an end closes the connection
                _LOG.exception("answer cut after its first bytes")
            tasks.cancel_scope.cancel()

    async def _close_on_disconnect(self, receive: Receive, gone: anyio.Event) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        gone.set()
        await to_thread.run_sync(self._answer.close)

    async def _send_collected(self, send: Send) -> None:
        with await to_thread.run_sync(self._collect) as whole:
            self.headers["Content-Length"] = str(whole.tell())
            whole.seek(0)
            await self._start(send)
            while piece := await to_thread.run_sync(whole.read, _PIECE):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

    def _discard(self) -> None:
        """Read a short answer to its end: closing it midway would cost the pool its worker."""
        size = 0
        with suppress(QueryFailed):
            for chunk in self._answer.chunks:
                size += len(chunk)
                if size > _IN_MEMORY:
                    return

    def _collect(self) -> IO[bytes]:
        whole = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller closes it
        try:
            for chunk in self._answer.chunks:
                whole.write(chunk)
        except BaseException:
            whole.close()
            raise
        return whole
