"""What goes over the wire: chunks, ends, pipelines, limits, from a real uvicorn to strict clients."""

from __future__ import annotations

import http.client
import socket
from urllib.parse import quote

import h11
import pytest

ASK = "/sparql?query=" + quote("ASK {}")
SELECT = "SELECT * { ?s ?p ?o }"


def of(query):
    return "/sparql?query=" + quote(query)


def exchange(address, *requests):
    """Send every request at once on one connection and read the answers with h11's strict client."""
    answers = []
    with socket.create_connection(address, timeout=10) as raw:
        raw.sendall(b"".join(wire for _, wire in requests))
        received = b""
        for method, _ in requests:
            reader = h11.Connection(h11.CLIENT)
            reader.send(
                h11.Request(method=method, target="/", headers=[("Host", "x"), ("Content-Length", "0")])
            )
            reader.send(h11.EndOfMessage())
            reader.receive_data(received) if received else None
            answers.append(read_answer(reader, raw))
            received = reader.trailing_data[0]
    return answers


def read_answer(reader, raw):
    status, body, headers = None, b"", {}
    while True:
        event = reader.next_event()
        if event is h11.NEED_DATA:
            reader.receive_data(raw.recv(65536))
        elif isinstance(event, h11.Response):
            status, headers = (
                event.status_code,
                {key.decode(): value.decode() for key, value in event.headers},
            )
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            return status, body, headers


def wire(method, target, headers=(), body=b""):
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return method, "\r\n".join([*lines, "", ""]).encode() + body


def test_a_pipeline_of_every_method_stays_in_step(address):
    post = wire("POST", "/sparql", ["Content-Type: application/sparql-query"], b"ASK {}")
    held = exchange(address, wire("GET", ASK))[0][2]["etag"]
    found = exchange(
        address,
        wire("GET", ASK),
        wire("HEAD", ASK),
        wire("OPTIONS", "/sparql"),
        wire("OPTIONS", "*"),
        wire("HEAD", "/sparql"),
        wire("GET", ASK, [f"If-None-Match: {held}"]),
        wire("HEAD", of("nonsense")),
        wire("HEAD", "/nowhere"),
        wire("PUT", "/sparql", [], b"body"),
        wire("OPTIONS", "/sparql", [], b"body"),
        wire("QUERY", "/sparql", [], b"ASK {}"),
        post,
        wire("HEAD", "/ontology"),
        wire("HEAD", "/healthz"),
        wire("HEAD", "/"),
        wire("HEAD", "/static/style.css"),
        wire("HEAD", "/openapi.json"),
        wire("GET", ASK),
    )
    statuses = [status for status, _, _ in found]
    assert statuses == [
        200,
        200,
        204,
        204,
        200,
        304,
        400,
        404,
        405,
        204,
        405,
        200,
        200,
        200,
        200,
        200,
        200,
        200,
    ]
    bodies = [bool(body) for _, body, _ in found]
    assert [number for number, body in enumerate(bodies) if body] == [0, 8, 10, 11, 17]


@pytest.mark.parametrize(
    "path", ["/", "/sparql", "/ontology", "/ontology.nt", "/topics", "/shapes", "/openapi.json"]
)
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_head_announces_the_length_of_get(connection, path, accept):
    connection.request("GET", path, headers={"Accept": accept})
    got = connection.getresponse()
    length = len(got.read())
    connection.request("HEAD", path, headers={"Accept": accept})
    head = connection.getresponse()
    assert (head.status, head.read()) == (200, b"")
    assert int(head.headers["content-length"]) == length
    assert head.headers["etag"] == got.headers["etag"]


def test_a_large_answer_comes_in_chunks(connection):
    connection.request("GET", of(SELECT + "#big"))
    response = connection.getresponse()
    assert response.headers["transfer-encoding"] == "chunked"
    assert len(response.read()) == 2_000_000


def test_a_cut_answer_is_an_incomplete_read(connection, service, wait_until, caplog):
    connection.request("GET", of(SELECT + "#cut"))
    response = connection.getresponse()
    assert response.status == 200
    with pytest.raises(http.client.IncompleteRead):
        response.read()
    wait_until(service.pool.answers[-1].closed.is_set)
    assert "query-timeout" in caplog.text
    assert "Traceback" not in caplog.text


