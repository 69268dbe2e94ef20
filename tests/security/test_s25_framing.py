"""S25: a strict client reads every answer on one connection, whatever it asks in between."""

from __future__ import annotations

import socket

import h11
import pytest

REQUESTS = [
    ("GET", "/sparql?query=ASK%20%7B%7D"),
    ("HEAD", "/sparql?query=ASK%20%7B%7D"),
    ("HEAD", "/sparql?query=SELECT%20*%20%7B?s%20?p%20?o%7D"),
    ("OPTIONS", "/sparql"),
    ("QUERY", "/sparql"),
    ("GET", "/sparql?query=SELECT%20*%20%7B?s%20?p%20?o%7D%20LIMIT%2020"),
    ("HEAD", "/"),
    ("HEAD", "/nothing"),
    ("DELETE", "/sparql"),
    ("GET", "/healthz"),
]


def test_one_connection_serves_them_all(endpoint):
    with socket.create_connection(endpoint.address, timeout=10) as raw:
        reader = h11.Connection(h11.CLIENT)
        for method, target in REQUESTS * 2:
            request = h11.Request(method=method, target=target, headers=[("Host", "x"), ("Accept", "*/*")])
            raw.sendall(reader.send(request) + reader.send(h11.EndOfMessage()))
            status, size = read_answer(reader, raw)
            assert 200 <= status < 500
            if method == "HEAD":
                assert size == 0
            reader.start_next_cycle()


def test_requests_that_come_all_at_once_are_answered_in_order(endpoint):
    with socket.create_connection(endpoint.address, timeout=10) as raw:
        raw.sendall(
            b"".join(f"{method} {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for method, target in REQUESTS)
        )
        reader = h11.Connection(h11.CLIENT)
        statuses = []
        for method, target in REQUESTS:
            reader.send(h11.Request(method=method, target=target, headers=[("Host", "x")]))
            reader.send(h11.EndOfMessage())
            statuses.append(read_answer(reader, raw)[0])
            reader.start_next_cycle()
    assert statuses == [200, 200, 200, 204, 405, 200, 200, 404, 405, 200]


def read_answer(reader, raw):
    status = size = 0
    while True:
        event = reader.next_event()
        if event is h11.NEED_DATA:
            reader.receive_data(raw.recv(65536))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            size += len(event.data)
        elif isinstance(event, h11.EndOfMessage):
            return status, size


AMBIGUOUS = [
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n",
    b"GET /healthz HTTP/1.1\nHost: x\n\n\x00",
    b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
    b"-1\r\nASK {}\r\n0\r\n\r\n",
    # a line folded as in old mail (RFC 9112 §5.2): refused, as one reader may take it for a field of its own
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\r\n Content-Length: 61\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\r\n\tb\r\n\r\n",
    b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    b"Transfer-Encoding:\r\n chunked\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n",
]


@pytest.mark.parametrize("request_", AMBIGUOUS)
def test_what_two_readers_could_read_in_two_ways_ends_the_connection(endpoint, request_):
    """Request smuggling: nothing that follows such a request on the connection is served."""
    marker = b"GET /sparql?query=ASK%7B%7D&smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection(endpoint.address, timeout=10) as raw:
        raw.sendall(request_ + marker)
        heard = b""
        while piece := raw.recv(65536):
            heard += piece
    assert b'"boolean"' not in heard


def test_an_endless_head_is_cut_off(endpoint):
    with socket.create_connection(endpoint.address, timeout=10) as raw:
        raw.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        with pytest.raises(OSError):  # noqa: PT011, PT012 - reset or broken pipe, at whichever line
            for _ in range(10_000):
                raw.sendall(b"X-Filler: " + b"x" * 1000 + b"\r\n")
            if not raw.recv(65536):
                raise OSError("closed")
