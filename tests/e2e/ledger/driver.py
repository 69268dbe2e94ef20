"""A process that lets quads in for its clients, to be killed at any moment. Run as: driver.py DATA [BULK].

Each line that a client sends is a name; three quads about it are committed, and the number of the revision
is the answer. Prints its port when it is ready. BULK is the number of quads from which on a commit goes through a
copy of the store.
"""

from __future__ import annotations

import socketserver
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from pactgraph import replay
from pactgraph.ledger import Ledger, Patch, open_ledger
from pactgraph.search.opening import followed

GRAPH = NamedNode("https://w3id.org/eukdp/graph/one")
PREDICATE = NamedNode("http://example.org/p")
PARTS = 3


@dataclass(frozen=True)
class Opinion:
    conforms: bool = True

    def to_json(self) -> str:
        return "[]"

    def to_turtle(self) -> str:
        return ""


class Lenient:
    """Lets everything in: what is tested is what happens after the verdict."""

    def judge(self, *_: object) -> Opinion:
        return Opinion()


def named(name: str) -> NamedNode:
    return NamedNode(f"http://example.org/{name}")


def quads_of(name: str) -> tuple[Quad, ...]:
    return tuple(Quad(named(name), PREDICATE, Literal(part), GRAPH) for part in range(PARTS))


def opened(data: Path) -> Ledger:
    def seed() -> list[Quad]:
        return [Quad(GRAPH, PREDICATE, Literal("seed"), GRAPH)]

    judge = Lenient()
    return followed(open_ledger(data, seed=seed, judge=judge, clock=lambda: datetime.now(UTC)), judge)


class Client(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        for line in self.rfile:
            receipt = self.server.ledger.commit(  # type: ignore[attr-defined]
                Patch(quads_of(line.decode().strip())), author="client", message="one of many"
            )
            self.wfile.write(f"{receipt.revision}\n".encode())


def main() -> None:
    if len(sys.argv) > 2:
        replay.BULK = int(sys.argv[2])
    socketserver.ThreadingTCPServer.daemon_threads = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Client) as server:
        server.ledger = opened(Path(sys.argv[1]))  # type: ignore[attr-defined]
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
