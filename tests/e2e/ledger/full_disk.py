"""Commits until the disk is full, and goes on after space is freed. Run as: full_disk.py FOLDER CAREFUL.

FOLDER is a small file system of its own; without CAREFUL the ledger does not look ahead, so that journal and
store meet the end of the disk themselves. Prints what happened, as JSON.
"""

from __future__ import annotations

import json
import random
import sys
from contextlib import closing
from pathlib import Path

import driver
from pyoxigraph import Literal, Quad

from pactgraph import ledger as ledgers
from pactgraph.doctor import FAULT, examine
from pactgraph.errors import DataDirectoryError
from pactgraph.ledger import Patch

BALLAST = 48 * 1024 * 1024  # twice what the store takes: it may write all it has anew
chance = random.Random(1)


def quads_of(number, size=300):
    return tuple(
        Quad(
            driver.named(f"{number}-{each}"),
            driver.PREDICATE,
            Literal(chance.randbytes(200).hex()),
            driver.GRAPH,
        )
        for each in range(size)
    )


def fill(ledger, most=1000):
    """Commit until it is refused; return what was acknowledged, and the codes of three refusals."""
    kept, codes = [], []
    for number in range(most):
        quads = quads_of(number)
        try:
            ledger.commit(Patch(quads), author="ann", message="fill")
            kept.extend(quads)
        except DataDirectoryError as refusal:
            codes.append(refusal.code)
            if len(codes) == 3:
                break
    return kept, codes


def main(folder, careful):
    if not careful:
        ledgers.RESERVE = ledgers.STATEMENT = 0
    (folder / "ballast").write_bytes(b"x" * BALLAST)
    with closing(driver.opened(folder / "data")) as ledger:
        kept, codes = fill(ledger)
        (folder / "ballast").unlink()
        ledgers.RESERVE = ledgers.STATEMENT = 0
        more = quads_of("after", 5)
        after = ledger.commit(Patch(more), author="ann", message="space again").revision
        there = set(ledger.dataset.quads())
    with closing(driver.opened(folder / "data")) as ledger:
        again = set(ledger.dataset.quads())
    faults = [str(finding) for finding in examine(folder / "data") if finding.level == FAULT]
    told = {"kept": len(kept), "codes": codes, "after": after, "faults": faults}
    told["lost"] = len({*kept, *more} - there) + len({*kept, *more} - again)
    sys.stdout.write(json.dumps(told))


main(Path(sys.argv[1]), sys.argv[2] == "careful")
