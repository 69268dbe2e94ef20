"""Speed and peak memory of the exports, each in a process of its own, beside networkx's GraphML writer.

    python benchmarks/exports.py [--edges 1000000] [--large 10000000]

Prints one Markdown table. Every run gets the same made-up network: an IRI, a label and a type per node; type,
label, dates, weight and sources per edge; one edge in a hundred carries characters that must be escaped.
``write`` is the
time from the sorted rows in a temporary file to the closed export, with the pass for the checksum; ``end to
end`` has
making and sorting the rows as well. networkx's writer is timed alone, on a graph that is in memory already.
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
from pathlib import Path

import networkx as nx

from pactgraph.exports.about import describe
from pactgraph.exports.formats import format_by_name
from pactgraph.exports.network import Column, Network, Origin
from pactgraph.exports.sorting import SortedRows, Sorter

BASE = "https://w3id.org/eukdp/id/organisation/made-up-"
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


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--edges", type=int, default=1_000_000)
    parser.add_argument("--large", type=int, default=10_000_000)
    parser.add_argument("--one", nargs=3, metavar=("WRITER", "FORMAT", "EDGES"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
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