def test_a_cut_answer_lacks_its_last_chunk(address):
    with socket.create_connection(address, timeout=10) as raw:
        raw.sendall(wire("GET", of(SELECT + "#cut"))[1])
        received = b""
        while piece := raw.recv(65536):
            received += piece
    assert received.startswith(b"HTTP/1.1 200 ")
    assert not received.endswith(b"0\r\n\r\n")


def test_a_failure_before_the_first_byte_keeps_the_connection(connection):
    connection.request("GET", of("ASK {} #crash"))
    failed = connection.getresponse()
    assert (failed.status, failed.headers["content-type"]) == (503, "application/problem+json")
    failed.read()
    before = connection.sock
    connection.request("GET", ASK)
    assert connection.getresponse().status == 200
    assert connection.sock is before


@pytest.mark.parametrize("query", ["#endless", "#stuck"])
def test_a_client_that_goes_away_closes_the_answer(address, service, wait_until, query):
    answers = len(service.pool.answers)
    with socket.create_connection(address, timeout=10) as raw:
        raw.sendall(wire("GET", of(SELECT + query))[1])
        assert raw.recv(100).startswith(b"HTTP/1.1 200")
        assert not service.pool.answers[answers].closed.is_set()
    wait_until(service.pool.answers[answers].closed.is_set)


def whole_of_http_1_0(address, query):
    with socket.create_connection(address, timeout=10) as raw:
        raw.sendall(f"GET {of(query)} HTTP/1.0\r\n\r\n".encode())
        received = b""
        while piece := raw.recv(65536):
            received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    return head.decode(), body


@pytest.mark.parametrize("comment", ["", "#big"])
def test_http_1_0_gets_the_length(address, comment):
    head, body = whole_of_http_1_0(address, SELECT + comment)
    assert f"content-length: {len(body)}" in head.lower()
    assert head.startswith("HTTP/1.1 200")


def test_http_1_0_never_takes_a_cut_answer_for_complete(address):
    head, body = whole_of_http_1_0(address, SELECT + "#cut")
    assert " 503 " in head.splitlines()[0]
    assert b"query-timeout" in body


BODY = {"Content-Type": "application/sparql-query"}
HEAD = f"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: {BODY['Content-Type']}\r\n"
LIMIT = 1024 * 1024


def test_a_body_at_the_limit_is_read(connection):
    body = b"query=ASK%7B%7D&unknown=".ljust(LIMIT, b"x")
    connection.request("POST", "/sparql", body, {"Content-Type": "application/x-www-form-urlencoded"})
    assert connection.getresponse().status == 200


def test_a_body_over_the_limit_is_refused_and_the_connection_goes_on(connection):
    connection.request("POST", "/sparql", b"ASK {}".ljust(LIMIT + 1), BODY)
    response = connection.getresponse()
    assert (response.status, b"too-large" in response.read()) == (413, True)
    connection.request("GET", ASK)
    assert connection.getresponse().status == 200


def test_a_body_over_the_limit_is_refused_before_it_is_sent(address):
    head = f"{HEAD}Content-Length: {10**12}\r\n\r\n"
    with socket.create_connection(address, timeout=10) as raw:
        raw.sendall(head.encode())
        assert raw.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_body_of_unknown_length_is_refused_at_the_limit(address):
    head = f"{HEAD}Transfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(address, timeout=10) as raw:
        raw.sendall(head.encode() + b"%x\r\n" % (LIMIT + 1) + b" " * (LIMIT + 1) + b"\r\n")  # and no end
        assert raw.recv(100).startswith(b"HTTP/1.1 413 ")


def test_expect_100_continue_is_answered_without_the_body_when_it_is_too_large(address):
    head = f"{HEAD}Expect: 100-continue\r\n"
    with socket.create_connection(address, timeout=10) as raw:
        raw.sendall(head.encode() + b"Content-Length: 2000000\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_long_query_fits_into_the_url(connection):
    connection.request("GET", of("ASK {}" + " " * 4000))
    assert connection.getresponse().status == 200
