"""The settings of a running pactgraph: one table, with the environment variable of each."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from pactgraph.errors import InputError

DEFAULT_DATA = Path("pactgraph-data")
SERVED_RESERVE = 1
"""Workers that ``serve`` has beside the others, for clients that ask little."""
SERVED_QUADS = 2_500_000
"""How large a graph ``serve`` keeps in memory unless told otherwise: some 1,250 MB."""
_PREFIX = "PACTGRAPH_"
VARIABLES = {
    "PACTGRAPH_DATA": "the data directory",
    "PACTGRAPH_AUTHOR": "the author of revisions made on the command line",
    "PACTGRAPH_TOKEN": "the token for writing to a server",
    "PACTGRAPH_HOST": "the address that serve listens on",
    "PACTGRAPH_PORT": "the port that serve listens on",
    "PACTGRAPH_READ_ONLY": "whether serve refuses writes",
    "PACTGRAPH_QUERY_TIMEOUT": "the most seconds that one query may take",
    "PACTGRAPH_QUERY_MEMORY": "the most memory (MB) that one query may take",
    "PACTGRAPH_WORKERS": "how many queries run at the same time",
    "PACTGRAPH_ALLOW_SERVICE": "the endpoints that SERVICE may name, separated by spaces",
    "PACTGRAPH_CACHE": "the most memory (MB) that answers kept for reuse may take",
    "PACTGRAPH_CLIENT_QUERIES": "how many queries one client may have under way",
    "PACTGRAPH_HOT_QUADS": "the largest graph that serve keeps in memory, in quads",
    "PACTGRAPH_SLOW": "how many seconds make a query worth a line in the log",
    "PACTGRAPH_TRUST_PROXY": "the addresses of proxies that tell who asks, separated by spaces",
    "PACTGRAPH_PROFILE": "facts, or conformance for the W3C's test suites",
}


def _default_workers() -> int:
    return max(2, min(os.cpu_count() or 2, 8))


@dataclass(frozen=True, slots=True)
class Limits:
    """What queries may take: seconds, megabytes each, how many run, wait, or come from one client at once.

    ``reserve`` more may run, of clients whose queries took little lately: they need not wait for others.
    ``services`` are the endpoints that SERVICE may name; ``cache_mb`` is for answers kept for reuse; a query
    that takes ``slow`` seconds gets a line in the log. A graph of up to ``hot_quads`` quads, those of the
    default graph included, is kept in memory as well. ``proxies`` are the networks whose word on who asks
    counts.
    """

    timeout: float = 30.0
    memory_mb: int = 1024
    workers: int = _default_workers()
    reserve: int = 0
    services: frozenset[str] = frozenset()
    cache_mb: int = 64
    most_waiting: int = 256
    client_queries: int = 64
    slow: float = 5.0
    hot_quads: int = 0
    proxies: frozenset[str] = frozenset()


def default_data(environment: Mapping[str, str]) -> Path:
    """Return the data directory when none is named: ``$PACTGRAPH_DATA`` or ``./pactgraph-data``."""
    return Path(environment.get("PACTGRAPH_DATA") or DEFAULT_DATA)


def check_variables(environment: Mapping[str, str]) -> None:
    """Refuse misspelt settings; raises ``InputError`` for a ``PACTGRAPH_…`` variable much like a known one.

    Others (those of the tests, of people's own scripts) are let alone.
    """
    known = {name.removeprefix(_PREFIX): name for name in VARIABLES}
    for name in sorted(environment):
        if name.startswith(_PREFIX) and name not in VARIABLES:
            for close in get_close_matches(name.removeprefix(_PREFIX), known, n=1, cutoff=0.75):
                message = f"The environment variable {name} sets nothing; did you mean {known[close]}?"
                raise InputError(message)


def trusted_proxies(addresses: Iterable[str]) -> frozenset[str]:
    """Return the networks of proxies; raises ``InputError`` for what is no address and no network.

    >>> sorted(trusted_proxies(["127.0.0.1", "10.0.0.0/8"]))
    ['10.0.0.0/8', '127.0.0.1/32']
    """
    try:
        return frozenset(str(ip_network(address, strict=False)) for address in addresses)
    except ValueError as fault:
        raise InputError(f"{fault}; name a proxy by its address or its network (10.0.0.0/8)") from None


def allowed_services(urls: Iterable[str]) -> frozenset[str]:
    """Return the endpoints that SERVICE may name; raises ``InputError`` for what is no http or https URL.

    >>> sorted(allowed_services(["https://query.wikidata.org/sparql"]))
    ['https://query.wikidata.org/sparql']
    """
    for url in urls:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.fragment:
            raise InputError(f"SERVICE can be allowed for http and https URLs, not for {url!r}; write it out")
    return frozenset(urls)
