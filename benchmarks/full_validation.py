"""Full validation beside pySHACL in memory: the same graph, the same shapes, the results compared.

    PYTHONPATH=src python benchmarks/full_validation.py --size 100000 [--dirty 200]

Some objects are put where they do not belong, so that there are results to compare. pySHACL runs to its end in a
process of its own, shape by shape, and says on stderr how far it is; at 100,000 triples it takes far more than
ten minutes. Prints a table in Markdown; the exit code says whether the results are equal.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from random import Random
from typing import Any

import pyoxigraph as ox
from partnership import partnership
from rdflib import BNode
from reference import Reference

from pactgraph.shapes.catalogue import load_shapes
from pactgraph.shapes.crossing import graph_of
from pactgraph.shapes.findings import Finding
from pactgraph.shapes.full import FullValidator

NOW = datetime(2024, 6, 1, tzinfo=UTC)
Outcome = tuple[int, Counter[Any], float, float, int]
"""The triples, the results, the seconds of processor time to prepare and to validate, and the peak of memory in MB."""


def main() -> int:
    """Run both sides, one after the other, and compare."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument(
        "--dirty", type=int, default=100, help="statements that stand where they do not belong"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ours", action="store_true", help="leave pySHACL out")
    chosen = parser.parse_args()
    sides: dict[str, Callable[..., Outcome]] = {"pactgraph": _ours, "pySHACL (memory)": _theirs}
    if chosen.ours:
        del sides["pySHACL (memory)"]
    with tempfile.TemporaryDirectory(prefix="pactgraph-benchmark-") as folder:
        _apart(_load, folder, chosen.size, chosen.dirty, chosen.seed)
        outcomes = {name: _apart(_opened, folder, side) for name, side in sides.items()}
    print("| engine | triples | prepare s | validate s | results | peak MB | equal |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | --- |")
    found = [outcome[1] for outcome in outcomes.values()]
    equal = all(each == found[0] for each in found)
    for name, (triples, results, prepared, validated, peak) in outcomes.items():
        cells = (
            name,
            f"{triples:,}",
            f"{prepared:.1f}",
            f"{validated:.1f}",
            results.total(),
            peak,
            equal,
        )
        print(f"| {' | '.join(map(str, cells))} |")
    if not equal:
        print(f"only ours: {list((found[0] - found[1]).items())[:3]}")
        print(f"only theirs: {list((found[1] - found[0]).items())[:3]}")
    return 0 if equal else 1


def _apart(function: Callable[..., Any], *given: Any) -> Any:  # noqa: ANN401 - whatever the function takes
    """Run a function in a process of its own, whose memory is its own."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_send, args=(theirs, function, given))
    process.start()
    theirs.close()
    try:
        return ours.recv()
    finally:
        process.join()


def _send(pipe: Connection, function: Callable[..., Any], given: tuple[Any, ...]) -> None:
    pipe.send(function(*given))


def _opened(folder: str, side: Callable[[ox.Store], Outcome]) -> Outcome:
    return side(ox.Store.read_only(folder))


def _load(folder: str, size: int, dirty: int, seed: int) -> None:
    """Fill a store, and put some statements together anew."""
    store, random = ox.Store(folder), Random(seed)  # noqa: S311 - test data
    store.bulk_extend(partnership(size))
    some = random.sample(list(partnership(0)), 2 * dirty)
    store.extend(
        ox.Quad(one.subject, other.predicate, other.object)
        for one, other in zip(some[:dirty], some[dirty:], strict=True)
    )
    store.flush()


def _ours(store: ox.Store) -> Outcome:
    began = time.process_time()
    validator = FullValidator(load_shapes())
    prepared = time.process_time()
    found = validator.run(store, NOW, lambda done, of: _tell("pactgraph", done, of))[1]
    return len(store), _counted(found), prepared - began, time.process_time() - prepared, _peak()


def _theirs(store: ox.Store) -> Outcome:
    began = time.process_time()
    graph, reference = graph_of(store), Reference(load_shapes(), NOW)
    prepared = time.process_time()
    found = reference.run(graph, lambda done, of: _tell("pySHACL", done, of))[1]
    return len(store), _counted(found), prepared - began, time.process_time() - prepared, _peak()


def _counted(found: list[Finding]) -> Counter[Any]:
    """Count the results; blank nodes of the shapes have other names in each process, their messages do not."""
    return Counter(
        (*(each for each in finding.key if not isinstance(each, BNode)), finding.severity, *finding.messages)
        for finding in found
    )


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _tell(name: str, done: int, of: int) -> None:
    sys.stderr.write(f"{name}: {done + 1} of {of} shapes, {time.process_time():.0f} s\n")


if __name__ == "__main__":
    sys.exit(main())
