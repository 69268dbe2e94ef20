"""S9 to S11: queries without end, queries without bounds, and everybody else meanwhile."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

PRODUCT = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
ENDLESS = {
    "product": PRODUCT,
    "order": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i LIMIT 1",
    "path": "SELECT (COUNT(*) AS ?n) { ?a (!<urn:p>|!^<urn:p>)* ?b . ?c (!<urn:p>|!^<urn:p>)* ?d }",
    "stars": "SELECT (COUNT(*) AS ?n) { ?a ((!<urn:a>)*/(!<urn:b>)*)* ?b . ?b ((!<urn:a>)*)* ?c }",
    "optionals": "ASK { OPTIONAL { ?a ?b ?c } OPTIONAL { ?d ?e ?f } OPTIONAL { ?g ?h ?i } FILTER(?b = 1) }",
    "values": "SELECT (COUNT(*) AS ?n) { "
    + " ".join(f"VALUES ?v{n} {{ " + " ".join(map(str, range(40))) + " }" for n in range(6))
    + " }",
}
GROWING = (
    'SELECT (STRLEN(?z) AS ?n) { BIND("' + "x" * 500 + '" AS ?a0) '
    + " ".join(f"BIND(CONCAT(?a{n}, ?a{n}) AS ?a{n + 1})" for n in range(27))
    + " BIND(?a27 AS ?z) }"
)  # fmt: skip


@pytest.mark.parametrize("shape", ENDLESS)
def test_an_endless_query_is_stopped_at_its_limit(ask, endpoint, shape):
    began = time.monotonic()
    answer = ask(ENDLESS[shape], timeout="1")
    assert (answer.status_code, answer.json()["code"]) in {(503, "query-timeout"), (503, "query-memory")}
    assert time.monotonic() - began < 1 + 1, "it ended later than a second after its limit"


def pings_beside_twenty(endpoint):
    """Ask for the product of everything thrice with itself from twenty clients; return how long pings took meanwhile."""
    pings: list[float] = []
    over = threading.Event()

    def ping() -> None:
        with httpx2.Client(timeout=30) as other:
            while not over.is_set():
                began = time.monotonic()
                assert other.get(endpoint.sparql, params={"query": "ASK {}"}).status_code == 200
                pings.append(time.monotonic() - began)
                time.sleep(0.01)

    def attack(number: int) -> int:
        with httpx2.Client(timeout=60) as other:
            return other.post(
                endpoint.sparql, data={"query": f"{PRODUCT} LIMIT {number + 1}", "timeout": "2"}
            ).status_code

    with ThreadPoolExecutor(21) as threads:
        pinging = threads.submit(ping)
        assert set(threads.map(attack, range(20))) == {503}
        over.set()
        pinging.result()
    return pings


def test_twenty_at_once_starve_nobody(client, endpoint, wait_until):
    """The worker of each is gone afterwards, the server the same, its memory as before.

    99 of 100 pings within 100 ms is the threat's own figure. On two cores that three other processes keep
    busy it was 20 to 28 ms; as something else may take the machine for a moment, one of two rounds must have
    it. The figure beside all attacks at once is the siege's.
    """
    client.post(endpoint.sparql, data={"query": "ASK {}"})
    before, resident = endpoint.workers(), endpoint.resident()
    for is_last in (False, True):
        pings = sorted(pings_beside_twenty(endpoint))
        assert len(pings) > 20
        slow = pings[int(len(pings) * 0.99)]
        if slow < 0.1:
            break
        assert not is_last, f"a ping waited for somebody else's query: {slow:.3f} s"
    wait_until(lambda: len(endpoint.workers()) == len(before))
    assert not before & endpoint.workers()
    assert endpoint.resident() < resident * 1.2 + 20_000_000


def test_memory_ends_the_query_that_takes_it(ask, endpoint):
    resident = endpoint.resident()
    answer = ask(GROWING)
    assert (answer.status_code, answer.json()["code"]) == (503, "query-memory")
    assert endpoint.resident() < resident + 20_000_000
    assert ask("ASK {}").json()["boolean"] is True


def test_a_killed_worker_is_replaced_within_a_second(ask, endpoint, wait_until):
    ask("ASK {}")
    before = endpoint.workers()
    assert ask(PRODUCT, timeout="1").status_code == 503
    wait_until(lambda: len(endpoint.workers()) == 2 and endpoint.workers() != before, seconds=1)


def test_a_client_that_leaves_frees_its_worker(endpoint):
    """Also before the first byte: two such clients would else hold both workers until the limit."""
    with httpx2.Client(timeout=0.3) as client:
        for number in range(4):
            with pytest.raises(httpx2.ReadTimeout):
                client.post(endpoint.sparql, data={"query": f"{PRODUCT} LIMIT {number + 100}"})
    with httpx2.Client(timeout=2) as client:
        assert client.post(endpoint.sparql, data={"query": "ASK { ?s ?p 17 }"}).status_code == 200


def test_a_client_that_asks_too_much_waits_alone(endpoint):
    """429 with Retry-After, and the others are served."""
    many = httpx2.Limits(max_connections=100)
    with ThreadPoolExecutor(80) as threads, httpx2.Client(timeout=30, limits=many) as client:

        def attack(number: int) -> tuple[int, str | None]:
            query = f"{PRODUCT} OFFSET {number}"
            answer = client.post(endpoint.sparql, data={"query": query, "timeout": "1"})
            return answer.status_code, answer.headers.get("retry-after")

        answers = set(threads.map(attack, range(80)))
    assert {status for status, _ in answers} == {503, 429}
    assert (429, "1") in answers


def test_a_query_can_be_looked_at_and_cancelled(client, endpoint, wait_until):
    name = "a-name-of-my-own-choice"
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(
            httpx2.post, endpoint.sparql, data={"query": PRODUCT}, headers={"X-Query-Id": name}, timeout=30
        )
        url = f"{endpoint.url}/queries/{name}"
        wait_until(lambda: client.get(url).status_code == 200)
        assert client.get(url).json()["state"] == "running"
        assert client.delete(url).status_code == 204
        assert asked.result().json()["code"] == "query-cancelled"
    assert client.get(url).json()["state"] == "query-cancelled"
    assert client.delete(f"{endpoint.url}/queries/unknown").status_code == 404
