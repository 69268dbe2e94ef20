"""Examines a running endpoint from outside: protocol checks and attacks that harm nobody."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from pactgraph.errors import InputError

_SECONDS = 30.0
_ASK = "ASK {}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: whether it holds, and if not what was seen."""

    name: str
    holds: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said."""

    status: int
    headers: dict[str, str]
    body: bytes


Expectation = Callable[[Reply], bool]


class Probe:
    """Sends single requests to one server."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InputError(f"{url} is no http or https URL; write it as http://127.0.0.1:8000")
        self._url = url
        self._host, self._port = str(parts.hostname), parts.port
        secure = parts.scheme == "https"
        self._kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection

    def send(self, method: str, target: str, body: bytes | None = None, **headers: str) -> Reply:
        """Send one request on a connection of its own; raises ``InputError`` when nobody answers."""
        connection = self._kind(self._host, self._port, timeout=_SECONDS)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, target, body, named)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, found, answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise InputError(f"{self._url} does not answer ({error}); is the server running?") from None
        finally:
            connection.close()

    def query(self, text: str, **headers: str) -> Reply:
        """Send a query as the body of a POST."""
        return self.send("POST", "/sparql", text.encode(), Content_Type="application/sparql-query", **headers)


def examine(url: str) -> Iterator[Finding]:
    """Yield a finding per check; raises ``InputError`` when the server cannot be reached."""
    probe = Probe(url)
    yield from _protocol(probe)
    yield from _validators(probe)
    yield from _attacks(probe)


def _finding(name: str, reply: Reply, expected: Expectation) -> Finding:
    holds = expected(reply)
    return Finding(name, holds, "" if holds else f"{reply.status} {reply.body[:120]!r}")


def _protocol(probe: Probe) -> Iterator[Finding]:
    """SPARQL 1.1 Protocol §2.1, Service Description §2."""
    get = f"/sparql?query={quote(_ASK)}"
    form = f"query={quote(_ASK)}".encode()
    wanted: list[tuple[str, Reply, Expectation]] = [
        ("query by GET", probe.send("GET", get), _is_true),
        (
            "query by form",
            probe.send("POST", "/sparql", form, Content_Type="application/x-www-form-urlencoded"),
            _is_true,
        ),
        ("query as body", probe.query(_ASK), _is_true),
        ("service description", probe.send("GET", "/sparql", Accept="text/turtle"), _describes),
        (
            "HEAD without a body",
            probe.send("HEAD", get),
            lambda reply: reply.status == 200 and not reply.body,
        ),
        ("OPTIONS", probe.send("OPTIONS", "/sparql"), lambda reply: "GET" in reply.headers.get("allow", "")),
        ("406", probe.send("GET", get, Accept="image/png"), _has(406)),
        ("415", probe.send("POST", "/sparql", b"ASK {}", Content_Type="text/plain"), _has(415)),
        ("400 without a query", probe.send("GET", "/sparql?query="), _has(400)),
        ("400 for two queries", probe.send("GET", f"{get}&query=x"), _has(400)),
        ("problem documents", probe.query("ASK {"), _is_problem),
        ("readable from any site", probe.send("GET", get), _is_open),
    ]
    for kind in ("sparql-results+json", "sparql-results+xml"):
        accept = f"application/{kind}"
        wanted.append((f"results as {kind}", probe.send("GET", get, Accept=accept), _has_type(accept)))
    for accept in ("text/csv", "text/tab-separated-values"):
        wanted.append((f"results as {accept}", probe.query("SELECT * {}", Accept=accept), _has_type(accept)))
    yield from (_finding(*each) for each in wanted)


def _validators(probe: Probe) -> Iterator[Finding]:
    """RFC 9110 §8.8 and §13.1.2."""
    target = f"/sparql?query={quote(_ASK)}"
    first = probe.send("GET", target)
    tag = first.headers.get("etag", "")
    yield Finding("ETag and Vary", bool(tag) and "accept" in first.headers.get("vary", "").lower())
    again = probe.send("GET", target, If_None_Match=tag)
    yield _finding("304", again, lambda reply: reply.status == 304 and not reply.body)


def _attacks(probe: Probe) -> Iterator[Finding]:
    """Rows S1, S2, S7, S14, S21 and S23 of the threat model, as far as they are safe for any server."""
    nowhere = "http://192.0.2.1/"  # reserved for documentation: a request to it arrives nowhere (RFC 5737)
    attacks = {
        "SERVICE refused": f"ASK {{ SERVICE <{nowhere}> {{ ?s ?p ?o }} }}",
        "SERVICE refused in EXISTS": f"ASK {{ FILTER EXISTS {{ SERVICE <{nowhere}> {{ ?s ?p ?o }} }} }}",
        "SERVICE refused when escaped": f"ASK {{ \\u0053ERVICE <{nowhere}> {{ ?s ?p ?o }} }}",
        "LOAD refused": f"LOAD SILENT <{nowhere}>",
        "updates refused": "INSERT DATA { GRAPH <urn:x-pactgraph:doctor> { <urn:a> <urn:b> <urn:c> } }",
        "nesting refused": "ASK " + "{" * 600 + "}" * 600,
    }
    for name, text in attacks.items():
        began = time.monotonic()
        reply = probe.query(text)
        quick = time.monotonic() - began < 2
        yield Finding(name, reply.status in {400, 403} and quick, "" if quick else "slow")
    packed = probe.send(
        "POST", "/sparql", b"x", Content_Type="application/sparql-query", Content_Encoding="gzip"
    )
    yield _finding("compressed bodies refused", packed, _has(415))
    silent = probe.query("ASK { ?s ?p <")
    yield _finding("errors give nothing away", silent, lambda reply: b"Traceback" not in reply.body)
    yield _finding("still serving", probe.query(_ASK), _is_true)


def _has(status: int) -> Expectation:
    return lambda reply: reply.status == status


def _has_type(media_type: str) -> Expectation:
    return lambda reply: reply.headers.get("content-type", "").startswith(media_type)


def _is_true(reply: Reply) -> bool:
    return reply.status == 200 and b"true" in reply.body


def _describes(reply: Reply) -> bool:
    return reply.status == 200 and b"sparql-service-description#" in reply.body


def _is_open(reply: Reply) -> bool:
    allowed = reply.headers.get("access-control-allow-origin") == "*"
    return allowed and "access-control-allow-credentials" not in reply.headers


def _is_problem(reply: Reply) -> bool:
    if reply.headers.get("content-type") != "application/problem+json":
        return False
    return reply.status == 400 and bool(json.loads(reply.body).get("code"))
