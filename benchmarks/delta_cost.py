"""What judging a valid patch of about 20 statements costs, by size of the graph: the delta validation alone.

    PYTHONPATH=src python benchmarks/delta_cost.py --sizes 10000 1000000 --patches 200

No journal, no store update; processor time, as other work on the machine does not belong to it. Each patch
adds the description of one or more new entities like those that are there.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

import pyoxigraph as ox
from partnership import LEFT_OUT, local_name, numbered, partnership, shipped_quads

from pactgraph.shapes.answers import StoreTriples
from pactgraph.shapes.catalogue import load_shapes
from pactgraph.shapes.delta import DeltaValidator
from pactgraph.shapes.overlay import Patch

_BASE = "https://w3id.org/eukdp/id/"
_SIZE = 20


def main() -> None:
    """Print one line for each size."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--patches", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    started = time.perf_counter()
    validator = DeltaValidator(load_shapes())
    print(f"compiling the shapes: {time.perf_counter() - started:.2f} s")
    for size in chosen.sizes:
        with tempfile.TemporaryDirectory() as directory:
            store = ox.Store(directory)
            store.bulk_extend(partnership(size))
            _measure(validator, store, chosen.patches, Random(chosen.seed))  # noqa: S311 - test data


def _measure(validator: DeltaValidator, store: ox.Store, patches: int, random: Random) -> None:
    seconds, pairs, statements = [], [], []
    now = datetime.now(UTC)
    valid = _patches(random)
    while len(seconds) < patches + 20:
        added = next(valid)
        started = time.process_time()
        delta = validator.judge(StoreTriples(store), Patch(added), now)
        elapsed = time.process_time() - started
        if delta.conforms:
            seconds.append(elapsed * 1000)
            pairs.append(len(delta.affected))
            statements.append(len(added))
    seconds = sorted(seconds[20:])  # the first ones prepare queries
    print(
        f"{len(store):>9} triples: p50 {statistics.median(seconds):.1f} ms, "
        f"p95 {seconds[int(len(seconds) * 0.95)]:.1f} ms, "
        f"max {seconds[-1]:.1f} ms; {statistics.median(statements):.0f} statements, "
        f"{statistics.median(pairs):.0f} pairs of shape and node (medians over {len(seconds)} patches)"
    )


def _patches(random: Random) -> Iterator[list[ox.Quad]]:
    """Return descriptions of new things: those of known ones, under a new name."""
    described = defaultdict(list)
    for quad in shipped_quads():
        if quad.subject.value.startswith(_BASE) and local_name(quad) not in LEFT_OUT:
            described[quad.subject].append(quad)
    known = sorted(described, key=str)
    while True:
        patch: list[ox.Quad] = []
        while len(patch) < _SIZE:
            subject = random.choice(known)
            new = ox.NamedNode(f"{subject.value}-new-{random.randrange(10**9)}")
            number = random.randrange(10**6, 10**7)
            patch.extend(ox.Quad(new, quad.predicate, numbered(quad, number)) for quad in described[subject])
        yield patch


if __name__ == "__main__":
    main()
