"""Small, finished answers: one body with its validators, or 304 when the client has it already."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response

from pactgraph.web.compression import compress, is_worth_it, takes_gzip
from pactgraph.web.conditional import entity_tag, is_current, read_headers


def represent(
    request: Request,
    body: bytes,
    media_type: str,
    *,
    revision: int,
    identity: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return ``body`` with its validators, compressed for who takes that, or 304.

    The entity tag comes from the body itself, or from ``identity`` where that says as much.
    """
    gzip = is_worth_it(len(body)) and takes_gzip(request.headers.get("accept-encoding"))
    tag = entity_tag(revision, media_type, body if identity is None else identity, "gzip" if gzip else "")
    sent = read_headers(revision, tag) | dict(headers or {})
    if is_current(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=sent)
    if gzip:
        body = compress(body)
        sent["Content-Encoding"] = "gzip"
    return Response(body, headers=sent, media_type=media_type)
