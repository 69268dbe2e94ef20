"""What the ledger refuses before any shape is asked: what has no room, no right, or no effect."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from shutil import disk_usage

from pyoxigraph import Quad

from pactgraph import vocab
from pactgraph.errors import DataDirectoryError, InputError
from pactgraph.terms import canonical, sort_key

SHOWN = 5
RESERVE = 16 * 1024 * 1024
"""What stays free on the disk, so that the store can take what the journal took."""
STATEMENT = 1024
"""What a statement takes at most, in bytes, in the journal and the store together."""


def has_room(path: Path, statements: int = 0) -> bool:
    """Whether the disk takes so many statements and still has free what is to stay free."""
    return disk_usage(path).free >= RESERVE + statements * STATEMENT


def require_space(path: Path, statements: int) -> None:
    """Refuse to begin what the disk may not hold to its end; raises ``DataDirectoryError``."""
    if not has_room(path, statements):
        raise DataDirectoryError(
            "The disk is nearly full; free space and submit again. Nothing was changed.", code="disk-full"
        )


def protected(graph: object) -> InputError:
    """Return the error for a write to a graph that comes with a release, or that the ledger alone writes."""
    return InputError(
        f"The graph {graph} comes with pactgraph or from its ledger; leave its statements alone.",
        code="protected-graph",
        status=403,
    )


def refuse_protected(quads: Iterable[Quad]) -> None:
    """Refuse quads of a protected graph; raises ``InputError``."""
    for quad in quads:
        if quad.graph_name in vocab.PROTECTED_GRAPHS:
            raise protected(quad.graph_name)


def refuse_absent(wanted: Iterable[Quad], found: frozenset[Quad]) -> None:
    """Refuse to remove what is not there; raises ``InputError``."""
    absent = sorted(canonical(wanted) - found, key=sort_key)
    if absent:
        listed = "; ".join(str(quad) for quad in absent[:SHOWN])
        more = f" and {len(absent) - SHOWN} more" if len(absent) > SHOWN else ""
        raise InputError(
            f"The patch removes what is not there: {listed}{more}; leave that out.",
            code="not-there",
            status=409,
        )
