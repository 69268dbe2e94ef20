"""A client that sends too slowly is hung up on; one that sends steadily, or is held up by us, is not."""

import asyncio
import contextlib
import socket
import threading

import pytest
import uvicorn

from pactgraph.web.wire import Wire


class Hasty(Wire):
    """The wire, with less patience."""

    head_seconds = 0.3
    body_seconds = 0.3


async def application(scope, receive, send):
    if scope["type"] != "http":
        return
    if scope["path"] == "/later":
        await asyncio.sleep(1)  # the server's own time is not the client's
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    body = str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def address():
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(application, http=Hasty, ws="none", lifespan="off", log_config=None)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()
    server.should_exit = True
    thread.join(10)


def heard(connection):
    answer = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            answer += piece
    return answer


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTT",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ],
)
def test_what_never_ends_is_given_up(address, sent):
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(sent)
        assert heard(connection).startswith(b"HTTP/1.1 408 ")


def is_hung_up(connection):
    """Send one more byte and look."""
    try:
        connection.sendall(b"x")
        connection.recv(1)  # the start of an answer, or the end
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def test_dribbling_does_not_keep_a_connection(address):
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        connection.settimeout(0.05)
        assert any(is_hung_up(connection) for _ in range(400))


def test_a_steady_sender_and_a_slow_server_are_let_be(address):
    body = b"x" * 3000
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 9000\r\n\r\n")
        for _ in range(3):
            connection.sendall(body)
        assert heard(connection).endswith(b"9000")
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(b"GET /later HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b" 200 " in heard(connection)
    with socket.create_connection(address, timeout=20) as connection:
        half = b"POST /later HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\n"
        connection.sendall(half + b"x" * 1000000)
        assert heard(connection).endswith(b"1000000")
