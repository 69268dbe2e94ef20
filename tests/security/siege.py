"""All attacks at once, for a while, and what another client notices of it.

    python tests/security/siege.py [SECONDS] [CLIENTS]

Starts a server as the tests do, sends the attacks of this folder to it from several clients (each from an
address of its own on loopback), and meanwhile asks ``ASK {}`` from a process apart, on one connection: the same
query every time, and one with a constant that nobody asked for before. Prints, as JSON, how long these took,
whether the server is still the same process, and what memory server and workers take before and after.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from urllib.parse import quote

from conftest import Canary, Endpoint, serve, stop
from test_s01_service import SPELLINGS
from test_s02_s03_load_from import DATASETS, LOADS
from test_s07_s08_size import HANGS, NESTS
from test_s09_s11_load import ENDLESS, GROWING
from test_s14_s20_writes import UPDATES

SETTLING = 15.0
_QUERY = {"Content-Type": "application/sparql-query"}
_REGEX = f'SELECT * {{ FILTER(REGEX("{"a" * 5000}b", "(a+)+$")) }}'
_MANY_ROWS = "SELECT * { ?a ?b ?c . ?d ?e ?f }"

Attack = Callable[[http.client.HTTPConnection], None]


def attacks(canary: str) -> Iterator[Attack]:
    """Yield all attacks, each as what it does with a connection."""
    reaching = [each.replace("URL", canary) for each in (*SPELLINGS, *LOADS, *DATASETS)]
    nests = [nest(depth) for nest in NESTS.values() for depth in (60, 1000, 5000)]
    slow = [*HANGS.values(), *ENDLESS.values(), GROWING, _REGEX]
    for text in (*reaching, *nests, *slow, *UPDATES):
        yield _posted(text)
    for text in (*reaching, *UPDATES):
        yield _got(f"/sparql?update={quote(text)}")
    yield from (_posted("x" * size) for size in (900_000, 3_000_000))
    yield from (_posted("ASK {} #" + "(" * size) for size in (100_000, 900_000))
    yield _left
    yield _dribbled
    yield from (_got(path) for path in ("/nothing/../etc/passwd", "/sparql?query=%ff", "/metrics", "/"))
    yield _framed(
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    )
    yield _framed(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Filler: " + b"x" * 300_000)


def _posted(text: str) -> Attack:
    def send(connection: http.client.HTTPConnection) -> None:
        connection.request("POST", "/sparql?timeout=2", text.encode("utf-8", "replace"), _QUERY)
        connection.getresponse().read()

    return send


def _got(target: str) -> Attack:
    def send(connection: http.client.HTTPConnection) -> None:
        connection.request("GET", target[:100_000])
        connection.getresponse().read()

    return send


def _left(connection: http.client.HTTPConnection) -> None:
    """Ask for many rows, read a few and go."""
    connection.request("POST", "/sparql?timeout=2", _MANY_ROWS, _QUERY)
    connection.getresponse().read(1000)
    connection.close()


def _dribbled(connection: http.client.HTTPConnection) -> None:
    """Announce a body and never send its end."""
    connection.putrequest("POST", "/sparql")
    connection.putheader("Content-Type", "application/sparql-query")
    connection.putheader("Content-Length", "1000")
    connection.endheaders(b"ASK")
    connection.close()


def _framed(raw: bytes) -> Attack:
    def send(connection: http.client.HTTPConnection) -> None:
        connection.connect()
        connection.sock.sendall(raw)
        connection.sock.recv(65536)
        connection.close()

    return send


def attack(address: tuple[str, int], own: str, todo: list[Attack], over: threading.Event) -> int:
    """Send the attacks in a random order until it is over; return how many."""
    order = random.Random(own)
    sent = 0
    while not over.is_set():
        connection = http.client.HTTPConnection(*address, timeout=20, source_address=(own, 0))
        try:
            order.choice(todo)(connection)
        except (OSError, http.client.HTTPException):
            pass  # refused, cut or timed out: all of that is an answer to an attack
        finally:
            connection.close()
        sent += 1
    return sent


def ping(address: tuple[str, int], over: Event, report: Connection, *, fresh: bool) -> None:
    """Ask until it is over; report the seconds of each answer and the statuses."""
    connection = http.client.HTTPConnection(*address, timeout=60)
    seconds: list[float] = []
    statuses: Counter[int] = Counter()
    while not over.is_set():
        text = f"ASK {{ FILTER({len(seconds)} = {len(seconds)}) }}" if fresh else "ASK {}"
        began = time.perf_counter()
        connection.request("GET", f"/sparql?query={quote(text)}")
        answer = connection.getresponse()
        answer.read()
        seconds.append(time.perf_counter() - began)
        statuses[answer.status] += 1
        over.wait(0.02)
    report.send((seconds, dict(statuses)))


def resident(endpoint: Endpoint) -> dict[str, float]:
    """Return the memory of the server and of its workers, in MB."""
    pages = os.sysconf("SC_PAGE_SIZE") / 1e6
    own = int(Path(f"/proc/{endpoint.process.pid}/statm").read_text().split()[1]) * pages
    workers = 0.0
    for pid in endpoint.workers():
        try:
            workers += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * pages
        except OSError:
            continue  # it has just been replaced
    return {"server": round(own, 1), "workers": round(workers, 1)}


def besiege(seconds: float, clients: int) -> dict[str, object]:
    """Run it; return the figures."""
    with tempfile.TemporaryDirectory() as folder, Canary() as canary:
        threading.Thread(target=canary.serve_forever, args=(0.05,), daemon=True).start()
        endpoint = serve(Path(folder) / "data")
        try:
            figures = _figures(endpoint, f"{canary.url}/x", seconds, clients)
            figures["canary"] = len(canary.hits)
        finally:
            stop(endpoint)
            canary.shutdown()
    return figures


def _figures(endpoint: Endpoint, canary: str, seconds: float, clients: int) -> dict[str, object]:
    context = multiprocessing.get_context("spawn")
    over, quiet = context.Event(), threading.Event()
    for _ in range(2):
        _round_of_pings(endpoint)
    before, todo = resident(endpoint), list(attacks(canary))
    pings = {}
    for name, fresh in (("same", False), ("fresh", True)):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=ping, args=(endpoint.address, over, theirs), kwargs={"fresh": fresh})
        process.start()
        pings[name] = (process, ours)
    sent: list[int] = []

    def besieger(number: int) -> None:
        sent.append(attack(endpoint.address, f"127.0.1.{number + 1}", todo, quiet))

    threads = [threading.Thread(target=besieger, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    quiet.wait(seconds)
    quiet.set()
    for thread in threads:
        thread.join()
    over.set()
    told = {name: _told(*ours.recv()) for name, (_, ours) in pings.items()}
    for process, _ in pings.values():
        process.join()
    after = _settled(endpoint, before)
    alive = endpoint.process.poll() is None
    return {
        "seconds": seconds,
        "clients": clients,
        "attacks": sum(sent),
        **told,
        "same process": alive,
        "MB before": before,
        "MB after": after,
        "load": os.getloadavg()[0],
    }


def _round_of_pings(endpoint: Endpoint) -> None:
    connection = http.client.HTTPConnection(*endpoint.address, timeout=60)
    for number in range(200):
        connection.request("GET", f"/sparql?query={quote(f'ASK {{ FILTER({number} = 1) }}')}")
        connection.getresponse().read()
    connection.close()


def _settled(endpoint: Endpoint, before: dict[str, float]) -> dict[str, float]:
    """Return what is taken once killed workers are replaced, at most a while later."""
    limit = time.monotonic() + SETTLING
    while True:
        now = resident(endpoint)
        fits = all(now[name] <= size * 1.2 for name, size in before.items())
        if (fits and len(endpoint.workers()) == 2) or time.monotonic() > limit:
            return now
        time.sleep(0.5)


def _told(seconds: list[float], statuses: dict[int, int]) -> dict[str, object]:
    ordered = sorted(seconds)
    share = {f"p{part}": round(ordered[int(len(ordered) * part / 100)] * 1000, 1) for part in (50, 90, 99)}
    return {
        "answers": len(seconds),
        "ms": share | {"most": round(ordered[-1] * 1000, 1)},
        "statuses": statuses,
    }


def main() -> None:
    """Print the figures; exit with 1 when the server died or reached out."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    figures = besiege(seconds, int(sys.argv[2]) if len(sys.argv) > 2 else 8)
    print(json.dumps(figures, indent=2))
    sys.exit(0 if figures["same process"] and figures["canary"] == 0 else 1)


if __name__ == "__main__":
    main()
