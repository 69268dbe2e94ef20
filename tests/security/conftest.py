"""A server as it is served, a canary that must see no request, and a table of the doors that take SPARQL."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from pactgraph.tokens import Tokens

PROGRAM = Path(__file__).with_name("served.py")


@dataclass(frozen=True)
class Endpoint:
    """A running server: its process and its URL."""

    process: subprocess.Popen[str]
    url: str

    @property
    def sparql(self) -> str:
        return f"{self.url}/sparql"

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return str(parts.hostname), int(parts.port or 80)

    def resident(self) -> int:
        """The server's own memory in bytes, without its workers."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def workers(self) -> set[int]:
        """The process ids of the workers: children of the server, or of its nursery."""
        children = children_of(self.process.pid)
        nurseries = {pid for pid in children if b"query.nursery" in Path(f"/proc/{pid}/cmdline").read_bytes()}
        return (children - nurseries).union(*map(children_of, nurseries))


def children_of(process: int) -> set[int]:
    path = Path(f"/proc/{process}/task")
    return {int(pid) for task in path.iterdir() for pid in (task / "children").read_text().split()}


def serve(data: Path, *services: str, writable: bool = False) -> Endpoint:
    """Start a server; a ``writable`` one has a ledger, the shipped facts and whatever tokens are made."""
    command = [sys.executable, "-P", str(PROGRAM), str(data), "writable" if writable else "read", *services]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "SECRET": "s3cret",
    }
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    )
    assert process.stdout is not None
    endpoint = Endpoint(process, process.stdout.readline().strip())
    while "\npactgraph_hot_quads 0.0" in httpx2.get(f"{endpoint.url}/metrics").text:
        time.sleep(0.05)  # until the workers share the copy in memory, as they do most of the time
    return endpoint


def stop(endpoint: Endpoint) -> None:
    endpoint.process.terminate()
    endpoint.process.wait(10)
    assert endpoint.process.stdout is not None
    endpoint.process.stdout.close()


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory) -> Iterator[Endpoint]:
    """The server that every attack is run against; it must be the same process at the end."""
    each = serve(tmp_path_factory.mktemp("attacked") / "data")
    yield each
    assert each.process.poll() is None, "the server has died"
    stop(each)


@dataclass(frozen=True)
class Written:
    """A running server with a ledger, the shipped facts and shapes, and who may write there."""

    endpoint: Endpoint
    token: str

    @property
    def url(self) -> str:
        return self.endpoint.url

    def update(self, text: str, **parameters: str) -> httpx2.Response:
        """Send an update with the token."""
        headers = {"Authorization": f"Bearer {self.token}"}
        data = {"update": text, **parameters}
        return httpx2.post(f"{self.url}/sparql/update", data=data, headers=headers, timeout=60)


@pytest.fixture(scope="session")
def written(tmp_path_factory) -> Iterator[Written]:
    """A server that can be written to, whose newest revision a test may change."""
    data = tmp_path_factory.mktemp("written") / "data"
    each = serve(data, writable=True)
    name = "<img src=x onerror=alert(1)>"  # who writes is shown, too
    yield Written(each, Tokens(data).create(name, "writer", datetime.now(UTC)))
    assert each.process.poll() is None, "the server has died"
    stop(each)


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with httpx2.Client(timeout=30) as each:
        yield each


@pytest.fixture
def ask(client, endpoint) -> Callable[..., httpx2.Response]:
    """Send a query by POST."""

    def send(query: str, **parameters: str) -> httpx2.Response:
        return client.post(endpoint.sparql, data={"query": query, **parameters})

    return send


ELSEWHERE = [
    "http://127.0.0.1:9/x",
    "http://169.254.169.254/",
    "http://[::ffff:127.0.0.1]:9/x",
    "/sparql",
    "/x",
]


class _Canary(http.server.BaseHTTPRequestHandler):
    """Counts requests; ``/to/N`` redirects to a place it must not be followed to, all else is a result."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        self.server.hits.append(self.path)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        target = ELSEWHERE[int(self.path[4:])] if self.path.startswith("/to/") else None
        body = (
            b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"literal","value":"from afar"}}]}}'
        )
        self.send_response(307 if target else 200)
        if target:
            self.send_header("Location", target)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_HEAD = do_PUT = answer

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


class Canary(http.server.ThreadingHTTPServer):
    """An HTTP server on loopback and the paths it was asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Canary)
        self.hits: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def canary(aviary) -> Canary:
    """The canary, with nothing heard so far."""
    aviary.hits.clear()
    return aviary


@pytest.fixture
def canary_url(canary) -> Iterator[str]:
    """An address that nobody may ask for: the test fails when the canary heard anything."""
    yield f"{canary.url}/x"
    assert canary.hits == []


@pytest.fixture(scope="session")
def aviary() -> Iterator[Canary]:
    with Canary() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def wait_until() -> Callable[..., None]:
    def wait(condition: Callable[[], bool], seconds: float = 10) -> None:
        limit = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < limit, "the condition did not come true"
            time.sleep(0.01)

    return wait


@dataclass(frozen=True)
class Door:
    """A way to send SPARQL to the server: issue the request with a text of the given kind."""

    name: str
    method: str
    path: str
    content_type: str | None
    field: str

    def send(self, client: httpx2.Client, url: str, text: str) -> httpx2.Response:
        target = url + self.path
        if self.content_type == "application/x-www-form-urlencoded":
            return client.request(self.method, target, data={self.field: text})
        if self.content_type is not None:
            return client.request(
                self.method, target, content=text.encode(), headers={"Content-Type": self.content_type}
            )
        return client.request(self.method, target, params={self.field: text})


# Every door that takes a query or an update. A new door is a new line here, and all attacks go through it.
FORM = "application/x-www-form-urlencoded"
DOORS = [
    Door("query by GET", "GET", "/sparql", None, "query"),
    Door("query by form", "POST", "/sparql", FORM, "query"),
    Door("query as body", "POST", "/sparql", "application/sparql-query", ""),
    Door("update by GET", "GET", "/sparql", None, "update"),
    Door("update by form", "POST", "/sparql", FORM, "update"),
    Door("update as body", "POST", "/sparql", "application/sparql-update", ""),
]


@pytest.fixture(params=DOORS, ids=lambda door: door.name)
def door(request) -> Door:
    return request.param


@pytest.fixture(scope="session")
def servers() -> Iterator[Callable[..., Endpoint]]:
    """Start more servers, each on its own data directory and with its own allowed endpoints."""
    started: list[Endpoint] = []

    def start(data: Path, *services: str) -> Endpoint:
        started.append(serve(data, *services))
        return started[-1]

    yield start
    for each in started:
        stop(each)


@pytest.fixture
def run_python() -> Callable[..., dict[str, object]]:
    """Run a program in a process of its own; it prints JSON."""

    def run(program: str, *arguments: object) -> dict[str, object]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        command = [sys.executable, "-c", program, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, env=environment, timeout=60, check=True)
        answer: dict[str, object] = json.loads(done.stdout)
        return answer

    return run
