"""What a document did wrong, as errors in our words."""

from __future__ import annotations

import re
from typing import NamedTuple

from pactgraph.errors import InputError, SyntaxFault

_POSITION = re.compile(
    r"^Parser error at line \d+ (?:column \d+|between columns? \d+ and (?:line \d+ )?\S+ ?\d*): "
)


class Document(NamedTuple):
    """What messages call a document, its bytes, and the name of its format."""

    called: str
    content: bytes
    format_name: str


class ParserFault(NamedTuple):
    """What the parser says, with line and column where it tells them, counted from 1."""

    message: str
    line: int | None
    column: int | None


def too_complex(document: Document) -> InputError:
    """Return the error for a document that crashed its parser or went over its limits."""
    return InputError(
        f"{document.called} nests too deeply or unfolds too far to be read; write it flatter or split it.",
        code="too-complex",
    )


def fault_at(document: Document, offset: int, words: str, code: str) -> SyntaxFault:
    """Return the error for what stands at a byte offset of a document."""
    line = document.content.count(b"\n", 0, offset) + 1
    column = offset - document.content.rfind(b"\n", 0, offset)
    return SyntaxFault(
        f"{document.called}, line {line}, column {column}: {words}.", line=line, column=column, code=code
    )


def syntax_fault(document: Document, fault: ParserFault) -> SyntaxFault:
    """Return the error for what a parser refused."""
    where = document.called
    if fault.line and fault.column:
        where += f", line {fault.line}, column {fault.column}"
    reason = _POSITION.sub("", fault.message).strip()
    advice = _advice(document, fault) or f"{reason}; mend the {document.format_name} there"
    return SyntaxFault(f"{where}: {advice}.", line=fault.line, column=fault.column)


def _advice(document: Document, fault: ParserFault) -> str | None:
    """Say in our words what the parser's own words leave unsaid; None where they suffice."""
    if "No scheme found in an absolute IRI" in fault.message:
        quoted = re.search(r"'([^']*)'", fault.message)
        written = quoted.group(1) if quoted else _written_at(document, fault)
        return f"“{written}” is a relative IRI and the document has no base; write it in full"
    if "LoadDocumentCallback" in fault.message:
        return "it refers to a context on the web, which is not fetched; put the @context into it"
    return None


def _written_at(document: Document, fault: ParserFault) -> str:
    """Return the IRI that stands at a position of the document, without its brackets."""
    lines = document.content.decode("utf-8").splitlines()
    if fault.line is None or fault.column is None or fault.line > len(lines):
        return ""
    found = re.match(r"<?([^>\s]*)", lines[fault.line - 1][fault.column - 1 :])
    return found.group(1) if found else ""
