"""Bulk loads: many statements as one revision, judged the cheaper way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

from pyoxigraph import Quad

from pactgraph.ingest.patches import placed
from pactgraph.judges import BulkJudge
from pactgraph.ledger import Ledger, Patch, Receipt
from pactgraph.replay import BATCH

FEW = 2_000
"""Up to so many statements are always judged node by node."""
RATIO = 2
"""Judging one statement's nodes costs about as much as so many statements of the graph in one pass."""


def load_quads(
    ledger: Ledger,
    quads: Iterable[Quad],
    judge: BulkJudge,
    *,
    source: str | None = None,
    author: str,
    message: str,
    counted: Callable[[int], None] | None = None,
) -> Receipt:
    """Let quads in as one revision, with all of them or nothing; blank nodes must have names by now.

    Few of them, beside the graph, are judged as any patch; many in one pass over the whole graph after them.
    ``counted`` is told how many were read so far. Raises as ``Ledger.commit`` does, and ``Refused`` for
    triples without a graph when there is no ``source``.
    """
    stream = placed(_counting(quads, counted), source)
    most = max(FEW, min(BATCH, len(ledger.dataset) // (2 * RATIO)))
    first = list(islice(stream, most + 1))
    if len(first) <= most:
        return ledger.commit(Patch(tuple(first)), author=author, message=message)
    return ledger.load(_batches(chain(first, stream)), judge, author=author, message=message)


def _counting(quads: Iterable[Quad], counted: Callable[[int], None] | None) -> Iterator[Quad]:
    number = 0
    for number, quad in enumerate(quads, start=1):
        yield quad
        if counted is not None and number % 10_000 == 0:
            counted(number)
    if counted is not None:
        counted(number)


def _batches(quads: Iterator[Quad]) -> Iterator[list[Quad]]:
    while batch := list(islice(quads, BATCH)):
        yield batch
