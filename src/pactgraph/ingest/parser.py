"""The parser process: reads one untrusted document on stdin and writes its statements as N-Quads on stdout.

It is started as a script, not imported as part of the package, so that nothing but pyoxigraph and the
standard library is loaded; ``reading`` imports it for documents that are trusted. It has limits on memory,
time and output, and a thread with a large stack, because a document of a few kilobytes can nest deeply enough
to end the process: then this one ends, not the caller.
"""

from __future__ import annotations

import json
import resource
import sys
import threading
from collections.abc import Iterator
from typing import IO, TypedDict, cast

import pyoxigraph as ox

RELATIVE_BASE = "http://relative.invalid/"
"""Stands in for the base that a JSON-LD document lacks: pyoxigraph would drop relative IRIs without a
word."""
EXIT_REFUSED = 2
EXIT_TOO_LARGE = 69
EXIT_CRASHED = 70


class Job(TypedDict):
    """What the caller asks for: the name of the format, and the limits in bytes and seconds."""

    rdf_format: str
    stack: int
    memory: int
    seconds: int
    output: int


class OutputTooLargeError(Exception):
    """The document unfolds into far more than its own size."""


class _Limited:
    """As much of a binary stream as the serializer needs, refusing to grow over its limit."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        """Write to ``stream``, at most ``limit`` bytes."""
        self._stream = stream
        self._left = limit

    def write(self, chunk: bytes) -> int:
        self._left -= len(chunk)
        if self._left < 0:
            raise OutputTooLargeError
        return self._stream.write(chunk)

    def flush(self) -> None:
        self._stream.flush()


def statements(document: bytes, rdf_format: str) -> Iterator[ox.Quad]:
    """Yield the quads of a document, with fresh blank nodes, so that two documents never share one.

    Raises SyntaxError for what is not RDF, for a relative IRI without a base and for RDF 1.2 terms (triple
    terms, literals with a direction), which the graph does not keep.
    """
    chosen: ox.RdfFormat = getattr(ox.RdfFormat, rdf_format)
    base = RELATIVE_BASE if chosen == ox.RdfFormat.JSON_LD else None
    for quad in ox.parse(document, format=chosen, base_iri=base, rename_blank_nodes=True):
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            _require_keepable(term)
        yield quad


def _require_keepable(term: object) -> None:
    if isinstance(term, ox.NamedNode) and term.value.startswith(RELATIVE_BASE):
        relative = term.value.removeprefix(RELATIVE_BASE)
        raise SyntaxError(f"“{relative}” is a relative IRI: No scheme found in an absolute IRI '{relative}'")
    if isinstance(term, ox.Triple):
        raise SyntaxError("a statement about a statement (RDF 1.2 triple term) is not kept here")
    if isinstance(term, ox.Literal) and term.direction is not None:
        raise SyntaxError(
            f"the text “{term.value[:40]}” has a base direction (RDF 1.2), which is not kept here"
        )


def _parse(job: Job) -> None:
    """Parse stdin to stdout; a fault goes to stderr as one line of JSON and ends the process with
    EXIT_REFUSED."""
    sink = cast(IO[bytes], _Limited(sys.stdout.buffer, job["output"]))
    try:
        ox.serialize(
            statements(sys.stdin.buffer.read(), job["rdf_format"]), sink, format=ox.RdfFormat.N_QUADS
        )
        sink.flush()
    except SyntaxError as fault:
        _refuse({"message": fault.msg, "line": fault.lineno, "column": fault.offset})
    except OutputTooLargeError:
        sys.exit(EXIT_TOO_LARGE)


def _refuse(fault: dict[str, object]) -> None:
    sys.stderr.write(json.dumps(fault))
    sys.exit(EXIT_REFUSED)


def main(arguments: list[str]) -> int:
    """Run one job, given as JSON in the first argument, in a thread with a large stack."""
    job: Job = json.loads(arguments[0])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (job["seconds"], job["seconds"]))
    resource.setrlimit(resource.RLIMIT_AS, (job["memory"], job["memory"]))
    threading.stack_size(job["stack"])
    outcome = [EXIT_CRASHED]

    def run() -> None:
        try:
            _parse(job)
            outcome[0] = 0
        except SystemExit as ended:
            outcome[0] = int(ended.code or 0)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return outcome[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
