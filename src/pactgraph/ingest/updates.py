"""From a SPARQL 1.1 Update to one patch for the ledger, evaluated in a process of its own.

What is particular here, by the design of the dataset:

- The default graph follows the graphs of the sources (see ``update_rules``). A pattern without GRAPH, WITH
  and USING matches it; templates and DATA blocks write to it only when a source is named, and then mean the
  graph of that source. ADD and COPY may read it.
- A graph without triples does not exist. So CREATE changes nothing, and CLEAR and DROP of what is not there
  succeed (§3.1.5, §3.2.2); CREATE of a graph that is there, and ADD, MOVE and COPY of one that is not, fail
  without SILENT.
- ALL and NAMED mean every named graph but that of the revisions, which nobody may change.
- Blank nodes become IRIs, each operation's before the next is evaluated.
- LOAD and SERVICE are refused.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pyoxigraph as ox

from pactgraph.errors import InputError, QueryFailed, SyntaxFault
from pactgraph.ingest.parser import EXIT_REFUSED, EXIT_TOO_LARGE
from pactgraph.ingest.update_state import too_many
from pactgraph.ingest.updater import FAULTS, Job
from pactgraph.isolation import module_environment
from pactgraph.ledger import Patch
from pactgraph.model import Snapshot
from pactgraph.query.process import OUT_OF_MEMORY
from pactgraph.query.tokens import fault_at
from pactgraph.shapes.sourcing import attributed, graph_of_source

MEMORY_MB = 4096


def read_update(
    text: str,
    *,
    snapshot: Snapshot,
    source: str | None,
    skolem_root: str | None,
    timeout: float,
    using: Sequence[str] = (),
    using_named: Sequence[str] = (),
    memory_mb: int = MEMORY_MB,
    default_graph: Literal["follows", "writable"] = "follows",
) -> Patch:
    """Return the net effect of an update on a snapshot: what all its operations together add and remove.

    The patch is not strict: to delete what is not there is no error (SPARQL 1.1 Update §3.1.2). ``source`` is
    the source of what stands outside of any graph. ``skolem_root`` begins the IRIs of new blank nodes and is
    to be used once; None, for a plain dataset, keeps blank nodes and the terms of RDF 1.2. ``using`` and
    ``using_named`` describe the dataset of patterns (SPARQL 1.1 Protocol §2.2.3); then the update must not.
    ``default_graph="writable"`` takes it for a graph like any other, as plain stores do.

    Raises ``SyntaxFault``, ``QueryRefused`` (LOAD, SERVICE, queries, ``query-too-complex``,
    ``default-graph``, ``read-only-graph``), ``Unsourced``, ``InputError`` (``too-many-statements``,
    ``graph-exists``, ``no-graph``, ``not-kept``) and ``QueryFailed`` (``query-timeout``, ``query-memory``,
    ``query-crashed``).
    """
    home = None if source is None else graph_of_source(source)
    content = _encoded(text)
    with tempfile.TemporaryDirectory(prefix=".update-", dir=snapshot.path.parent) as folder:
        job = Job(
            snapshot=str(snapshot.path.resolve()),
            scratch=str(Path(folder).resolve() / "store"),
            follows=default_graph == "follows",
            home=home,
            skolem_root=skolem_root,
            using=[*using],
            using_named=[*using_named],
            memory_mb=memory_mb,
            seconds=math.ceil(timeout) + 1,
            parent=os.getpid(),
        )
        output = _run(job, content, timeout)
    head, _, statements = output.partition(b"\n")
    report = json.loads(head)
    added, removed = statements[: report["added"]], statements[report["added"] :]
    tie = attributed((), source) if report["placed"] else []
    return Patch((*_parsed(added), *tie), tuple(_parsed(removed)), strict=False)


def _encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise fault_at(text, error.start, "half of a surrogate pair is no character") from None


def _parsed(statements: bytes) -> list[ox.Quad]:
    return list(ox.parse(statements, format=ox.RdfFormat.N_QUADS))


def _run(job: Job, content: bytes, timeout: float) -> bytes:
    """Evaluate in a child process; its crash, its limits and its faults become one readable error each."""
    try:
        child = subprocess.run(  # noqa: S603 — this interpreter, our own module, no shell
            [sys.executable, "-P", "-m", "pactgraph.ingest.updater", json.dumps(job)],
            input=content,
            capture_output=True,
            timeout=timeout,
            check=False,
            env=module_environment(),
        )
    except subprocess.TimeoutExpired:
        message = f"The update took longer than {timeout:g} s; nothing was changed, split it up"
        raise QueryFailed(message, code="query-timeout") from None
    if child.returncode == 0:
        return child.stdout
    if child.returncode == EXIT_REFUSED:
        raise _reported(child.stderr)
    if child.returncode == EXIT_TOO_LARGE:
        raise too_many()
    if any(sign in child.stderr for sign in OUT_OF_MEMORY):
        message = "The update needs more memory than one may have; nothing was changed, change less at a time"
        raise QueryFailed(message, code="query-memory")
    raise QueryFailed(
        "The evaluation of this update ended unexpectedly; nothing was changed, simplify the update",
        code="query-crashed",
    )


def _reported(words: bytes) -> InputError:
    """Return the error that the child reports."""
    report = json.loads(words)
    kind, message, code = FAULTS[report["kind"]], report["message"], report["code"]
    if kind is SyntaxFault:
        return SyntaxFault(message, line=report["line"], column=report["column"], code=code)
    return kind(message, code=code, status=report["status"])
