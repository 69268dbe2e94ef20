"""From files to a verdict: read them all, then judge them together as one patch."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pactgraph.ingest.reading import read_quads
from pactgraph.shapes.catalogue import load_shapes
from pactgraph.shapes.checking import BaseGraph, Check
from pactgraph.shapes.report import Report
from pactgraph.shapes.validator import Progress, Validator


def check_files(
    base: BaseGraph,
    files: Iterable[str | Path],
    source: str | None = None,
    *,
    input_format: str | None = None,
    validator: Validator | None = None,
    progress: Progress | None = None,
) -> Report:
    """Say whether the facts in these files would be let in to a graph; nothing is written.

    The files are judged together, so that one may describe what another refers to. Statements without a graph
    belong to ``source``. Without a ``validator`` the shipped shapes are used; one that is kept spares
    building it each time.

    Raises InputError, UnknownFormat and SyntaxFault as ``read_quads`` does.
    """
    patch = [quad for file in files for quad in read_quads(file, format=input_format)]
    judge = validator if validator is not None else Validator(load_shapes())
    return Check(judge, base).report(patch, source=source, progress=progress)
