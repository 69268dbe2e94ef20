"""The server as a process: ready, stopped by signals, quiet on stdout."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from urllib.parse import quote, urlsplit

import pytest

from pactgraph.errors import InputError, QueryFailed
from pactgraph.web.server import run


@pytest.fixture
def server(fake_program, files):
    command = [
        sys.executable,
        fake_program,
        *(files / f"{name}.ttl" for name in ("ontology", "topics", "shapes")),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.fixture
def ready(server):
    return urlsplit(server.stdout.readline().strip())


def connect(address):
    return socket.create_connection(address, timeout=10)


def stop(server, number):
    server.send_signal(number)
    out, err = server.communicate(timeout=5)  # the time that the contract gives it
    return server.returncode, out, err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quietly(server, ready, number):
    connection = http.client.HTTPConnection(ready.hostname, ready.port)
    connection.request("GET", "/healthz")
    assert connection.getresponse().read() == b"ok\n"
    connection.close()
    code, out, err = stop(server, number)
    assert (code, out) == (0, "pool open\n")
    assert '"method": "GET", "path": "/healthz", "status": 200' in err
    assert "Traceback" not in err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_open_requests_do_not_hold_it_up(server, ready, number):
    """A query before its first byte, one midway, one that nobody reads, half a request, an idle line."""
    with ExitStack() as open_sockets:
        raw = [open_sockets.enter_context(connect((ready.hostname, ready.port))) for _ in range(5)]
        for each, comment in zip(raw, ("#slow", "#stuck", "#endless"), strict=False):
            each.sendall(
                f"GET /sparql?query={quote('ASK {} ' + comment)} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
            )
        raw[3].sendall(b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n")
        assert all(each.recv(12) == b"HTTP/1.1 200" for each in raw[1:3])
        code, out, _ = stop(server, number)
        assert (code, out) == (0, "pool closed\n")
        assert raw[0].recv(12) == b"HTTP/1.1 503"


def test_an_address_in_use_is_said_plainly(fakes, documents):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"cannot listen on 127.0.0.1 port {port} .*--port"):
            run(fakes.FakeService(), host="127.0.0.1", port=port, on_ready=print, documents=documents)


@pytest.mark.parametrize(("host", "port"), [("256.0.0.1", 0), ("no host", 0)])
def test_an_address_that_cannot_be_is_said_plainly(fakes, documents, host, port):
    with pytest.raises(InputError, match="cannot listen on"):
        run(fakes.FakeService(), host=host, port=port, on_ready=print, documents=documents)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_cannot_be_is_said_plainly(fakes, documents, port):
    with pytest.raises(InputError, match=f"there is no port {port};"):
        run(fakes.FakeService(), host="127.0.0.1", port=port, on_ready=print, documents=documents)


def test_it_is_not_ready_when_no_query_is_answered(fakes, documents):
    class Dead(fakes.FakePool):
        def run(self, request, cancellation=None, *, outline=None):
            raise QueryFailed("no worker starts")

    service = fakes.FakeService()
    service.pool = Dead()
    said = []
    with pytest.raises(QueryFailed, match="no worker starts"):
        run(service, host="127.0.0.1", port=0, on_ready=said.append, documents=documents)
    assert said == []


def test_health_answers_while_queries_wait(client, service, address):
    """More slow queries than anyio has threads by default: neither check nor page may wait for them."""
    before = len(service.pool.requests)
    target = "/sparql?query=" + quote("ASK {} #stuck")
    with ExitStack() as open_sockets:
        waiting = [open_sockets.enter_context(connect(address)) for _ in range(60)]
        for each in waiting:
            each.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert all(each.recv(12) == b"HTTP/1.1 200" for each in waiting)
        assert len(service.pool.requests) == before + 60
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 200
        assert client.get("/ontology").status_code == 200
