"""What one commit costs, by size of the graph: validation, fsync and store, beside full pySHACL.

    PYTHONPATH=src python benchmarks/commit_cost.py --sizes 10000 100000 1000000 5000000 --patches 200 --pyshacl

Each patch describes new things like those that are there, in about 20 statements, and conforms. The graphs are
synthetic partnership data on the shipped ontology, judged by the shipped shapes. The first statements are
revision 1; the others are loaded in bulk, past the ledger. pySHACL is stopped after ten minutes. Prints a table
in Markdown.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pyoxigraph as ox
from partnership import numbered, partnership, shipped_quads

from pactgraph.ledger import Ledger, Patch, Refused, open_ledger
from pactgraph.search.opening import followed
from pactgraph.shapes.catalogue import load_shapes
from pactgraph.shapes.patches import PatchJudge
from pactgraph.store.union import with_union

GRAPH = ox.NamedNode("https://w3id.org/eukdp/graph/editors")
ENTITIES = "https://w3id.org/eukdp/id/"
STATEMENTS = range(18, 23)
WARM_UP = 20
PATIENCE = 600
LARGE = 5_000_000
PARTS = ("processor", "plan", "validation", "journal", "store")


class Stopwatch:
    """Adds up the seconds spent in named parts of one commit."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = defaultdict(float)

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, timed."""

        def call(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the function takes
            began = time.perf_counter()
            try:
                return function(*given, **named)
            finally:
                self.parts[name] += time.perf_counter() - began

        return call


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--patches", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--large", action="store_true", help=f"{LARGE:,} triples, too")
    parser.add_argument("--pyshacl", action="store_true", help=f"full pySHACL, for at most {PATIENCE} s each")
    parser.add_argument("--folder", help="where the data directories go; a disk, not a memory file system")
    chosen = parser.parse_args()
    judge = PatchJudge(load_shapes)
    judge.warm_up()
    sizes = [*chosen.sizes, *([LARGE] if chosen.large else [])]
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name, ExitStack() as stack:
        subjects = [
            Subject(stack, judge, Path(name) / str(size), size, Random(chosen.seed))  # noqa: S311 - test data
            for size in sizes
        ]
        # In turns, so that whatever else the machine does is shared by all sizes.
        while any(len(subject.totals) < chosen.patches + WARM_UP for subject in subjects):
            for subject in subjects:
                subject.commit()
        _row(
            "triples",
            "p50 ms",
            "p95 ms",
            "max ms",
            "CPU ms",
            "plan",
            "validation",
            "journal (fsync)",
            "store",
        )
        _row(*["---:"] * 9)
        for subject in subjects:
            _row(*subject.cells(chosen.patches))
    if chosen.pyshacl:
        _row("triples", "full pySHACL s")
        _row("---:", "---:")
        for size in sizes:
            _row(f"{size:,}", _pyshacl(size))


def _row(*cells: str) -> None:
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


class Subject:
    """A ledger on a graph of about so many statements, and what the commits to it cost."""

    def __init__(self, stack: ExitStack, judge: PatchJudge, data: Path, size: int, random: Random) -> None:
        began = time.perf_counter()
        open_ledger(data, seed=lambda: _stated(shipped_quads()), judge=judge, clock=_now).close()
        _load(data / "store", size)
        sys.stderr.write(f"{size:,}: loaded in {time.perf_counter() - began:.0f} s\n")
        # with the search index, as the commands open it: it is part of what a commit costs
        ledger = followed(open_ledger(data, seed=list, judge=judge, clock=_now), judge)
        self._ledger = stack.enter_context(closing(ledger))
        self._triples = sum(1 for _ in ledger.dataset.quads(graph=ox.DefaultGraph()))
        self._watch = _watched(ledger)
        self._valid = _patches(random)
        self._parts: dict[str, list[float]] = defaultdict(list)
        self.totals: list[float] = []

    def commit(self) -> None:
        """Commit the next patch that conforms."""
        while (seconds := _committed(self._ledger, next(self._valid), self._watch)) is None:
            pass
        self.totals.append(seconds)
        for name, spent in self._watch.parts.items():
            self._parts[name].append(spent)

    def cells(self, patches: int) -> list[str]:
        """Return the row of the table; the first commits fill caches and prepare queries, and do not count."""
        ordered = sorted(self.totals[WARM_UP : WARM_UP + patches])
        spread = statistics.median(ordered), ordered[int(len(ordered) * 0.95)], ordered[-1]
        middle = (statistics.median(self._parts[name][WARM_UP:]) for name in PARTS)
        return [f"{self._triples:,}", *(f"{seconds * 1000:.1f}" for seconds in (*spread, *middle))]


def _now() -> datetime:
    return datetime.now(UTC)


def _stated(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    return (ox.Quad(quad.subject, quad.predicate, quad.object, GRAPH) for quad in quads)


def _load(path: Path, size: int) -> None:
    store = ox.Store(path)
    known = len(shipped_quads())  # these come first, and are there
    store.bulk_extend(with_union(_stated(islice(partnership(size), known, None))))
    store.optimize()  # as after a load through the ledger that makes the store much larger
    store.flush()


def _watched(ledger: Ledger) -> Stopwatch:
    watch = Stopwatch()
    ledger.dataset.plan = watch.timed("plan", ledger.dataset.plan)  # type: ignore[method-assign]
    ledger.journal.append = watch.timed("journal", ledger.journal.append)  # type: ignore[method-assign]
    ledger._judge = _Timed(watch.timed("validation", ledger._judge.judge))
    ledger.dataset.apply = watch.timed("store", ledger.dataset.apply)  # type: ignore[method-assign]
    return watch


class _Timed:
    def __init__(self, judge: Callable[..., Any]) -> None:
        self.judge = judge


def _committed(ledger: Ledger, quads: list[ox.Quad], watch: Stopwatch) -> float | None:
    """Commit a patch; return the seconds, or nothing when it does not conform.

    The processor's time is a part of its own: it hardly depends on what else the machine does.
    """
    watch.parts.clear()
    began, worked = time.perf_counter(), time.process_time()
    try:
        ledger.commit(Patch(tuple(quads)), author="benchmark", message="a patch")
    except Refused:
        return None
    watch.parts["processor"] = time.process_time() - worked
    return time.perf_counter() - began


def _patches(random: Random) -> Iterator[list[ox.Quad]]:
    """Yield descriptions of new things: those of known ones, under new names, about 20 statements together."""
    described = defaultdict(list)
    for quad in shipped_quads():
        if quad.subject.value.startswith(ENTITIES):
            described[quad.subject].append(quad)
    known = sorted(described, key=str)
    number = 0
    while True:
        patch: list[ox.Quad] = []
        while len(patch) < STATEMENTS.start:
            subject, number = random.choice(known), number + 1
            new = ox.NamedNode(f"{subject.value}-new-{number}")
            patch += [
                ox.Quad(new, quad.predicate, numbered(quad, number), GRAPH) for quad in described[subject]
            ]
        if len(patch) in STATEMENTS:
            yield patch


def _pyshacl(size: int) -> str:
    process = multiprocessing.get_context("spawn").Process(target=_validate, args=(size,))
    began = time.perf_counter()
    process.start()
    process.join(PATIENCE)
    if process.is_alive():
        process.kill()
        process.join()
        return f"stopped after {PATIENCE}"
    return f"{time.perf_counter() - began:.0f}"


def _validate(size: int) -> None:
    """Validate a graph with pySHACL as it is shipped."""
    from pyshacl import validate  # noqa: PLC0415 - in the process that needs it

    from pactgraph.shapes.crossing import graph_of  # noqa: PLC0415 - as above

    validate(graph_of(partnership(size)), shacl_graph=load_shapes(), advanced=False, meta_shacl=False)


if __name__ == "__main__":
    main()
