"""Answers that are sent again: of the newest revision only, within their room."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from pactgraph.web.door import Repeats
from pactgraph.web.sight import REUSABLE

ROOM = 200_000


class Endpoint:
    """Counts what gets through to it."""

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self, scope: dict[str, Any], _receive: object, send: Any) -> None:
        self.asked += 1
        scope[REUSABLE] = True
        headers = [(b"content-length", b"4"), (b"x-query-id", b"1")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"true"})


@pytest.fixture
def service() -> SimpleNamespace:
    return SimpleNamespace(revision=1)


def ask(repeats: Repeats, query: str) -> None:
    scope = {
        "type": "http",
        "path": "/sparql",
        "method": "GET",
        "query_string": query.encode(),
        "http_version": "1.1",
        "headers": [],
    }

    async def send(_message: object) -> None:
        pass

    asyncio.run(repeats(scope, None, send))  # type: ignore[arg-type]


def test_what_was_sent_is_sent_again_on_the_same_revision_only(service: SimpleNamespace) -> None:
    endpoint = Endpoint()
    repeats = Repeats(endpoint, service, ROOM)
    for _ in range(3):
        ask(repeats, "query=ASK{}")
    assert endpoint.asked == 1
    service.revision = 2
    for _ in range(3):
        ask(repeats, "query=ASK{}")
    assert endpoint.asked == 2


def test_a_revision_frees_all_that_the_one_before_took(service: SimpleNamespace) -> None:
    repeats = Repeats(Endpoint(), service, ROOM)
    for number in range(20):
        ask(repeats, f"query={number}")
    full = repeats.size
    service.revision = 2
    ask(repeats, "query=new")
    assert 0 < repeats.size < full / 10


def test_there_is_never_more_than_fits(service: SimpleNamespace) -> None:
    endpoint = Endpoint()
    repeats = Repeats(endpoint, service, ROOM)
    for number in range(1000):
        ask(repeats, f"query={number}")
        assert repeats.size <= ROOM
    ask(repeats, "query=999")
    assert endpoint.asked == 1000
    ask(repeats, "query=0")
    assert endpoint.asked == 1001
