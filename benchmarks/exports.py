"""Speed and peak memory of the exports, each in a process of its own, beside networkx's GraphML writer.

    python benchmarks/exports.py [--edges 1000000] [--large 10000000]
    python benchmarks/exports.py --directory 1000000

Prints one Markdown table. Every run gets the same made-up network: an IRI, a label and a type per node; type,
label, dates, weight and sources per edge; one edge in a hundred carries characters that must be escaped.
``write`` is the
time from the sorted rows in a temporary file to the closed export, with the pass for the checksum; ``end to
end`` has
making and sorting the rows as well. networkx's writer is timed alone, on a graph that is in memory already.

``--directory`` makes a data directory with as many edges, each in the graph of its source, and runs ``pactgraph
export`` on it as people do: the view ``entities``, and a query. The command and the worker that answers the query are
processes of their own, so their peaks (``VmHWM`` of /proc, Linux only) stand apart. Making it takes 3.3 GB.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import networkx as nx
import pyoxigraph as ox

from pactgraph.exports.about import describe
from pactgraph.exports.formats import format_by_name
from pactgraph.exports.network import Column, Network, Origin
from pactgraph.exports.sorting import SortedRows, Sorter
from pactgraph.ledger import open_ledger

EUKDP = "https://w3id.org/eukdp/"
BASE = f"{EUKDP}id/organisation/made-up-"
WORKS_WITH = f"{EUKDP}ontology#worksWith"
NODE_COLUMNS = (Column("id"), Column("label"), Column("type"))
EDGE_COLUMNS = (
    Column("source"),
    Column("target"),
    Column("type"),
    Column("label"),
    Column("start", "date"),
    Column("end", "date"),
    Column("weight", "integer"),
    Column("sources"),
)
SMALL, LARGE = ("graphml", "gexf", "csv", "parquet"), ("csv", "parquet")


def nodes(count: int) -> Iterator[tuple[str, ...]]:
    """Yield one node for ten edges."""
    for number in range(count // 10):
        yield (f"{BASE}{number}", f"Organisation {number} 기관", "org:Organization")


def edges(count: int) -> Iterator[tuple[str, ...]]:
    """Yield edges, in no order."""
    size = count // 10
    for number in range(count):
        label = 'R&D <joint>\n"A"' if number % 100 == 0 else "works with"
        yield (
            f"{BASE}{number * 7919 % size}",
            f"{BASE}{number * 104_729 % size}",
            "works with",
            label,
            f"20{10 + number % 15}-0{1 + number % 9}",
            f"20{25 + number % 5}",
            str(1 + number % 7),
            f"https://w3id.org/eukdp/source/s{number % 97}",
        )


def ours(name: str, count: int, path: Path) -> dict[str, float]:
    """Write the network in one of our formats."""
    begun = time.perf_counter()
    tables = []
    for columns, rows in ((NODE_COLUMNS, nodes(count)), (EDGE_COLUMNS, edges(count))):
        sorter = Sorter(len(columns))
        sorter.fill(rows)
        tables.append(SortedRows(sorter.finish(), columns))
    network = Network(*tables, True, Origin("Benchmark"))
    filled = time.perf_counter()
    with path.open("wb") as stream:
        format_by_name(name).write(network, describe(network), stream)
    done = time.perf_counter()
    return {"write": done - filled, "total": done - begun}


def theirs(count: int, path: Path) -> dict[str, float]:
    """Write the same network with networkx, from memory."""
    graph = nx.MultiDiGraph()
    for identifier, label, kind in nodes(count):
        graph.add_node(identifier, label=label, type=kind)
    names = [column.name for column in EDGE_COLUMNS[2:]]
    for source, target, *values in edges(count):
        cells = dict(zip(names, values, strict=True))
        graph.add_edge(source, target, **{**cells, "weight": int(cells["weight"])})
    begun = time.perf_counter()
    nx.write_graphml(graph, path)
    done = time.perf_counter()
    return {"write": done - begun, "total": done - begun}


def one(writer: str, name: str, count: int) -> None:
    """Run one writer and print what it took; the parent reads it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out"
        taken = theirs(count, path) if writer == "networkx" else ours(name, count, path)
        size = path.stat().st_size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**taken, "peak": peak, "size": size}))


class Lenient:
    """Lets everything in: the directory is made for its size."""

    conforms = True

    def judge(self, *_: object) -> Lenient:
        """Return the verdict."""
        return self

    def to_json(self) -> str:
        """Return the report."""
        return "{}"


