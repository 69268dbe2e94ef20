"""The updater process: evaluates one untrusted update, given on stdin, and writes what it changes on stdout.

It is started as ``python -P -m pactgraph.ingest.updater JOB`` and ends with the update. The first line of its
output is JSON: the length in bytes of the added statements, and whether some found their place only by their
source. The added and the removed statements follow as N-Quads. A fault goes to stderr as one line of JSON and
ends the process with EXIT_REFUSED; a crash, or a limit that is reached, hurts nobody but this process.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import IO, TypedDict, cast

import pyoxigraph as ox

from pactgraph.errors import InputError, QueryRefused, SyntaxFault, Unsourced
from pactgraph.ingest.parser import EXIT_REFUSED, EXIT_TOO_LARGE, Limited, OutputTooLargeError, run_deep
from pactgraph.ingest.update_evaluation import Evaluation
from pactgraph.ingest.update_operations import on_dataset
from pactgraph.ingest.update_state import State
from pactgraph.ingest.update_tokens import read_operations
from pactgraph.isolation import isolate
from pactgraph.query.dialect import in_dialect
from pactgraph.query.worker import STACK_BYTES, limit_memory

MOST_BYTES = 1024 * 1024 * 1024
FAULTS: dict[str, type[InputError]] = {
    each.__name__: each for each in (SyntaxFault, QueryRefused, Unsourced, InputError)
}
"""What an update may be refused with, by name."""


class Job(TypedDict):
    """What the caller asks for, and the limits."""

    snapshot: str
    scratch: str
    follows: bool
    home: str | None
    skolem_root: str | None
    using: list[str]
    using_named: list[str]
    memory_mb: int
    seconds: int
    parent: int


def _evaluate(job: Job) -> None:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit_memory(pages, job["memory_mb"] * 1024 * 1024)
    state = State(
        lambda: ox.Store.read_only(job["snapshot"]),
        lambda store: _copied(store, job["scratch"]),
        follows=job["follows"],
    )
    home = None if job["home"] is None else ox.NamedNode(job["home"])
    try:
        text = in_dialect(sys.stdin.buffer.read().decode("utf-8"))
        evaluation = Evaluation(text, state, job["skolem_root"], home)
        evaluation.run(on_dataset(read_operations(text), job["using"], job["using_named"]))
        _write(state, placed=evaluation.placed and any(quad.graph_name == home for quad in state.added))
    except InputError as fault:
        _refuse(fault)
    except OutputTooLargeError:
        sys.exit(EXIT_TOO_LARGE)


def _copied(store: ox.Store, scratch: str) -> ox.Store:
    """Return a store that can be changed and shares the files of a snapshot, by hard links."""
    store.backup(scratch)
    return ox.Store(scratch)


def _write(state: State, *, placed: bool) -> None:
    added = ox.serialize(state.added, format=ox.RdfFormat.N_QUADS) or b""
    head = json.dumps({"added": len(added), "placed": placed}).encode()
    sink = cast(IO[bytes], Limited(sys.stdout.buffer, MOST_BYTES))
    sink.write(head + b"\n")
    sink.write(added)
    ox.serialize(state.removed, sink, format=ox.RdfFormat.N_QUADS)
    sink.flush()


def _refuse(fault: InputError) -> None:
    report = {
        "kind": type(fault).__name__,
        # the scanner is the one of queries and calls every text a query
        "message": fault.message.replace("The query ", "The update ", 1),
        "code": fault.code,
        "status": fault.status,
        "line": getattr(fault, "line", None),
        "column": getattr(fault, "column", None),
    }
    sys.stderr.write(json.dumps(report))
    sys.exit(EXIT_REFUSED)


def main(arguments: list[str]) -> int:
    """Run one job, given as JSON in the first argument, in a thread with a large stack."""
    job: Job = json.loads(arguments[0])
    isolate(parent=job["parent"], files=True)  # it needs its scratch store, and gives its files to nobody
    resource.setrlimit(resource.RLIMIT_CPU, (job["seconds"], job["seconds"]))
    return run_deep(lambda: _evaluate(job), STACK_BYTES)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
