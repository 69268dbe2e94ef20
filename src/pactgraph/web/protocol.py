"""Reading a request of the SPARQL 1.1 Protocol (§2.1) into a ``QueryRequest``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote_to_bytes

import pyoxigraph as ox
from fastapi import Request

from pactgraph.errors import InputError
from pactgraph.model import QueryRequest, Snapshot
from pactgraph.web.problems import Unservable

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
BODY_LIMIT = 1024 * 1024

_MOST_PARAMETERS = 1000
_PIECE = 4096  # bytes of a form that are decoded at once
_DIGITS = 18  # of a length; what is longer is over every limit


@dataclass(frozen=True)
class Parameters:
    """The parameters of one request, from its URL and, for a form, its body; unknown ones are left alone."""

    pairs: tuple[tuple[str, str], ...]

    @cached_property
    def _values(self) -> dict[str, tuple[str, ...]]:
        values: dict[str, tuple[str, ...]] = {}
        for name, value in self.pairs:
            values[name] = (*values.get(name, ()), value)
        return values

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a repeatable parameter."""
        return self._values.get(name, ())

    def one(self, name: str) -> str | None:
        """Return the only value of a parameter; None when it is missing or blank (an empty form field)."""
        values = self.all(name)
        if len(values) > 1:
            raise InputError(f"{name} is given {len(values)} times; give it once", code="duplicate-parameter")
        return values[0] if values and values[0].strip() else None


async def body_of(request: Request) -> bytes:
    """Read the body of a query by POST; raises ``Unservable`` as ``body_within`` does."""
    return await body_within(request, BODY_LIMIT, "send a shorter query")


async def body_within(request: Request, limit: int, advice: str) -> bytes:
    """Read a body, or turn it down before it is all here.

    Asynchronous, unlike the rest: only so can reading stop at the limit. Raises ``Unservable`` with 413 for a
    body over ``limit`` bytes and with 415 for a compressed one, whose real size cannot be known beforehand.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        text = "a compressed body is not read here; send it without Content-Encoding"
        raise Unservable(
            text, code="unsupported-encoding", status=415, headers={"Accept-Encoding": "identity"}
        )
    announced = request.headers.get("content-length", "0")
    size = int(announced[:_DIGITS]) if announced.isdecimal() else 0
    body = bytearray()
    if size <= limit:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                break
        else:
            return bytes(body)
    raise Unservable(f"the body is over {limit // 1024:,} KiB; {advice}", code="too-large", status=413)


def parameters_of_url(request: Request) -> Parameters:
    """Read the parameters in the URL; raises ``InputError`` for what is not UTF-8, or too many."""
    return Parameters(_parse(request.scope["query_string"], "the URL"))


def parameters_of_get(request: Request) -> Parameters:
    """Read the parameters of a GET or HEAD (§2.1.1)."""
    return _without_update(parameters_of_url(request).pairs)


def parameters_of_post(request: Request, body: bytes) -> Parameters:
    """Read the parameters of a POST: a form (§2.1.2) or the query itself (§2.1.3).

    Raises ``Unservable`` with 415 for every other content type.
    """
    return _without_update(_pairs_of_post(request, body, QUERY, "query"))


def parameters_of_update(request: Request, body: bytes) -> Parameters:
    """Read the parameters of an update: a form (§2.2.1) or the update itself (§2.2.2).

    Raises ``Unservable`` with 415 for every other content type, ``InputError`` when there is a query, too.
    """
    parameters = Parameters(_pairs_of_post(request, body, UPDATE, "update"))
    if parameters.all("query"):
        text = "query= asks nothing here: this path takes updates; send a query to /sparql"
        raise InputError(text, code="query-refused")
    return parameters


def media_type_of(request: Request) -> str:
    """Return the media type of the body, without its parameters; the empty string when none is told."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _pairs_of_post(request: Request, body: bytes, direct: str, name: str) -> tuple[tuple[str, str], ...]:
    """Return what URL and body hold; ``direct`` is the media type of a body that is the ``name`` itself."""
    in_url = parameters_of_url(request).pairs
    content_type = media_type_of(request)
    if content_type == FORM:
        return in_url + _parse(body, "the form")
    if content_type == direct:
        return (*in_url, (name, _utf8(body, "the body")))
    sent = content_type or "a body without Content-Type"
    text = f"{sent} is not read here; send the {name} as {direct}, or as {name}=... in {FORM}"
    accepted = {"Accept": f"{direct}, {FORM}", "Accept-Post": f"{direct}, {FORM}"}
    raise Unservable(text, code="unsupported-media-type", status=415, headers=accepted)


def query_request(
    parameters: Parameters, text: str, media_type: str, client: str, snapshot: Snapshot
) -> QueryRequest:
    """Build the request for the pool; raises ``InputError`` for a bad graph IRI or time limit."""
    return QueryRequest(
        text=text,
        default_graphs=graphs_of(parameters, "default-graph-uri"),
        named_graphs=graphs_of(parameters, "named-graph-uri"),
        media_type=media_type,
        timeout=timeout_of(parameters),
        snapshot=snapshot,
        client=client,
    )


def _parse(encoded: bytes, place: str) -> tuple[tuple[str, str], ...]:
    """Read a form as the URL standard does (WHATWG URL §5.1), but for bytes that are not UTF-8."""
    _utf8(encoded, place)
    if encoded.count(b"&") >= _MOST_PARAMETERS:
        raise InputError(f"{place} holds over {_MOST_PARAMETERS} parameters", code="bad-request")
    try:
        return tuple(
            (unquoted(name), unquoted(value))
            for name, _, value in (each.partition(b"=") for each in encoded.split(b"&") if each)
        )
    except UnicodeDecodeError:
        raise InputError(
            f"{place} holds percent-encoded bytes that are not UTF-8", code="bad-encoding"
        ) from None


def unquoted(encoded: bytes) -> str:
    """Return what a name or a value of a form stands for; raises ``UnicodeDecodeError``.

    Piece by piece: the standard library makes some objects of every escape, 70 times what a megabyte takes.

    >>> unquoted(b"1%2B1+%3D+2")
    '1+1 = 2'
    """
    spaced = encoded.replace(b"+", b" ")
    if b"%" not in spaced:
        return spaced.decode()
    pieces, at = [], 0
    while at < len(spaced):
        end = at + _PIECE
        cut = spaced.rfind(b"%", end - 2, end)  # an escape is not torn
        end = cut if cut > at else end
        pieces.append(unquote_to_bytes(spaced[at:end]))
        at = end
    return b"".join(pieces).decode()


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


def graphs_of(parameters: Parameters, name: str) -> tuple[str, ...]:
    """Return the graph IRIs of a parameter; raises ``InputError`` for what is no absolute IRI."""
    graphs = parameters.all(name)
    for graph in graphs:
        try:
            ox.NamedNode(graph)
        except ValueError:
            text = f"{name} {graph!r} is not an absolute IRI; give the full IRI of a named graph"
            raise InputError(text, code="bad-graph") from None
    return graphs


def timeout_of(parameters: Parameters) -> float | None:
    """Return the time limit that was asked for; raises ``InputError`` for what is no number of seconds."""
    value = parameters.one("timeout")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise InputError(f"timeout {value!r} is not a positive number of seconds", code="bad-timeout")
    return seconds
