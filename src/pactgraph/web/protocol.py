"""Reading a request of the SPARQL 1.1 Protocol (§2.1) into a ``QueryRequest``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from urllib.parse import parse_qsl

import pyoxigraph as ox
from fastapi import Request

from pactgraph.errors import InputError
from pactgraph.model import QueryRequest
from pactgraph.web.problems import Unservable

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
BODY_LIMIT = 1024 * 1024

_MOST_PARAMETERS = 1000
_ACCEPTED = {"Accept": f"{QUERY}, {FORM}", "Accept-Post": f"{QUERY}, {FORM}"}


@dataclass(frozen=True)
class Parameters:
    """The parameters of one request, from its URL and, for a form, its body; unknown ones are left alone."""

    pairs: tuple[tuple[str, str], ...]

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a repeatable parameter."""
        return tuple(value for key, value in self.pairs if key == name)

    def one(self, name: str) -> str | None:
        """Return the only value of a parameter; None when it is missing or blank (an empty form field)."""
        values = self.all(name)
        if len(values) > 1:
            raise InputError(f"{name} is given {len(values)} times; give it once", code="duplicate-parameter")
        return values[0] if values and values[0].strip() else None


async def body_of(request: Request) -> bytes:
    """Read the body of a POST, or turn it down before it is all here.

    Asynchronous, unlike the rest: only so can reading stop at the limit. Raises ``Unservable`` with 413 for a
    body over ``BODY_LIMIT`` and with 415 for a compressed one, whose real size cannot be known beforehand.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        text = "a compressed body is not read here; send it without Content-Encoding"
        raise Unservable(
            text, code="unsupported-encoding", status=415, headers={"Accept-Encoding": "identity"}
        )
    announced = request.headers.get("content-length", "0")
    size = int(announced) if announced.isdecimal() else 0
    body = bytearray()
    if size <= BODY_LIMIT:
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_LIMIT:
                break
        else:
            return bytes(body)
    limit = BODY_LIMIT // 1024
    raise Unservable(f"the body is over {limit} KiB; send a shorter query", code="too-large", status=413)


def parameters_of_get(request: Request) -> Parameters:
    """Read the parameters of a GET or HEAD (§2.1.1)."""
    return _without_update(_parse(request.scope["query_string"], "the URL"))


def parameters_of_post(request: Request, body: bytes) -> Parameters:
    """Read the parameters of a POST: a form (§2.1.2) or the query itself (§2.1.3).

    Raises ``Unservable`` with 415 for every other content type.
    """
    in_url = _parse(request.scope["query_string"], "the URL")
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == FORM:
        in_body = _parse(body, "the form")
    elif content_type == QUERY:
        in_body = (("query", _utf8(body, "the body")),)
    else:
        sent = content_type or "a body without Content-Type"
        text = f"{sent} is not read here; send the query as {QUERY}, or as query=... in {FORM}"
        raise Unservable(text, code="unsupported-media-type", status=415, headers=_ACCEPTED)
    return _without_update(in_url + in_body)


def query_request(parameters: Parameters, text: str, media_type: str) -> QueryRequest:
    """Build the request for the pool; raises ``InputError`` for a bad graph IRI or time limit."""
    return QueryRequest(
        text=text,
        default_graphs=_graphs(parameters, "default-graph-uri"),
        named_graphs=_graphs(parameters, "named-graph-uri"),
        media_type=media_type,
        timeout=_timeout(parameters.one("timeout")),
    )


def _parse(encoded: bytes, place: str) -> tuple[tuple[str, str], ...]:
    text = _utf8(encoded, place)
    try:
        return tuple(
            parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
        )
    except UnicodeDecodeError:
        raise InputError(
            f"{place} holds percent-encoded bytes that are not UTF-8", code="bad-encoding"
        ) from None
    except ValueError:
        raise InputError(f"{place} holds over {_MOST_PARAMETERS} parameters", code="bad-request") from None


def _utf8(encoded: bytes, place: str) -> str:
    try:
        return encoded.decode()
    except UnicodeDecodeError as fault:
        raise InputError(f"{place} is not UTF-8 (byte {fault.start + 1})", code="bad-encoding") from None


def _without_update(pairs: tuple[tuple[str, str], ...]) -> Parameters:
    if any(key == "update" for key, _ in pairs):
        text = "update= changes nothing here: this path answers queries; send a query as query=..."
        raise InputError(text, code="update-refused")
    return Parameters(pairs)


def _graphs(parameters: Parameters, name: str) -> tuple[str, ...]:
    graphs = parameters.all(name)
    for graph in graphs:
        try:
            ox.NamedNode(graph)
        except ValueError:
            text = f"{name} {graph!r} is not an absolute IRI; give the full IRI of a named graph"
            raise InputError(text, code="bad-graph") from None
    return graphs


def _timeout(value: str | None) -> float | None:
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise InputError(f"timeout {value!r} is not a positive number of seconds", code="bad-timeout")
    return seconds
