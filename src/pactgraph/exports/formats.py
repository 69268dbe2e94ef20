"""The formats of exports, and how sorted quads are written in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import Quad, RdfFormat, serialize

from pactgraph.errors import InputError, UnknownFormat
from pactgraph.terms import sort_key

# Characters that XML 1.0 §2.2 does not have, not even escaped.
_NOT_XML = frozenset(map(chr, [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF]))


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """One format: its name, its suffix, the engine's format, and whether it can keep named graphs apart."""

    name: str
    suffix: str
    rdf: RdfFormat
    keeps_graphs: bool


FORMATS = (
    ExportFormat("turtle", ".ttl", RdfFormat.TURTLE, keeps_graphs=False),
    ExportFormat("ntriples", ".nt", RdfFormat.N_TRIPLES, keeps_graphs=False),
    ExportFormat("rdfxml", ".rdf", RdfFormat.RDF_XML, keeps_graphs=False),
    ExportFormat("jsonld", ".jsonld", RdfFormat.JSON_LD, keeps_graphs=True),
    ExportFormat("trig", ".trig", RdfFormat.TRIG, keeps_graphs=True),
    ExportFormat("nquads", ".nq", RdfFormat.N_QUADS, keeps_graphs=True),
)


def choose_format(view: str, offered: tuple[str, ...], *, name: str | None, suffix: str) -> ExportFormat:
    """Return the format by its name, else by the suffix; raises ``UnknownFormat`` with what is offered.

    >>> choose_format("entities", ("turtle",), name=None, suffix=".ttl").name
    'turtle'
    """
    known = [form for form in FORMATS if form.name in offered]
    for form in known:
        if form.name == name or (name is None and form.suffix == suffix.lower()):
            return form
    listed = ", ".join(f"{form.name} ({form.suffix})" for form in known)
    asked = repr(name or suffix) if name or suffix else "a name without a suffix"
    raise UnknownFormat(f"{view} is not written as {asked}; choose one of {listed}")


def write_quads(quads: Iterable[Quad], form: ExportFormat, prefixes: Mapping[str, str]) -> bytes:
    """Return the quads in this format, sorted, so that equal sets give equal bytes.

    A format without graphs gets the set union. Raises ``InputError`` for what RDF/XML cannot hold.
    """
    if not form.keeps_graphs:
        quads = {Quad(quad.subject, quad.predicate, quad.object) for quad in quads}
    ordered = sorted(quads, key=sort_key)
    if form.rdf == RdfFormat.RDF_XML:
        for quad in ordered:
            _check_xml(quad)
    rows = ordered if form.keeps_graphs else [quad.triple for quad in ordered]
    written = serialize(rows, format=form.rdf, prefixes=dict(prefixes))
    assert written is not None  # noqa: S101 — for the type checker: bytes come back when no output is given
    return written


def _check_xml(quad: Quad) -> None:
    last = quad.predicate.value[-1:]
    if not (last.isalnum() or last in "_-."):
        raise InputError(f"RDF/XML cannot name the predicate {quad.predicate}; export to Turtle")
    local = quad.predicate.value.replace("#", "/").rsplit("/", 1)[-1]
    if not any(character.isalpha() or character == "_" for character in local):
        raise InputError(f"RDF/XML cannot name the predicate {quad.predicate}; export to Turtle")
    if _NOT_XML.intersection(str(getattr(quad.object, "value", ""))):
        raise InputError(f"XML has no such character as in {quad.object}; export to Turtle")
