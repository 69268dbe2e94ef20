"""Side by side: pactgraph, `oxigraph serve` and rdflib-endpoint on the same data with the same client.

    python benchmarks/endpoint.py --triples 100000 --tools VENV [--rounds 3] [--seconds 2] [--without rdflib]

VENV is a virtual environment with the PyPI packages `oxigraph` and `rdflib-endpoint[web]`. The servers run at the
same time, each asked in turn while the others are idle; a round asks all of them, and the ratios are taken
within a round. First-time queries differ in a constant, each from all others;
repeated ones are the same each time. Before a shape is measured, each server is asked the same query once: all must
answer with as many rows, and one that takes over ``--limit`` seconds sits the shape out ("—").
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import Process, Queue
from pathlib import Path
from statistics import median
from urllib.parse import quote
from urllib.request import urlopen

from pactgraph.config import SERVED_QUADS

EX = "http://example.org/"
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
PACTGRAPH = """
import sys
from dataclasses import replace
from pathlib import Path
import pyoxigraph as ox
from pactgraph.service import Service
from pactgraph.config import Limits
from pactgraph.store import EmbeddedDataset
from pactgraph.web.server import run

graph = ox.NamedNode("http://example.org/graph")
def first():
    for quad in ox.parse(path=sys.argv[1], format=ox.RdfFormat.N_TRIPLES):
        yield ox.Quad(quad.subject, quad.predicate, quad.object, graph)
limits = replace(Limits(), timeout=120.0, slow=1000.0, hot_quads=int(sys.argv[4]))
with Service(EmbeddedDataset.open(Path(sys.argv[2]), first=first), limits) as service:
    run(service, host="127.0.0.1", port=int(sys.argv[3]), on_ready=print)
