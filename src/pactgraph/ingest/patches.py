"""From documents to one patch: blank nodes get names, statements go to their source's graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import uuid4

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad

from pactgraph import vocab
from pactgraph.errors import InputError
from pactgraph.ingest.reading import read_quads
from pactgraph.ledger import Patch, Refused
from pactgraph.shapes.sourcing import attributed, graph_of_source, unplaced
from pactgraph.terms import skolemized

MOST = 1_000_000
"""The most statements of one patch; more is a bulk load."""
_BYTES = 256
"""What a statement may take on average in a file that is read at all."""


def read_patch(
    added: Iterable[str | Path],
    removed: Iterable[str | Path] = (),
    *,
    source: str | None = None,
    input_format: str | None = None,
    most: int = MOST,
) -> Patch:
    """Read files of statements to add and to remove into one patch; see ``patch_of``.

    Raises what ``read_quads`` raises, and ``InputError`` (``too-large``, or ``too-many-statements`` where the
    parser stopped) for more than ``most`` statements.
    """
    incoming = _read(added, input_format, most)
    outgoing = _read(removed, input_format, most - len(incoming))
    return patch_of(incoming, outgoing, source=source)


def patch_of(added: Iterable[Quad], removed: Iterable[Quad] = (), *, source: str | None = None) -> Patch:
    """Return the patch that brings and takes these quads, as they were read.

    Triples without a graph belong to ``source``: their graph is tied to it. Blank nodes of what is added get
    names of their own. Raises ``Refused`` for triples without a graph and without a source, ``InputError``
    when ``source`` is not the IRI of one, or when a blank node, which has no name, is to be removed.
    """
    incoming = attributed(named(added), source)
    outgoing = _without_blanks(removed)
    if source is not None:
        outgoing = [_placed(quad, NamedNode(graph_of_source(source))) for quad in outgoing]
    report = unplaced([*incoming, *outgoing])
    if report is not None:
        raise Refused(report)
    return Patch(tuple(incoming), tuple(outgoing))


def named(quads: Iterable[Quad]) -> Iterable[Quad]:
    """Return the quads with a name for each blank node that no other document gives."""
    return skolemized(quads, f"{vocab.GENID}{uuid4().hex}-")


def placed(quads: Iterable[Quad], source: str | None) -> Iterator[Quad]:
    """Yield quads as they come, with triples without a graph in that of ``source``, and the graph tied to it.

    Raises ``Refused`` for a triple without a graph when there is no source, ``InputError`` when ``source``
    is none.
    """
    if source is not None:
        yield from attributed((), source)
        home = NamedNode(graph_of_source(source))
        for quad in quads:
            yield _placed(quad, home)
        return
    for quad in quads:
        report = unplaced([quad]) if isinstance(quad.graph_name, DefaultGraph) else None
        if report is not None:
            raise Refused(report)
        yield quad


def _read(files: Iterable[str | Path], input_format: str | None, most: int) -> list[Quad]:
    found: list[Quad] = []
    for file in files:
        if str(file) != "-" and Path(file).is_file() and Path(file).stat().st_size > most * _BYTES:
            raise too_large(most)
        found.extend(read_quads(file, format=input_format, most=most - len(found)))
        if len(found) > most:
            raise too_large(most)
    return found


def too_large(most: int) -> InputError:
    """Return the error for a patch of more statements than one may have."""
    return InputError(
        f"The patch has more than {most:,} statements; split it, or bring it in with 'pactgraph load'.",
        code="too-large",
        status=413,
    )


def _without_blanks(quads: Iterable[Quad]) -> list[Quad]:
    given = list(quads)
    for quad in given:
        if any(isinstance(term, BlankNode) for term in (quad.subject, quad.object, quad.graph_name)):
            raise InputError(
                f"“{quad}” is to be removed and has a blank node; write the IRI that the graph gave it.",
                code="blank-node",
            )
    return given


def _placed(quad: Quad, graph: NamedNode) -> Quad:
    if isinstance(quad.graph_name, DefaultGraph):
        return Quad(quad.subject, quad.predicate, quad.object, graph)
    return quad
