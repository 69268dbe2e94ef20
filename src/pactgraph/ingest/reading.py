"""Reading documents into quads; an untrusted one is parsed in a process of its own.

Blank nodes stay blank here, with labels that no two documents share. Triples without a graph keep the default
graph: which source they belong to is decided where they are checked.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox

from pactgraph.errors import InputError, SyntaxFault
from pactgraph.ingest import parser
from pactgraph.ingest.faults import (
    Document,
    ParserFault,
    fault_at,
    syntax_fault,
    too_complex,
    too_many_statements,
)
from pactgraph.ingest.formats import InputFormat, format_of_file, input_format
from pactgraph.isolation import module_environment

MEBIBYTE = 1024 * 1024
STACK = 256 * MEBIBYTE
MEMORY = 1024 * MEBIBYTE
OUTPUT = 16 * MEBIBYTE
SECONDS = 20
_EXPANSION = 200  # N-Quads spell out every IRI: a dense Turtle document grows up to about 100 times
_BYTES_PER_SECOND = MEBIBYTE  # a tenth of what the parsers do on a slow core
_HARMLESS = 64 * 1024  # bytes, read in about a millisecond
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NOT_UTF_8 = "this is not UTF-8 text; save the file as UTF-8"
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def read_quads(
    source: str | Path | bytes,
    *,
    format: str | None = None,
    graph: str | None = None,
    name: str | None = None,
    trusted: bool = False,
    most: int | None = None,
    everything: bool = False,
) -> list[ox.Quad]:
    """Read one document: a path, ``-`` for standard input, or its bytes.

    ``format`` (a name, suffix or media type) overrides the file's suffix and is needed for bytes and standard
    input. ``graph`` puts the triples without a graph into that graph. ``name`` is what messages call bytes.
    ``trusted`` (the shipped files) parses in this process. ``most`` is how many statements an untrusted one
    may have; reading ends at the first beyond. ``everything`` also reads the terms of RDF 1.2 that ours does
    not keep.

    >>> len(read_quads(b"<http://a/b> <http://a/c> 'd' .", format="turtle"))
    1

    Raises InputError for what cannot be read, is too complex or too long (``too-many-statements``),
    UnknownFormat, and SyntaxFault (with line and
    column where the parser tells them) for what is not RDF.
    """
    called, content = _content(source, name)
    chosen = _format(source, format)
    document = Document(called, content.removeprefix(_BYTE_ORDER_MARK), chosen.name)
    if chosen.rdf_format == "RDF_XML":
        _refuse_entities(document)  # first: a bomb is to cost nothing, not even to be decoded
    _require_text(document)
    if trusted or _is_harmless(document, chosen):
        quads = _parsed_here(document, chosen, everything=everything)
        if most is not None and len(quads) > most:
            raise too_many_statements(document, most)
    else:
        quads = _parsed_apart(document, chosen, most, everything=everything)
    if not quads and chosen.rdf_format == "JSON_LD":
        raise SyntaxFault(f"{called} states nothing: its keys are no IRIs; explain them with a @context.")
    return quads if graph is None else [_in_graph(quad, ox.NamedNode(graph)) for quad in quads]


def _content(source: str | Path | bytes, name: str | None) -> tuple[str, bytes]:
    """Return what messages call the document, and its bytes."""
    if isinstance(source, bytes):
        return name or "The document", source
    if str(source) == "-":
        return name or "Standard input", sys.stdin.buffer.read()
    return name or str(source), _file_content(str(source))


def _file_content(path: str) -> bytes:
    if not path or "\0" in path:
        raise InputError(
            "The file name is empty or not a name; give a path, or - for standard input.", code="unreadable"
        )
    try:
        if Path(path).is_dir():
            raise InputError(f"{path} is a folder; name the files in it.", code="unreadable")
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise InputError(f"There is no file {path}; check the path.", code="unreadable") from None
    except OSError as fault:
        reason = (fault.strerror or "input error").lower()
        raise InputError(
            f"{path} cannot be read ({reason}); check its permissions.", code="unreadable"
        ) from None


def _format(source: str | Path | bytes, given: str | None) -> InputFormat:
    if given is not None:
        return input_format(given)
    if isinstance(source, bytes) or str(source) == "-":
        raise InputError("The format is not told; name it, for example turtle or application/ld+json.")
    return format_of_file(str(source))


def _require_text(document: Document) -> None:
    try:
        document.content.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise fault_at(document, fault.start, _NOT_UTF_8, "not-utf-8") from None


def _refuse_entities(document: Document) -> None:
    """Refuse a DOCTYPE before the parser sees it: entities can read files and unfold without limit.

    The words are refused wherever they stand, even in a comment: telling the two apart would need the very
    parser that is to be protected.
    """
    found = _DOCTYPE.search(document.content)
    if found:
        words = "RDF/XML with a DOCTYPE or ENTITY is refused; write the names out and remove it"
        raise fault_at(document, found.start(), words, "doctype")
    # In UTF-16 the words have a NUL beside every letter, and without a byte order mark that is UTF-8, too.
    nul = document.content.find(b"\0")
    if nul >= 0:
        raise fault_at(document, nul, _NOT_UTF_8, "not-utf-8")


def _is_harmless(document: Document, chosen: InputFormat) -> bool:
    """Whether a document can be parsed in this process, which saves the start of another.

    In these two formats nothing nests but triple terms, and nothing unfolds: a line is a statement.
    """
    return (
        chosen.rdf_format in {"N_TRIPLES", "N_QUADS"}
        and len(document.content) <= _HARMLESS
        and b"<<" not in document.content
    )


def _parsed_here(document: Document, chosen: InputFormat, *, everything: bool) -> list[ox.Quad]:
    try:
        return list(parser.statements(document.content, chosen.rdf_format, everything=everything))
    except SyntaxError as fault:
        raise syntax_fault(document, ParserFault(fault.msg, fault.lineno, fault.offset)) from None


def _parsed_apart(
    document: Document, chosen: InputFormat, most: int | None, *, everything: bool
) -> list[ox.Quad]:
    """Parse in a child process; its crash, its limits and its faults become one readable error each."""
    size = len(document.content)
    seconds = SECONDS + size // _BYTES_PER_SECOND
    job = parser.Job(
        rdf_format=chosen.rdf_format,
        stack=STACK,
        memory=MEMORY + 16 * size,
        seconds=seconds,
        output=OUTPUT + _EXPANSION * size,
        statements=most,
        everything=everything,
        parent=os.getpid(),
    )
    try:
        # -P keeps the current folder out of the child's module path; the arguments are the project's own.
        child = subprocess.run(  # noqa: S603
            [sys.executable, "-P", "-m", parser.__name__, json.dumps(job)],
            input=document.content,
            capture_output=True,
            timeout=seconds + 5,
            env=module_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise too_complex(document) from None
    if child.returncode == 0:
        return list(ox.parse(child.stdout, format=ox.RdfFormat.N_QUADS))
    if child.returncode == parser.EXIT_TOO_MANY and most is not None:
        raise too_many_statements(document, most)
    if child.returncode != parser.EXIT_REFUSED:
        raise too_complex(document)
    raise syntax_fault(document, ParserFault(**json.loads(child.stderr)))


def _in_graph(quad: ox.Quad, graph: ox.NamedNode) -> ox.Quad:
    if isinstance(quad.graph_name, ox.DefaultGraph):
        return ox.Quad(quad.subject, quad.predicate, quad.object, graph)
    return quad
