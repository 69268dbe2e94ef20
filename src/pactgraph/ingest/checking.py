"""From files to a verdict: read them all, then judge them together as one patch."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pactgraph.ingest.reading import read_quads
from pactgraph.shapes.catalogue import load_shapes
from pactgraph.shapes.checking import Base, Shapes, check
from pactgraph.shapes.report import Report


def check_files(
    base: Base,
    files: Iterable[str | Path],
    source: str | None = None,
    *,
    input_format: str | None = None,
    shapes: Shapes | None = None,
) -> Report:
    """Say whether the facts in these files would be let in to a graph or store; nothing is written.

    The files are judged together, so that one may describe what another refers to. Statements without a graph
    belong to ``source``. Without ``shapes`` the shipped ones are used.

    Raises InputError, UnknownFormat and SyntaxFault as ``read_quads`` does.
    """
    patch = [quad for file in files for quad in read_quads(file, format=input_format)]
    return check(base, patch, load_shapes() if shapes is None else shapes, source=source)
