"""Evaluating a query and sending its answer, so that no client takes a broken answer for a complete one."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import IO

from fastapi import Response
from starlette.types import Receive, Scope, Send

from pactgraph.errors import PactgraphError, QueryFailed
from pactgraph.query.cancellation import Cancellation
from pactgraph.web.arrival import arriving
from pactgraph.web.compression import Compressor, compress, is_worth_it
from pactgraph.web.service import Answer, Begun
from pactgraph.web.threads import on_thread

_LOG = logging.getLogger("pactgraph.web")
_PIECE = 64 * 1024
_IN_MEMORY = 1024 * 1024
_NEXT_TO_NOTHING = 0.02  # seconds: a shorter evaluation is not worth watching for a client that leaves


class AnswerResponse(Response):
    """Begins the evaluation when it is called, streams the answer, and gives it up when the client goes away.

    An answer that is cut midway is left without its last chunk; uvicorn then closes the connection, and the
    client reports an incomplete read (RFC 9112 §8). HTTP/1.0 has no chunks: there the end of the connection
    *is* the proper end. Such answers are collected first and sent with their length, or become a problem.
    """

    def __init__(
        self,
        begin: Callable[[Cancellation], Begun],
        media_type: str,
        headers: Mapping[str, str],
        *,
        allowance: AbstractContextManager[None] | None = None,
        cancellation: Cancellation | None = None,
        gzip: bool = False,
        on_failure: Callable[[str], object] | None = None,
    ) -> None:
        self._begin = begin
        self._on_failure = on_failure
        self._allowance = allowance or nullcontext()
        self._cancellation = cancellation or Cancellation()
        self._gzip = gzip
        self.status_code = 200
        self.media_type = media_type
        self.background = None
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the whole answer, or the headers alone for HEAD; raises what the evaluation raises."""
        try:
            with self._allowance:
                await self._answer(scope, receive, send)
        except PactgraphError as error:
            if self._on_failure is not None:
                self._on_failure(error.code)
            raise

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        watch: asyncio.Task[None] | None = None
        starting: asyncio.Future[Answer] | None = None
        begun = self._begin(self._cancellation)
        answer = await arriving(begun, _NEXT_TO_NOTHING)
        try:
            if answer is None:
                watch = asyncio.create_task(self._cancel_on_disconnect(receive))
                starting = asyncio.ensure_future(on_thread(begun.finish))
                answer = await starting
            if answer.whole is not None:
                await self._send_whole(answer.whole, send)
                return
            watch = watch or asyncio.create_task(self._cancel_on_disconnect(receive))
            await self._send_answer(answer, scope, send)
        except asyncio.CancelledError:
            self._cancellation.cancel()
            raise
        finally:
            if watch is not None:
                watch.cancel()
            if answer is None and starting is not None and starting.done() and not starting.cancelled():
                answer = starting.result() if starting.exception() is None else None
            if answer is not None:
                await _close(answer)

    async def _cancel_on_disconnect(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._cancellation.cancel()

    async def _send_whole(self, body: bytes, send: Send) -> None:
        """Send a short answer with its length."""
        if self._gzip and is_worth_it(len(body)):
            body = await on_thread(compress, body) if len(body) > _PIECE else compress(body)
            self.headers["Content-Encoding"] = "gzip"
        self.raw_headers.append((b"content-length", b"%d" % len(body)))
        await self._start(send)
        await send({"type": "http.response.body", "body": body})

    async def _send_answer(self, answer: Answer, scope: Scope, send: Send) -> None:
        if scope["method"] == "HEAD":
            if self._gzip:
                self.headers["Content-Encoding"] = "gzip"
            await self._start(send)
            await send({"type": "http.response.body", "body": b""})
            await on_thread(_discard, answer)
        elif scope["http_version"] == "1.0":
            await self._send_collected(answer, send)
        else:
            await self._stream(answer, send)

    async def _start(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})

    async def _stream(self, answer: Answer, send: Send) -> None:
        compressor = Compressor() if self._gzip else None
        if compressor:
            self.headers["Content-Encoding"] = "gzip"
        await self._start(send)
        try:
            while (piece := await on_thread(_next, answer, compressor)) is not None:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": compressor.finish() if compressor else b""})
        except QueryFailed as failure:
            if not self._cancellation.is_cancelled:
                _LOG.warning("answer cut after its first bytes (%s): %s", failure.code, failure.message)
        except Exception:  # too late for a problem document; returning without an end closes the connection
            _LOG.exception("answer cut after its first bytes")

    async def _send_collected(self, answer: Answer, send: Send) -> None:
        with await on_thread(_collect, answer) as whole:
            self.headers["Content-Length"] = str(whole.tell())
            whole.seek(0)
            await self._start(send)
            while piece := await on_thread(whole.read, _PIECE):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})


async def _close(answer: Answer) -> None:
    if answer.whole is not None:
        answer.close()  # nothing to wait for
    else:
        await asyncio.shield(on_thread(answer.close))


def _next(answer: Answer, compressor: Compressor | None) -> bytes | None:
    """Return the next piece as it is sent, or nothing after the last."""
    for chunk in answer.chunks:
        piece = compressor.compress(chunk) if compressor else chunk
        if piece:
            return piece
    return None


def _discard(answer: Answer) -> None:
    """Read a short answer to its end: closing it midway would cost the pool its worker."""
    size = 0
    with suppress(QueryFailed):
        for chunk in answer.chunks:
            size += len(chunk)
            if size > _IN_MEMORY:
                return


def _collect(answer: Answer) -> IO[bytes]:
    whole = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    try:
        for chunk in answer.chunks:
            whole.write(chunk)
    except BaseException:
        whole.close()
        raise
    return whole
