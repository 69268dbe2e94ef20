"""RDF Patch as input: strict, each fault at its place."""

from __future__ import annotations

import pytest

from pactgraph.errors import InputError, SyntaxFault
from pactgraph.ingest.rdf_patch import read_rdf_patch

ADDED = b'A <urn:a> <urn:b> "x y" <urn:g> .'
REMOVED = b"D <urn:a> <urn:b> <urn:c> ."


def test_lines_are_told_apart():
    read = read_rdf_patch(
        b"H id <urn:sha256:1> .\r\nH prev <urn:sha256:0> .\nTX .\n\n# why\n"
        + REMOVED
        + b"\n"
        + ADDED
        + b"\nTC .\n"
    )
    assert read.previous == "urn:sha256:0"
    assert [str(quad.object) for quad in read.added] == ['"x y"']
    assert [str(quad.object) for quad in read.removed] == ["<urn:c>"]


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        (b"B <urn:a> <urn:b> <urn:c> .", 1, "A \\(add\\)"),
        (b"A", 1, "A \\(add\\)"),
        (b"Ax", 1, "A \\(add\\)"),
        (b"PA p <urn:> .", 1, "prefixes"),
        (b"TA .", 1, "aborted"),
        (b"A <urn:a> <urn b> <urn:c> .", 11, "IRI"),
    ],
)
def test_faults_have_line_and_column(line, column, words):
    with pytest.raises(SyntaxFault, match=words) as raised:
        read_rdf_patch(b"TX .\n" + line + b"\nTC .")
    assert (raised.value.line, raised.value.column) == (2, column)


def test_a_statement_both_added_and_removed_is_refused():
    number = b'<urn:a> <urn:b> "%b"^^<http://www.w3.org/2001/XMLSchema#integer> <urn:g> .'
    with pytest.raises(InputError, match="both adds and removes"):
        read_rdf_patch(b"A " + number % b"1" + b"\nD " + number % b"01")


def test_too_many_statements_end_the_reading():
    lines = b"\n".join(b"A <urn:a> <urn:b> <urn:%d> <urn:g> ." % number for number in range(6))
    for patch, most in ((lines, 5), (lines + b"\n" + REMOVED, 6)):
        with pytest.raises(InputError) as raised:
            read_rdf_patch(patch, most=most)
        assert (raised.value.code, raised.value.status) == ("too-many-statements", 413)
    assert len(read_rdf_patch(lines, most=6).added) == 6
