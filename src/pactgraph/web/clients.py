"""Who asks, and how much one client may ask at the same time."""

from __future__ import annotations

import ipaddress
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from starlette.types import Scope

from pactgraph.web.problems import Unservable

_CLIENT = "pactgraph.client"


def client_of(scope: Scope) -> str:
    """Return what stands for one client: its IPv4 address, or the /64 network that one IPv6 user has."""
    known: str | None = scope.get(_CLIENT)
    if known is None:
        known = scope[_CLIENT] = _client(scope["client"][0] if scope.get("client") else "")
    return known


@lru_cache(maxsize=1024)
def _client(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


class Allowance:
    """How many queries of one client may be under way at the same time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._under_way: Counter[str] = Counter()

    @contextmanager
    def use(self, client: str) -> Iterator[None]:
        """Count one query; raises ``Unservable`` (429, RFC 6585 §4) when the client has too many already."""
        with self._lock:
            if self._under_way[client] >= self._most:
                text = f"{self._most} queries of yours are under way; wait for one of them to end"
                raise Unservable(text, code="too-many-requests", status=429, headers={"Retry-After": "1"})
            self._under_way[client] += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way[client] -= 1
                if not self._under_way[client]:
                    del self._under_way[client]