"""
RDFLIB = """
import sys, uvicorn
from rdflib import Graph
from rdflib_endpoint import SparqlEndpoint
graph = Graph().parse(sys.argv[1], format="nt")
uvicorn.run(SparqlEndpoint(graph=graph, path="/sparql"), port=int(sys.argv[3]), log_level="error")
"""


@dataclass(eq=False)
class Server:
    """One of those compared."""

    name: str
    port: int
    path: str
    command: list[str] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        # The commands are built below, of this program's own words.
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self)
        if self.name == "pactgraph":
            wait_for_copy(self)

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.kill() if self.name == "rdflib" else self.process.terminate()
            self.process.wait()

    def restart(self) -> None:
        """End it and start it anew."""
        self.stop()
        self.start()


def generate(path: Path, triples: int) -> int:
    """Write people who know each other, ten triples each; return how many people."""
    people, choose = triples // 10, random.Random(1)  # noqa: S311 - the same data each time, no secret
    with path.open("w", encoding="ascii") as file:
        for n in range(people):
            subject = f"<{EX}p{n}>"
            rows = [
                f"<{_TYPE}> <{EX}Person>",
                f'<{EX}name> "Person {n}"',
                f'<{EX}age> "{choose.randrange(18, 90)}"^^<http://www.w3.org/2001/XMLSchema#integer>',
                f"<{EX}city> <{EX}c{choose.randrange(100)}>",
                f'<{EX}mail> "p{n}@example.org"',
                *(f"<{EX}knows> <{EX}p{choose.randrange(people)}>" for _ in range(5)),
            ]
            file.writelines(f"{subject} {row} .\n" for row in rows)
    return people


def queries(people: int) -> dict[str, Callable[[int], str]]:
    """Return each shape as a function of a number that makes it another query."""

    def person(number: int) -> int:
        return number * 7919 % people

    return {
        "point lookup": lambda n: f"SELECT ?n {{ <{EX}p{person(n)}> <{EX}name> ?n }} LIMIT {1000 + n}",
        "star": lambda n: (
            f'SELECT * {{ ?s <{EX}name> "Person {person(n)}" ; <{EX}age> ?a ; <{EX}city> ?c }}'
            f" LIMIT {1000 + n}"
        ),
        "3-hop join": lambda n: (
            f"SELECT ?n {{ <{EX}p{person(n)}> <{EX}knows> ?a . ?a <{EX}knows> ?b . "
            f"?b <{EX}knows> ?c . ?c <{EX}name> ?n }} LIMIT {1000 + n}"
        ),
        "aggregate": lambda n: (
            f"SELECT ?c (COUNT(*) AS ?n) (AVG(?a) AS ?m) {{ ?s <{EX}city> ?c ; <{EX}age> ?a "
            f"FILTER(?a > {n % 60} && ?a < {1000 + n}) }} GROUP BY ?c"
        ),
        "path": lambda n: (
            f"SELECT ?x {{ <{EX}p{person(n)}> <{EX}knows>/<{EX}knows>+ ?x "
            f"FILTER(?x != <{EX}{n}>) }} LIMIT 100"
        ),
        "10 k rows": lambda n: (
            f"SELECT ?s ?n ?a {{ ?s <{EX}name> ?n ; <{EX}age> ?a FILTER(?a < {1000 + n}) }} LIMIT 10000"
        ),
    }


def ask(stream: socket.socket, reader: object, server: Server, query: str) -> bytes:
    """Send one query on a connection that is kept, and return the whole answer."""
    head = f"GET {server.path}?query={quote(query)} HTTP/1.1\r\nHost: localhost\r\n"
    stream.sendall(f"{head}Accept: application/sparql-results+json\r\n\r\n".encode())
    if b" 200 " not in (status := reader.readline()):
        raise RuntimeError(f"{server.name}: {status!r}")
    length = -1
    while (line := reader.readline()) != b"\r\n":
        if line.lower().startswith(b"content-length:"):
            length = int(line[15:])
    if length >= 0:
        return reader.read(length)
    pieces = []
    while (size := int(reader.readline(), 16)) > 0:
        pieces.append(reader.read(size))
        reader.readline()
    reader.readline()
    return b"".join(pieces)


def count_rows(server: Server, query: str, limit: float) -> int | None:
    """Return how many rows a server answers with, or nothing when it takes over ``limit`` seconds."""
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=limit) as stream:
            return len(json.loads(ask(stream, stream.makefile("rb"), server, query))["results"]["bindings"])
    except TimeoutError:
        return None


def able(servers: list[Server], query: str, limit: float) -> list[Server]:
    """Return the servers that answer a query in time; raises ``RuntimeError`` when they disagree."""
    rows = {server: count_rows(server, query, limit) for server in servers}
    for server in servers:
        if rows[server] is None:
            server.restart()  # it would go on evaluating
    found = {count for count in rows.values() if count is not None}
    if len(found) != 1 or found == {0}:
        raise RuntimeError(f"not the same answer, or none: {rows} for {query}")
    return [server for server in servers if rows[server] is not None]


def client(  # noqa: PLR0917 - the arguments of a process
    server: Server, people: int, shape: str, first: int | None, seconds: float, results: Queue
) -> None:
    """Ask until the time is over; ``first`` numbers the queries, None repeats one."""
    make, times = queries(people)[shape], []
    with socket.create_connection(("127.0.0.1", server.port), timeout=120) as stream:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reader = stream.makefile("rb")
        end, number = time.perf_counter() + seconds, first
        while (began := time.perf_counter()) < end or not times:
            ask(stream, reader, server, make(number or 0))
            times.append(time.perf_counter() - began)
            number = None if number is None else number + 1
    results.put(times)


def measure(  # noqa: PLR0917 - what is varied
    server: Server, people: int, shape: str, clients: int, first: int | None, seconds: float
) -> tuple[float, float]:
    """Return requests per second and the 99th percentile of their times in milliseconds."""
    results: Queue = Queue()
    starts = [None if first is None else first + 1_000_003 * each for each in range(clients)]
    processes = [
        Process(target=client, args=(server, people, shape, each, seconds, results)) for each in starts
    ]
    began = time.perf_counter()
    for process in processes:
        process.start()
    times = sorted(each for _ in processes for each in results.get())
    elapsed = time.perf_counter() - began
    for process in processes:
        process.join()
    return len(times) / elapsed, times[int(len(times) * 0.99)] * 1000


def wait_for(server: Server) -> None:
    """Wait until a server answers."""
    for _ in range(6000):
        if server.process is None or server.process.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=120) as stream:
                ask(stream, stream.makefile("rb"), server, "ASK {}")
                return
        except (OSError, ValueError):
            time.sleep(0.1)
    raise RuntimeError(f"{server.name} does not start; run {server.command[0]} by itself to see why")


def wait_for_copy(server: Server) -> None:
    """Wait until pactgraph has the graph in memory, as the others have loaded it when they answer."""
    for _ in range(1200):
        with urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=120) as answer:
            if b"\npactgraph_hot_quads 0" not in answer.read():
                return
        time.sleep(0.1)
    raise RuntimeError("pactgraph does not get the graph into memory")


@contextmanager
def started(server: Server) -> Iterator[Server]:
    """Run a server until the end of the block."""
    try:
        server.start()
        yield server
    finally:
        server.stop()


def start_all(stack: ExitStack, folder: Path, data: Path, tools: Path, without: list[str]) -> list[Server]:
    """Load the data into each server and start it."""
    subprocess.run(
        [tools / "oxigraph", "load", "-l", folder / "ox", "-f", data], check=True, capture_output=True
    )
    commands = {
        "pactgraph": [sys.executable, "-c", PACTGRAPH, data, folder / "pactgraph", "7871", str(SERVED_QUADS)],
        "oxigraph": [tools / "oxigraph", "serve-read-only", "-l", folder / "ox", "-b", "127.0.0.1:7872"],
        "rdflib": [tools / "python", "-c", RDFLIB, data, "-", "7873"],
    }
    servers = [
        Server("pactgraph", 7871, "/sparql"),
        Server("oxigraph", 7872, "/query"),
        Server("rdflib", 7873, "/sparql"),
    ]
    return [
        stack.enter_context(started(replace(each, command=[str(part) for part in commands[each.name]])))
        for each in servers
        if each.name not in without
    ]


def run(servers: list[Server], people: int, options: argparse.Namespace) -> None:
    """Measure everything, or only some shapes, and print the table."""
    names = [server.name for server in servers]
    sys.stdout.write(
        f"| query | clients | | {' | '.join(f'{name} rps (p99 ms)' for name in names)} | rps ratio | p99 ratio |\n"
        f"|---|---|---|{'---|' * len(names)}---|---|\n"
    )
    overall: dict[tuple[int, str], list[tuple[float, float]]] = {}
    counter = 1
    for shape in options.shape or queries(people):
        those = able(servers, queries(people)[shape](1), options.limit)
        for clients in (1, 8):
            for kind in ("first time", "repeated"):
                figures: dict[str, list[tuple[float, float]]] = {server.name: [] for server in those}
                for _ in range(options.rounds):
                    for server in those:
                        counter += 50_000
                        first = counter if kind == "first time" else None
                        figure = measure(server, people, shape, clients, first, options.seconds)
                        figures[server.name].append(figure)
                pairs = list(zip(figures["pactgraph"], figures["oxigraph"], strict=True))
                ratios = median(a[0] / b[0] for a, b in pairs), median(a[1] / b[1] for a, b in pairs)
                overall.setdefault((clients, kind), []).append(ratios)
                cells = " | ".join(cell(figures.get(name)) for name in names)
                row = f"| {shape} | {clients} | {kind} | {cells} | {ratios[0]:.2f} | {ratios[1]:.2f} |\n"
                sys.stdout.write(row)
                sys.stdout.flush()
    for (clients, kind), all_ratios in overall.items():
        rps, p99 = (median(column) for column in zip(*all_ratios, strict=True))
        sys.stdout.write(
            f"\nMedian of the ratios, {clients} clients, {kind}: requests per second {rps:.2f}, p99 {p99:.2f}"
        )
    sys.stdout.write(f"\n\nLoad average at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")


def cell(figures: list[tuple[float, float]] | None) -> str:
    """Return what the table says of one server."""
    if not figures:
        return "—"
    return f"{median(rps for rps, _ in figures):,.0f} ({median(p99 for _, p99 in figures):,.1f})"


def main() -> None:
    """Read the command line, start the servers, measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--triples", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--tools", type=Path, required=True, help="a virtual environment")
    parser.add_argument("--limit", type=float, default=20.0, help="seconds that one query may take")
    parser.add_argument("--shape", action="append", default=[])
    parser.add_argument("--without", action="append", default=[])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        data = folder / "data.nt"
        people = generate(data, options.triples)
        servers = start_all(stack, folder, data, options.tools / "bin", options.without)
        run(servers, people, options)


if __name__ == "__main__":
    main()
