"""Reading documents into quads; an untrusted one is parsed in a process of its own.

Blank nodes stay blank here, with labels that no two documents share. Triples without a graph keep the default graph:
which source they belong to is decided where they are checked.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox

from pactgraph.errors import InputError, SyntaxFault
from pactgraph.ingest import parser
from pactgraph.ingest.formats import InputFormat, format_of_file, input_format

MEBIBYTE = 1024 * 1024
STACK = 256 * MEBIBYTE
MEMORY = 1024 * MEBIBYTE
OUTPUT = 16 * MEBIBYTE
SECONDS = 20
_EXPANSION = 200  # N-Quads spell out every IRI: a dense Turtle document grows up to about 100 times
_BYTES_PER_SECOND = MEBIBYTE  # a tenth of what the parsers do on a slow core

_POSITION = re.compile(r"^Parser error at line \d+ (?:column \d+|between columns? \d+ and (?:line \d+ )?\S+ ?\d*): ")
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def read_quads(
    source: str | Path | bytes,
    *,
    format: str | None = None,  # noqa: A002 - the word of the command line and of HTTP clients
    graph: str | None = None,
    name: str | None = None,
    trusted: bool = False,
) -> list[ox.Quad]:
    """Read one document: a path, ``-`` for standard input, or its bytes.

    ``format`` (a name, suffix or media type) overrides the file's suffix and is needed for bytes and standard input.
    ``graph`` puts the triples without a graph into that graph. ``name`` is what messages call bytes. ``trusted`` (the
    shipped files) parses in this process.

    >>> len(read_quads(b"<http://a/b> <http://a/c> 'd' .", format="turtle"))
    1

    Raises InputError for what cannot be read or is too complex, UnknownFormat, and SyntaxFault (with line and column
    where the parser tells them) for what is not RDF.
    """
    called, document = _document(source, name)
    chosen = _format(source, format)
    document = _require_text(called, document.removeprefix(b"\xef\xbb\xbf"))
    if chosen.rdf_format == "RDF_XML":
        _refuse_entities(called, document)
    quads = _parsed_here(called, document, chosen) if trusted else _parsed_apart(called, document, chosen)
    if not quads and chosen.rdf_format == "JSON_LD":
        raise SyntaxFault(f"{called} states nothing: no key of this JSON is an IRI or explained by a @context; add one.")
    return quads if graph is None else [_in_graph(quad, ox.NamedNode(graph)) for quad in quads]


def _document(source: str | Path | bytes, name: str | None) -> tuple[str, bytes]:
    """Return what messages call the document, and its bytes."""
    if isinstance(source, bytes):
        return name or "The document", source
    if str(source) == "-":
        return name or "Standard input", sys.stdin.buffer.read()
    called = name or str(source)
    if not str(source) or "\0" in str(source):
        raise InputError("The file name is empty or not a name; give a path, or - for standard input.", code="unreadable")
    try:
        if Path(source).is_dir():
            raise InputError(f"{called} is a folder; name the files in it.", code="unreadable")
        return called, Path(source).read_bytes()
    except FileNotFoundError:
        raise InputError(f"There is no file {called}; check the path.", code="unreadable") from None
    except OSError as fault:
        reason = (fault.strerror or "input error").lower()
        raise InputError(f"{called} cannot be read ({reason}); check its permissions.", code="unreadable") from None


def _format(source: str | Path | bytes, given: str | None) -> InputFormat:
    if given is not None:
        return input_format(given)
    if isinstance(source, bytes) or str(source) == "-":
        raise InputError("The format is not told; name it, for example turtle or application/ld+json.")
    return format_of_file(str(source))


def _require_text(called: str, document: bytes) -> bytes:
    try:
        document.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = document.count(b"\n", 0, fault.start) + 1
        column = fault.start - document.rfind(b"\n", 0, fault.start)
        raise SyntaxFault(
            f"{called}, line {line}, column {column}: this is not UTF-8 text; save the file as UTF-8.",
            line=line,
            column=column,
            code="not-utf-8",
        ) from None
    return document


def _refuse_entities(called: str, document: bytes) -> None:
    """Refuse a DOCTYPE before the parser sees it: entities can read files and unfold without limit.

    The words are refused wherever they stand, even in a comment: telling the two apart would need the very parser that
    is to be protected.
    """
    found = _DOCTYPE.search(document)
    if found:
        line = document.count(b"\n", 0, found.start()) + 1
        raise SyntaxFault(
            f"{called}, line {line}: RDF/XML with a DOCTYPE or ENTITY is refused; write the names out and remove it.",
            line=line,
            column=found.start() - document.rfind(b"\n", 0, found.start()),
            code="doctype",
        )


def _parsed_here(called: str, document: bytes, chosen: InputFormat) -> list[ox.Quad]:
    try:
        return list(parser.statements(document, chosen.rdf_format))
    except SyntaxError as fault:
        raise _syntax_fault(called, document, chosen, fault.msg, fault.lineno, fault.offset) from None


def _parsed_apart(called: str, document: bytes, chosen: InputFormat) -> list[ox.Quad]:
    """Parse in a child process; its crash, its limits and its faults become one readable error each."""
    seconds = SECONDS + len(document) // _BYTES_PER_SECOND
    job = parser.Job(
        rdf_format=chosen.rdf_format,
        stack=STACK,
        memory=MEMORY + 16 * len(document),
        seconds=seconds,
        output=OUTPUT + _EXPANSION * len(document),
    )
    try:
        # -P keeps this folder out of the child's module path; the arguments are the project's own.
        child = subprocess.run(  # noqa: S603
            [sys.executable, "-P", parser.__file__, json.dumps(job)],
            input=document,
            capture_output=True,
            timeout=seconds + 5,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _too_complex(called) from None
    if child.returncode == 0:
        return list(ox.parse(child.stdout, format=ox.RdfFormat.N_QUADS))
    if child.returncode != parser.EXIT_REFUSED:
        raise _too_complex(called)
    fault = json.loads(child.stderr)
    if fault["message"] == "too-large":
        raise _too_complex(called)
    raise _syntax_fault(called, document, chosen, fault["message"], fault["line"], fault["column"])


def _too_complex(called: str) -> InputError:
    return InputError(
        f"{called} nests too deeply or unfolds too far to be read; write it flatter or split it.", code="too-complex"
    )


def _syntax_fault(
    called: str, document: bytes, chosen: InputFormat, message: str, line: int | None, column: int | None
) -> SyntaxFault:
    where = f"{called}, line {line}, column {column}" if line and column else called
    reason = _POSITION.sub("", message).strip()
    advice = _advice(reason, document, line, column) or f"{reason}; mend the {chosen.name} there"
    return SyntaxFault(f"{where}: {advice}.", line=line, column=column)


def _advice(reason: str, document: bytes, line: int | None, column: int | None) -> str | None:
    """Say in our words what the parser's own words leave unsaid; None where they suffice."""
    if "No scheme found in an absolute IRI" in reason:
        quoted = re.search(r"'([^']*)'", reason)
        written = quoted.group(1) if quoted else _written_at(document, line, column)
        return f"“{written}” is a relative IRI and the document has no base; write it in full"
    if "LoadDocumentCallback" in reason:
        return "it refers to a context on the web, which is not fetched; put the @context into the document"
    return None


def _written_at(document: bytes, line: int | None, column: int | None) -> str:
    """Return the IRI that stands at a position of the document, without its brackets."""
    lines = document.decode("utf-8").splitlines()
    if line is None or column is None or line > len(lines):
        return ""
    found = re.match(r"<?([^>\s]*)", lines[line - 1][column - 1 :])
    return found.group(1) if found else ""


def _in_graph(quad: ox.Quad, graph: ox.NamedNode) -> ox.Quad:
    if isinstance(quad.graph_name, ox.DefaultGraph):
        return ox.Quad(quad.subject, quad.predicate, quad.object, graph)
    return quad
