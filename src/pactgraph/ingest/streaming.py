"""Reading large documents as a stream: parsed apart, in memory that does not follow their size."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from pyoxigraph import Quad, RdfFormat, parse

from pactgraph.errors import InputError
from pactgraph.ingest import parser
from pactgraph.ingest.faults import Document, ParserFault, syntax_fault, too_complex
from pactgraph.ingest.formats import InputFormat, format_of_file, input_format
from pactgraph.ingest.reading import MEMORY, STACK, read_quads
from pactgraph.isolation import module_environment

Progress = Callable[[int], None]
"""Called with the number of bytes read from the document so far."""
_STREAMED = {"TURTLE", "TRIG", "N_TRIPLES", "N_QUADS"}
_MARK = b"\xef\xbb\xbf"
_STEP = 10_000
_DAY = 24 * 60 * 60
_UNLIMITED = 1 << 62


def stream_quads(file: str, *, format: str | None = None, progress: Progress | None = None) -> Iterator[Quad]:
    """Yield the quads of a file, or of standard input (``-``); blank nodes stay blank.

    JSON-LD, RDF/XML and what begins with a byte order mark are read as a whole, as ``read_quads`` does, and
    with the same errors.
    """
    if file == "-" and format is None:
        raise InputError("The format is not told; name it, for example turtle or application/ld+json.")
    chosen = format_of_file(file) if format is None else input_format(format)
    if file == "-" and chosen.rdf_format in _STREAMED:
        yield from _streamed(sys.stdin.buffer, "Standard input", chosen, None)
    elif chosen.rdf_format in _STREAMED and Path(file).is_file() and not _is_marked(file):
        with Path(file).open("rb") as stream:
            yield from _streamed(stream, file, chosen, progress)
    else:
        yield from read_quads(file, format=format)


def _is_marked(file: str) -> bool:
    try:
        with Path(file).open("rb") as stream:
            return stream.read(len(_MARK)) == _MARK
    except OSError:
        return True  # cannot be read: read_quads says why


def _streamed(
    stream: IO[bytes], called: str, chosen: InputFormat, progress: Progress | None
) -> Iterator[Quad]:
    job = parser.Job(
        rdf_format=chosen.rdf_format,
        stack=STACK,
        memory=2 * MEMORY,
        seconds=_DAY,
        output=_UNLIMITED,
        statements=None,
        everything=False,
        parent=os.getpid(),
    )
    # -P keeps this folder out of the child's module path; the arguments are the project's own.
    command = [sys.executable, "-P", "-m", parser.__name__, json.dumps(job)]
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603 - as above
        command, stdin=stream, stdout=pipe, stderr=pipe, env=module_environment()
    ) as child:
        try:
            yield from _received(child, stream, progress)
            said = child.stderr.read() if child.stderr else b""
            _judge(child.wait(), said, Document(called, b"", chosen.name))
        finally:
            child.kill()


def _received(child: subprocess.Popen[bytes], stream: IO[bytes], progress: Progress | None) -> Iterator[Quad]:
    """Yield what the child writes; where it died midway, the end of it is cut off."""
    if child.stdout is None:
        raise TypeError("the child writes to a pipe")
    quads = parse(child.stdout, format=RdfFormat.N_QUADS)
    number = 0
    while True:
        try:
            quad = next(quads, None)
        except SyntaxError:
            return
        if quad is None:
            return
        yield quad
        number += 1
        if progress is not None and number % _STEP == 0:
            progress(os.lseek(stream.fileno(), 0, os.SEEK_CUR))  # the child shares this file's position


def _judge(code: int, said: bytes, document: Document) -> None:
    """Raise the error that the end of a child means, if it is one."""
    if code == parser.EXIT_REFUSED:
        raise syntax_fault(document, ParserFault(**json.loads(said)))
    if code != 0:
        raise too_complex(document)
