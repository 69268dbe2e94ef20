"""Reading an RDF Patch (https://afs.github.io/rdf-delta/rdf-patch.html) that somebody sends.

Read strictly: one transaction, IRIs written out, and no statement both added and removed. The lines are told
apart here; the statements are parsed as N-Quads where a crash hurts nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyoxigraph as ox

from pactgraph.errors import InputError, SyntaxFault
from pactgraph.ingest.reading import read_quads
from pactgraph.terms import canonical

MEDIA_TYPE = "application/rdf-patch"
_HEADER = re.compile(rb"H\s+(\w+)\s+<([^<>\s]*)>\s*\.\s*")
_QUIET = re.compile(rb"\s*(?:#.*)?|TX\s*\.\s*|TC\s*\.\s*")
_PREVIOUS = b"prev"


@dataclass(frozen=True, slots=True)
class ReadPatch:
    """What an RDF Patch adds and removes; ``previous`` is the state that it says it follows (H prev)."""

    added: list[ox.Quad]
    removed: list[ox.Quad]
    previous: str | None = None


def read_rdf_patch(content: bytes, *, name: str = "The patch", most: int | None = None) -> ReadPatch:
    """Read the bytes of an RDF Patch; at most ``most`` statements.

    >>> read_rdf_patch(b"TX .\\nD <urn:a> <urn:b> <urn:c> <urn:g> .\\nTC .").removed
    [<Quad subject=<NamedNode value=urn:a> predicate=<NamedNode value=urn:b> \
object=<NamedNode value=urn:c> graph_name=<NamedNode value=urn:g>>]

    Raises ``SyntaxFault`` (with line and column) for what is no patch, and ``InputError`` as ``read_quads``
    does, and for a statement that is both added and removed.
    """
    lines = content.splitlines()
    previous = _check_lines(lines, name)
    added = read_quads(_statements(lines, b"A"), format="nquads", name=name, most=most)
    left = None if most is None else most - len(added)
    removed = read_quads(_statements(lines, b"D"), format="nquads", name=name, most=left)
    both = canonical(added) & canonical(removed)
    if both:
        raise InputError(f"{name} both adds and removes {sorted(map(str, both))[0]}; leave one of them out.")
    return ReadPatch(added, removed, previous)


def _check_lines(lines: list[bytes], name: str) -> str | None:
    """Refuse every line that is none of a patch; return what the header says came before."""
    previous = None
    for number, line in enumerate(lines, start=1):
        if line[:1] in b"AD" and line[1:2] in b" \t" and line[1:]:
            continue
        header = _HEADER.fullmatch(line)
        if header and header[1] == _PREVIOUS:
            previous = header[2].decode("utf-8", "replace")
        elif not header and not _QUIET.fullmatch(line):
            raise SyntaxFault(f"{name}, line {number}: {_advice(line)}.", line=number, column=1)
    return previous


def _advice(line: bytes) -> str:
    if line[:2] in {b"PA", b"PD"}:
        return "prefixes are not read here; write the IRIs out"
    if line[:2] == b"TA":
        return "the transaction is aborted (TA); send only what is meant"
    return "a line begins with A (add), D (delete), H (header), TX or TC"


def _statements(lines: list[bytes], sign: bytes) -> bytes:
    """Return the statements of one sign as N-Quads, each at the line and column where it stands."""
    return b"\n".join(b" " + line[1:] if line[:1] == sign else b"" for line in lines)
