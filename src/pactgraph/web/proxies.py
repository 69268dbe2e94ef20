"""Behind a proxy: who asks, and how, is what the proxy says, if it is one that is trusted."""

from __future__ import annotations

import ipaddress

from starlette.types import ASGIApp, Receive, Scope, Send

_SCHEMES = {b"http": "http", b"https": "https"}


class Proxies:
    """Puts the client and the scheme that a trusted proxy tells in the place of its own.

    ``X-Forwarded-For`` is read from its end: each proxy adds the address that it saw, so the last one that is
    not a trusted proxy itself is the client. What stands before it, the client may have written.
    """

    def __init__(self, app: ASGIApp, trusted: frozenset[str]) -> None:
        self._app = app
        self._trusted = [ipaddress.ip_network(each, strict=False) for each in trusted]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope.get("client") and self._trusts(scope["client"][0]):
            scope = {**scope, **self._told(scope)}
        await self._app(scope, receive, send)

    def _told(self, scope: Scope) -> dict[str, object]:
        chain: list[str] = []
        told: dict[str, object] = {}
        for name, value in scope["headers"]:
            if name == b"x-forwarded-for":
                chain += [part.strip() for part in value.decode("latin-1").split(",")]
            elif name == b"x-forwarded-proto" and value in _SCHEMES:
                told["scheme"] = _SCHEMES[value]
        client = next((each for each in reversed(chain) if not self._trusts(each)), None)
        if client is not None and _address(client) is not None:
            told["client"] = (str(_address(client)), 0)
        return told

    def _trusts(self, text: str) -> bool:
        address = _address(text)
        return address is not None and any(address in network for network in self._trusted)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an address, an IPv4 one also where it is written as IPv6; of anything else, nothing."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
