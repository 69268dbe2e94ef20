"""The parser process: reads one untrusted document on stdin and writes its statements as N-Quads on stdout.

It loads nothing but pyoxigraph and the standard library; ``reading`` imports it for documents that are
trusted. It has limits on memory, time and output, neither files nor network where the system can take them
away (``isolation``), and a thread with a large stack, because a document of a few kilobytes can nest deeply
enough to end the process: then this one ends, not the caller.
"""

from __future__ import annotations

import json
import resource
import sys
import threading
from collections.abc import Callable, Iterator
from typing import IO, TypedDict, cast

import pyoxigraph as ox

from pactgraph.isolation import isolate

RELATIVE_BASE = "http://relative.invalid/"
"""Stands in for the base that a JSON-LD document lacks: pyoxigraph would drop relative IRIs without a
word."""
EXIT_REFUSED = 2
EXIT_TOO_MANY = 68
EXIT_TOO_LARGE = 69
EXIT_CRASHED = 70


class Job(TypedDict):
    """What the caller asks for: the name of the format, and the limits in bytes, seconds and statements."""

    rdf_format: str
    stack: int
    memory: int
    seconds: int
    output: int
    statements: int | None
    everything: bool
    parent: int


class TooManyStatementsError(Exception):
    """The document has more statements than the caller takes."""


class OutputTooLargeError(Exception):
    """The document unfolds into far more than its own size."""


class Limited:
    """As much of a binary stream as the serializer needs, refusing to grow over its limit."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        """Write to ``stream``, at most ``limit`` bytes."""
        self._stream = stream
        self._left = limit

    def write(self, chunk: bytes) -> int:
        """Pass the bytes on; raises OutputTooLargeError."""
        self._left -= len(chunk)
        if self._left < 0:
            raise OutputTooLargeError
        return self._stream.write(chunk)

    def flush(self) -> None:
        """Flush the stream."""
        self._stream.flush()


def statements(
    document: bytes | IO[bytes], rdf_format: str, *, everything: bool = False
) -> Iterator[ox.Quad]:
    """Yield the quads of a document, with fresh blank nodes, so that two documents never share one.

    Raises SyntaxError for what is not RDF, for a relative IRI without a base and for RDF 1.2 terms (triple
    terms, literals with a direction), which the graph does not keep; with ``everything`` these are let be.
    """
    chosen: ox.RdfFormat = getattr(ox.RdfFormat, rdf_format)
    base = RELATIVE_BASE if chosen == ox.RdfFormat.JSON_LD else None
    for quad in ox.parse(document, format=chosen, base_iri=base, rename_blank_nodes=True):
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            require_keepable(term, everything=everything)
        yield quad


def require_keepable(term: object, *, everything: bool = False) -> None:
    """Refuse a term that the graph does not keep; raises SyntaxError."""
    if isinstance(term, ox.NamedNode) and term.value.startswith(RELATIVE_BASE):
        relative = term.value.removeprefix(RELATIVE_BASE)
        raise SyntaxError(f"“{relative}” is a relative IRI: No scheme found in an absolute IRI '{relative}'")
    if everything:
        return
    if isinstance(term, ox.Triple):
        raise SyntaxError("a statement about a statement (RDF 1.2 triple term) is not kept here")
    if isinstance(term, ox.Literal) and term.direction is not None:
        raise SyntaxError(
            f"the text “{term.value[:40]}” has a base direction (RDF 1.2), which is not kept here"
        )


def _parse(job: Job) -> None:
    """Parse stdin to stdout; a fault goes to stderr as one line of JSON and ends the process with
    EXIT_REFUSED."""
    sink = cast(IO[bytes], Limited(sys.stdout.buffer, job["output"]))
    try:
        found = statements(sys.stdin.buffer, job["rdf_format"], everything=job["everything"])
        ox.serialize(_at_most(found, job["statements"]), sink, format=ox.RdfFormat.N_QUADS)
        sink.flush()
    except SyntaxError as fault:
        _refuse({"message": fault.msg, "line": fault.lineno, "column": fault.offset})
    except OutputTooLargeError:
        sys.exit(EXIT_TOO_LARGE)
    except TooManyStatementsError:
        sys.exit(EXIT_TOO_MANY)


def _at_most(quads: Iterator[ox.Quad], most: int | None) -> Iterator[ox.Quad]:
    for number, quad in enumerate(quads, start=1):
        if most is not None and number > most:
            raise TooManyStatementsError
        yield quad


def _refuse(fault: dict[str, object]) -> None:
    sys.stderr.write(json.dumps(fault))
    sys.exit(EXIT_REFUSED)


def main(arguments: list[str]) -> int:
    """Run one job, given as JSON in the first argument, in a thread with a large stack."""
    job: Job = json.loads(arguments[0])
    isolate(parent=job["parent"])  # no file, no network, no program: all it needs is open or loaded
    resource.setrlimit(resource.RLIMIT_CPU, (job["seconds"], job["seconds"]))
    resource.setrlimit(resource.RLIMIT_AS, (job["memory"], job["memory"]))
    return run_deep(lambda: _parse(job), job["stack"])


def run_deep(work: Callable[[], None], stack: int) -> int:
    """Do the work in a thread with so many bytes of stack; return the exit code that it asks for."""
    threading.stack_size(stack)
    outcome = [EXIT_CRASHED]

    def run() -> None:
        try:
            work()
            outcome[0] = 0
        except SystemExit as ended:
            outcome[0] = int(ended.code or 0)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return outcome[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
