from __future__ import annotations

import http.client
import importlib.util
import socket
import sys
import threading
import time
from pathlib import Path
from types import ModuleType

import httpx2
import pytest
import uvicorn

from pactgraph.web.application import create_application
from pactgraph.web.documents import Documents

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def fake_program() -> Path:
    return HERE / "fake_service.py"


@pytest.fixture(scope="session")
def fakes(fake_program) -> ModuleType:
    spec = importlib.util.spec_from_file_location("web_fake_service", fake_program)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def files() -> Path:
    return HERE / "files"


@pytest.fixture(scope="session")
def documents(files) -> Documents:
    return Documents(
        ontology=(files / "ontology.ttl",), topics=(files / "topics.ttl",), shapes=(files / "shapes.ttl",)
    )


@pytest.fixture(scope="session")
def service(fakes):
    return fakes.FakeService()


@pytest.fixture(scope="session")
def address(service, documents):
    """The host and port of a real uvicorn over the fake service."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_application(service, documents), http="h11", ws="none", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()
    server.should_exit = True
    service.pool.close()
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture(scope="session")
def url(address) -> str:
    return f"http://{address[0]}:{address[1]}"


@pytest.fixture
def client(url):
    with httpx2.Client(base_url=url, headers={"Accept": "*/*"}) as each:
        yield each


@pytest.fixture
def connection(address):
    each = http.client.HTTPConnection(*address, timeout=10)
    yield each
    each.close()


@pytest.fixture
def wait_until():
    def wait(condition, seconds=5.0):
        limit = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < limit, "the condition did not come true"
            time.sleep(0.01)

    return wait
