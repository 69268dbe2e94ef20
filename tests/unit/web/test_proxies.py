"""Who asks, behind proxies."""

import asyncio

import pytest

from pactgraph.config import trusted_proxies
from pactgraph.errors import InputError
from pactgraph.web.clients import client_of
from pactgraph.web.proxies import Proxies


def seen(peer, *headers, trusted=("10.0.0.0/8", "::1")):
    found = {}

    async def application(scope, receive, send):
        found.update(scope)

    scope = {
        "type": "http",
        "client": (peer, 1),
        "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    asyncio.run(Proxies(application, trusted_proxies(trusted))(scope, None, None))
    return client_of(found), found["scheme"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),  # the client wrote the first itself
        ("10.0.0.1", ["198.51.100.7, 10.9.9.9"], "198.51.100.7"),
        ("10.0.0.1", ["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
        ("::ffff:10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("::1", ["2001:db8::1"], "2001:db8::/64"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["10.9.9.9"], "10.0.0.1"),
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.7, <script>"], "10.0.0.1"),
        ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),
    ],
)
def test_the_client_is_the_last_that_no_proxy_of_ours_is(peer, forwarded, client):
    assert seen(peer, *(("x-forwarded-for", each) for each in forwarded))[0] == client


def test_the_scheme_is_believed_of_proxies_alone():
    assert seen("10.0.0.1", ("x-forwarded-proto", "https"))[1] == "https"
    assert seen("10.0.0.1", ("x-forwarded-proto", "javascript"))[1] == "http"
    assert seen("192.0.2.1", ("x-forwarded-proto", "https"))[1] == "http"


def test_a_proxy_is_an_address_or_a_network():
    with pytest.raises(InputError, match="proxy"):
        trusted_proxies(["proxy.example"])
