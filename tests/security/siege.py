"""All attacks at once, for a while, and what another client notices of it.

    python tests/security/siege.py [SECONDS] [CLIENTS]

Starts a server as the tests do, with a ledger, and sends the attacks of this folder to it from several clients
(each from an address of its own on loopback): queries, and documents and updates at the doors for writes, without
a token and with one. One client more writes facts that are let in. Meanwhile ``ASK {}`` is asked from a process apart, on one
connection: the same query every time, and one with a constant that nobody asked for before. Prints, as JSON, how
long these took, what each kind of attack was answered, whether the server is still the same process, and what
memory server and workers take before and after; exits with 1 when something that must hold does not.
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
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any
from urllib.parse import quote

from attacks import Attack, attacks_on_queries
from attacks_on_writes import attacks_on_writes, small_write
from conftest import Canary, Endpoint, serve, stop

from pactgraph.tokens import Tokens

_JUDGED_FROM = 60.0  # seconds: a server that has just begun still grows, and has no time to settle
_SETTLING = 15.0
_WORKERS = 3
_SETTLING_LONG = 60.0  # the copy in memory, and the workers with it, may follow a revision half a minute late

Answers = Counter[tuple[str, int | str | None]]


def attack(address: tuple[str, int], own: str, todo: list[Attack], over: threading.Event) -> Answers:
    """Send the attacks in a random order until it is over; return how often each had which answer."""
    order = random.Random(own)
    answers: Answers = Counter()
    while not over.is_set():
        connection = http.client.HTTPConnection(*address, timeout=20, source_address=(own, 0))
        each = order.choice(todo)
        try:
            answers[each.name, each.act(connection)] += 1
        except (OSError, http.client.HTTPException) as fault:
            answers[each.name, type(fault).__name__] += 1  # refused, cut or timed out is an answer, too
        finally:
            connection.close()
    return answers


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


def besiege(seconds: float, clients: int) -> dict[str, Any]:
    """Run it; return the figures."""
    with tempfile.TemporaryDirectory() as folder, Canary() as canary:
        threading.Thread(target=canary.serve_forever, args=(0.05,), daemon=True).start()
        data = Path(folder) / "data"
        endpoint = serve(data, writable=True)
        try:
            token = Tokens(data).create("besieger", "admin", datetime.now(UTC))
            address = f"{canary.url}/x"
            todo = [*attacks_on_queries(address), *attacks_on_writes(address, token)]
            figures = _figures(endpoint, todo, small_write(token), seconds, clients)
            figures["canary"] = len(canary.hits)
        finally:
            stop(endpoint)
            canary.shutdown()
    return figures


def _figures(
    endpoint: Endpoint, todo: list[Attack], write: Attack, seconds: float, clients: int
) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    over, quiet = context.Event(), threading.Event()
    for _ in range(2):
        _round_of_pings(endpoint)
    before = resident(endpoint)
    pings = {}
    for name, fresh in (("same", False), ("fresh", True)):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=ping, args=(endpoint.address, over, theirs), kwargs={"fresh": fresh})
        process.start()
        pings[name] = (process, ours)
    sent: list[Answers] = []

    def besieger(number: int) -> None:
        sent.append(attack(endpoint.address, f"127.0.1.{number + 1}", todo, quiet))

    def writer() -> None:
        # Beside the attackers, so that some writes are let in however short the siege.
        sent.append(attack(endpoint.address, "127.0.2.1", [write], quiet))

    threads = [threading.Thread(target=besieger, args=(number,)) for number in range(clients)]
    threads.append(threading.Thread(target=writer))
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
    after = _settled(endpoint, before, _SETTLING if seconds < _JUDGED_FROM else _SETTLING_LONG)
    answers = sum(sent, Answers())
    alive = endpoint.process.poll() is None
    return {
        "seconds": seconds,
        "clients": clients,
        "attacks": answers.total(),
        **told,
        "same process": alive,
        "MB before": before,
        "MB after": after,
        "memory returned": _fits(before, after),
        "workers after": len(endpoint.workers()),
        "answers": _by_attack(answers),
        "load": os.getloadavg()[0],
    }


def _round_of_pings(endpoint: Endpoint) -> None:
    connection = http.client.HTTPConnection(*endpoint.address, timeout=60)
    for number in range(200):
        connection.request("GET", f"/sparql?query={quote(f'ASK {{ FILTER({number} = 1) }}')}")
        connection.getresponse().read()
    connection.close()


def _settled(endpoint: Endpoint, before: dict[str, float], patience: float) -> dict[str, float]:
    """Return what is taken once killed workers are replaced, at most a while later."""
    limit = time.monotonic() + patience
    while True:
        now = resident(endpoint)
        if (_fits(before, now) and len(endpoint.workers()) == _WORKERS) or time.monotonic() > limit:
            return now
        time.sleep(0.5)


def _fits(before: dict[str, float], now: dict[str, float]) -> bool:
    """Say whether the server and its workers each take at most a fifth more than before."""
    return all(now[name] <= size * 1.2 for name, size in before.items())


def _by_attack(answers: Answers) -> dict[str, dict[str, int]]:
    """Return how often each attack had which answer: a status, or how the connection ended."""
    names = sorted({name for name, _ in answers})
    return {
        name: {str(answer): count for (other, answer), count in answers.items() if other == name}
        for name in names
    }


def holds(figures: dict[str, Any]) -> dict[str, bool]:
    """Say what of all that must hold does; whether memory returned is judged after a minute or more."""
    writes = figures["answers"].get("small write", {})
    return {
        "the same process": figures["same process"],
        "nothing left the machine": figures["canary"] == 0,
        "every ping answered": all(set(figures[name]["statuses"]) == {200} for name in ("same", "fresh")),
        "no fault of the server's": not any("500" in each for each in figures["answers"].values()),
        "writes go on": "200" in writes,
        "memory returned": figures["memory returned"] or figures["seconds"] < _JUDGED_FROM,
    }


def _told(seconds: list[float], statuses: dict[int, int]) -> dict[str, Any]:
    ordered = sorted(seconds)
    share = {f"p{part}": round(ordered[int(len(ordered) * part / 100)] * 1000, 1) for part in (50, 90, 99)}
    return {
        "answers": len(seconds),
        "ms": share | {"most": round(ordered[-1] * 1000, 1)},
        "statuses": statuses,
    }


def main() -> None:
    """Print the figures; exit with 1 when something that must hold does not."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    figures = besiege(seconds, int(sys.argv[2]) if len(sys.argv) > 2 else 8)
    figures["holds"] = holds(figures)
    print(json.dumps(figures, indent=2))
    sys.exit(0 if all(figures["holds"].values()) else 1)


if __name__ == "__main__":
    main()