def quads(count: int) -> Iterator[ox.Quad]:
    """Yield the network of ``nodes`` and ``edges`` as statements in the graphs of 97 sources."""
    graphs = [ox.NamedNode(f"{EUKDP}graph/s{number}") for number in range(97)]
    prov, title = (
        ox.NamedNode("http://www.w3.org/ns/prov#hadPrimarySource"),
        ox.NamedNode("http://purl.org/dc/terms/title"),
    )
    for number, graph in enumerate(graphs):
        source = ox.NamedNode(f"{EUKDP}source/s{number}")
        yield ox.Quad(graph, prov, source, graph)
        yield ox.Quad(source, title, ox.Literal(f"Source {number}", language="en"), graph)
    kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    name, works_with = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel"), ox.NamedNode(WORKS_WITH)
    for number, (identifier, label, _) in enumerate(nodes(count)):
        node, graph = ox.NamedNode(identifier), graphs[number % 97]
        yield ox.Quad(node, kind, ox.NamedNode("http://www.w3.org/ns/org#Organization"), graph)
        yield ox.Quad(node, name, ox.Literal(label, language="en"), graph)
    size = count // 10
    for number in range(count):
        target = (number * 104_729 + number // size) % size  # no edge twice
        ends = (ox.NamedNode(f"{BASE}{place}") for place in (number * 7919 % size, target))
        yield ox.Quad(next(ends), works_with, next(ends), graphs[number % 97])


def make_directory(place: Path, count: int) -> None:
    """Make a data directory whose one revision holds these statements."""
    with closing(
        open_ledger(place, seed=lambda: quads(count), judge=Lenient(), clock=lambda: datetime.now(UTC))
    ):
        pass


def peaks(command: list[str]) -> tuple[float, int, int, str]:
    """Run a command; return its seconds, the peak of its process and of the largest below it in MB, its talk."""
    begun, own, below = time.perf_counter(), 0, 0
    with tempfile.TemporaryFile("w+") as talk, subprocess.Popen(command, stderr=talk) as running:
        while True:
            try:
                running.wait(0.1)
            except subprocess.TimeoutExpired:
                first, *others = family(running.pid)
                own = max(own, high_water(first))
                below = max([below, *map(high_water, others)])
                continue
            break
        talk.seek(0)
        return time.perf_counter() - begun, own, below, talk.read()


def family(process: int) -> list[int]:
    """Return a process and all below it."""
    found = [process]
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            found += [each for child in children.read_text().split() for each in family(int(child))]
    return found


def high_water(process: int) -> int:
    """Return the peak of a process in MB so far; 0 when it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    return 0


def from_directory(count: int) -> None:
    """Make a directory, export a view and a query from it, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        data, query = Path(folder, "data"), Path(folder, "edges.rq")
        query.write_text(f"SELECT ?source ?target {{ ?source <{WORKS_WITH}> ?target }}")
        subprocess.run([sys.executable, __file__, "--make", str(data), str(count)], check=True)
        print(
            "| what | file | s | command, peak MB | its worker, peak MB | it says |\n|---|---|--:|--:|--:|---|"
        )
        for what in (["entities"], ["--query", str(query)]):
            for suffix in ("graphml", "gexf", "csv.zip", "parquet"):
                out = Path(folder, f"out.{suffix}")
                options = ["--data", str(data), "--timeout", "600"]
                command = [sys.executable, "-m", "pactgraph", "export", *what, str(out), *options]
                seconds, own, below, talk = peaks(command)
                said = talk.strip().splitlines()[-1].rpartition(": ")[2]
                print(f"| {what[0]} | {suffix} | {seconds:.0f} | {own} | {below} | {said} |", flush=True)


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--edges", type=int, default=1_000_000)
    parser.add_argument("--large", type=int, default=10_000_000)
    parser.add_argument("--one", nargs=3, metavar=("WRITER", "FORMAT", "EDGES"), help=argparse.SUPPRESS)
    parser.add_argument("--directory", type=int, metavar="EDGES", help="export from a data directory")
    parser.add_argument("--make", nargs=2, metavar=("PLACE", "EDGES"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.make:
        make_directory(Path(arguments.make[0]), int(arguments.make[1]))
        return
    if arguments.directory:
        from_directory(arguments.directory)
        return
    if arguments.one:
        one(arguments.one[0], arguments.one[1], int(arguments.one[2]))
        return
    runs = [
        ("networkx", "graphml", arguments.edges),
        *(("pactgraph", name, arguments.edges) for name in SMALL),
    ]
    runs += [("pactgraph", name, arguments.large) for name in LARGE if arguments.large]
    print("| writer | format | edges | write s | edges/s | × networkx | end to end s | peak MB | file MB |")
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|")
    base = 0.0
    for writer, name, count in runs:
        command = [sys.executable, __file__, "--one", writer, name, str(count)]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        rate = count / found["write"]
        base = base or rate
        print(
            f"| {writer} | {name} | {count:,} | {found['write']:.1f} | {rate:,.0f} | {rate / base:.1f} | "
            f"{found['total']:.1f} | {found['peak']:.0f} | {found['size'] / 1e6:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
