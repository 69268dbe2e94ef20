"""Attacks on the doors for queries, each as what it does with one connection."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from test_s01_service import SPELLINGS
from test_s02_s03_load_from import DATASETS, LOADS
from test_s07_s08_size import HANGS, NESTS
from test_s09_s11_load import ENDLESS, GROWING
from test_s14_s20_writes import UPDATES

_QUERY = {"Content-Type": "application/sparql-query"}
_REGEX = f'SELECT * {{ FILTER(REGEX("{"a" * 5000}b", "(a+)+$")) }}'
_MANY_ROWS = "SELECT * { ?a ?b ?c . ?d ?e ?f }"

Act = Callable[[http.client.HTTPConnection], int | None]


@dataclass(frozen=True)
class Attack:
    """What is sent where; ``act`` returns the status of the answer, if it waited for one."""

    name: str
    act: Act


def attacks_on_queries(canary: str) -> Iterator[Attack]:
    """Yield the attacks that need no token; ``canary`` is what they try to reach."""
    reaching = [each.replace("URL", canary) for each in (*SPELLINGS, *LOADS, *DATASETS)]
    nests = [nest(depth) for nest in NESTS.values() for depth in (60, 1000, 5000)]
    slow = [*HANGS.values(), *ENDLESS.values(), GROWING, _REGEX]
    for text in (*reaching, *nests, *slow, *UPDATES):
        yield _posted(text)
    for text in (*reaching, *UPDATES):
        yield _got(f"/sparql?update={quote(text)}")
    yield from (_posted("x" * size) for size in (900_000, 3_000_000))
    yield from (_posted("ASK {} #" + "(" * size) for size in (100_000, 900_000))
    yield Attack("leave", _left)
    yield Attack("dribble", _dribbled)
    yield from (_got(path) for path in ("/nothing/../etc/passwd", "/sparql?query=%ff", "/metrics", "/"))
    yield _framed(
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    )
    yield _framed(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Filler: " + b"x" * 300_000)


def sent(
    method: str, target: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Attack:
    """Return the attack that is one request, its answer read to the end."""

    def send(connection: http.client.HTTPConnection) -> int:
        connection.request(method, target, body, dict(headers or {}))
        answer = connection.getresponse()
        answer.read()
        return int(answer.status)

    return Attack(f"{method} {target.partition('?')[0][:40]}", send)


def _posted(text: str) -> Attack:
    return sent("POST", "/sparql?timeout=2", text.encode("utf-8", "replace"), _QUERY)


def _got(target: str) -> Attack:
    return sent("GET", target[:100_000])


def _left(connection: http.client.HTTPConnection) -> None:
    """Ask for many rows, read a few and go."""
    connection.request("POST", "/sparql?timeout=2", _MANY_ROWS, _QUERY)
    connection.getresponse().read(1000)
    connection.close()


def _dribbled(connection: http.client.HTTPConnection) -> None:
    """Announce a body and never send its end."""
    connection.putrequest("POST", "/sparql")
    connection.putheader("Content-Type", "application/sparql-query")
    connection.putheader("Content-Length", "1000")
    connection.endheaders(b"ASK")
    connection.close()


def _framed(raw: bytes) -> Attack:
    def send(connection: http.client.HTTPConnection) -> None:
        connection.connect()
        connection.sock.sendall(raw)
        connection.sock.recv(65536)
        connection.close()

    return Attack("misframed", send)
