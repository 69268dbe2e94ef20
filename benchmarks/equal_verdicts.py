"""Compare delta validation with full pySHACL before and after each patch, over random shapes graphs.

    PYTHONPATH=src python benchmarks/equal_verdicts.py --graphs 250 --patches 100 --seed 1

    PYTHONPATH=src python benchmarks/equal_verdicts.py --shipped --graphs 10 --patches 30

With `--shipped` the shapes are the shipped ones, and the graphs are made of their examples. Each shapes graph has a seed of its own, printed with every miss; run it again with `--graphs 1 --seed N`.
"""

from __future__ import annotations

import argparse
import logging
import secrets
import sys
import time

from comparison import Tally, compare
from shipped_series import compare_shipped


def main() -> int:
    """Run the comparison; the exit code says whether there were misses."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--graphs", type=int, default=250, help="shapes graphs")
    parser.add_argument("--patches", type=int, default=100, help="patches to each data graph")
    parser.add_argument(
        "--seed", type=int, default=secrets.randbelow(10**9), help="seed of the first shapes graph"
    )
    parser.add_argument(
        "--budget", type=int, default=50_000, help="affected pairs before everything is validated"
    )
    parser.add_argument("--shipped", action="store_true", help="the shipped shapes, over their examples")
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)  # pySHACL logs what it refuses; it is counted below
    tally, started = Tally(), time.monotonic()
    for number in range(chosen.graphs):
        if chosen.shipped:
            compare_shipped(chosen.seed + number, chosen.patches, tally)
        else:
            compare(chosen.seed + number, chosen.patches, tally, chosen.budget)
        while len(tally.misses) > tally.counts["misses printed"]:
            print("MISS", tally.misses[tally.counts["misses printed"]], flush=True)
            tally.counts["misses printed"] += 1
        if number % 25 == 24:
            print(
                f"{number + 1} shapes graphs, {tally.counts['patches']} patches, {len(tally.misses)} misses",
                flush=True,
            )
    _summary(tally, chosen.seed, time.monotonic() - started)
    return 1 if tally.misses else 0


def _summary(tally: Tally, seed: int, seconds: float) -> None:
    print(f"seeds from {seed}, {seconds:.0f} s")
    for name, count in tally.counts.items():
        print(f"{count:8} {name}")
    for reason, count in tally.refusals.most_common():
        print(f"{count:8} refused by pySHACL: {reason}")
    print(f"{len(tally.misses):8} misses")


if __name__ == "__main__":
    sys.exit(main())
