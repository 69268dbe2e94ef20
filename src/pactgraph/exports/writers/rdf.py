"""Turtle, N-Quads, TriG, N-Triples and JSON-LD.

A view of the statements themselves is written as these statements. Any other network is written with the
terms of ``https://w3id.org/eukdp/export#``: an edge is a resource with ``source``, ``target`` and its
attributes.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any

import pyoxigraph as ox

from pactgraph.errors import InputError
from pactgraph.exports.about import CONTROL, About, as_text
from pactgraph.exports.network import Kind, Network, Rows, records
from pactgraph.exports.writers.xml import NOT_XML_TEXT
from pactgraph.terms import sort_key
from pactgraph.vocab import BASE, GENID, PROV, RDF, RDFS, XSD

EXPORT = f"{BASE}export#"
_TYPE, _LABEL = ox.NamedNode(f"{RDF}type"), ox.NamedNode(f"{RDFS}label")
_SOURCES = ox.NamedNode(f"{PROV}hadPrimarySource")
_DATATYPES: dict[Kind, ox.NamedNode] = {
    "text": ox.NamedNode(f"{XSD}string"),
    "integer": ox.NamedNode(f"{XSD}integer"),
    "double": ox.NamedNode(f"{XSD}double"),
    "boolean": ox.NamedNode(f"{XSD}boolean"),
}
_DATES = {4: "gYear", 7: "gYearMonth", 10: "date"}
_ESCAPE = re.compile(rb"\\(?:u[0-9A-F]{4}|.)")
_NONCHARACTERS = {rb"\uFFFE": "\ufffe".encode(), rb"\uFFFF": "\uffff".encode()}
_KEEPS_GRAPHS = {ox.RdfFormat.N_QUADS, ox.RdfFormat.TRIG, ox.RdfFormat.JSON_LD}


def write_rdf(
    quads: Iterable[ox.Quad], about: About, stream: IO[bytes], form: ox.RdfFormat, prefixes: Mapping[str, str]
) -> None:
    """Write quads, sorted; without graphs each triple once. The description goes into comments.

    RDF/XML holds fewer characters than RDF; those that it lacks are replaced, and counted in its comment.
    Raises ``InputError`` for a predicate that RDF/XML cannot name.
    """
    if form not in _KEEPS_GRAPHS:
        quads = {ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads}
    ordered = sorted(set(quads), key=sort_key)
    if form == ox.RdfFormat.JSON_LD:
        written = ox.serialize(ordered, format=form) or b"[]"
        # a key that the context does not know is no RDF (JSON-LD 1.1 §4.1.2), so it may say what the file is
        head = json.dumps({"@context": {"@version": 1.1}, "pactgraph": about.entries()}, ensure_ascii=False)
        stream.write(head.encode()[:-1] + b', "@graph": ' + written + b"}\n")
    elif form == ox.RdfFormat.RDF_XML:
        _write_xml(ordered, about, stream, prefixes)
    else:
        for line in _described(about.entries()):
            stream.write(f"# {line}\n".encode())
        rows: Any = ordered if form in _KEEPS_GRAPHS else [quad.triple for quad in ordered]
        named = None if form == ox.RdfFormat.N_QUADS else dict(prefixes)
        stream.write(_plain(_serialized(rows, form, named)))


def _described(entries: dict[str, Any]) -> Iterator[str]:
    return (f"{name}: {line}" for name, value in as_text(entries).items() for line in value.splitlines())


def _serialized(rows: Any, form: ox.RdfFormat, prefixes: dict[str, str] | None) -> bytes:  # noqa: ANN401 — quads or triples
    scratch = io.BytesIO()
    ox.serialize(rows, scratch, format=form, prefixes=prefixes)
    return scratch.getvalue()


def _plain(written: bytes) -> bytes:
    """Return the document with U+FFFE and U+FFFF as they are: raptor takes them so, and not as escapes."""
    if b"\\uFFF" not in written:
        return written
    return _ESCAPE.sub(lambda found: _NONCHARACTERS.get(found[0], found[0]), written)


def _write_xml(
    quads: Iterable[ox.Quad], about: About, stream: IO[bytes], prefixes: Mapping[str, str]
) -> None:
    controls, rows = 0, []
    for quad in quads:
        _check_name(quad.predicate)
        literal = quad.object
        if isinstance(literal, ox.Literal) and NOT_XML_TEXT.search(literal.value):
            text, count = NOT_XML_TEXT.subn("�", literal.value)
            controls += count
            named = {"language": literal.language} if literal.language else {"datatype": literal.datatype}
            literal = ox.Literal(text, **named)
        rows.append(ox.Triple(quad.subject, quad.predicate, literal))
    declaration, _, body = _serialized(rows, ox.RdfFormat.RDF_XML, dict(prefixes)).partition(b"?>")
    lines = [NOT_XML_TEXT.sub("�", line) for line in _described(about.entries(**{CONTROL: controls}))]
    comment = "\n".join(lines).replace("--", "- -").replace("--", "- -")  # XML 1.0 §2.5
    stream.write(declaration + f"?>\n<!--\n{comment}\n-->".encode() + body)


def statement_quads(solutions: Iterable[Any]) -> Iterator[ox.Quad]:
    """Yield the quads of a query with ``?subject ?predicate ?object ?graph``."""
    for row in solutions:
        yield ox.Quad(row["subject"], row["predicate"], row["object"], row["graph"])


def network_quads(network: Network) -> Iterator[ox.Quad]:
    """Yield the nodes and edges of a network as quads of the default graph."""
    for node in records(network.nodes):
        subject = _resource(str(node.pop("id")))
        yield ox.Quad(subject, _TYPE, ox.NamedNode(f"{EXPORT}Node"))
        yield from _attributes(subject, node, network.nodes)
    for number, edge in enumerate(records(network.edges)):
        text = json.dumps([number, edge], ensure_ascii=False, sort_keys=True)
        subject = ox.NamedNode(f"{GENID}edge-{hashlib.sha256(text.encode()).hexdigest()[:32]}")
        yield ox.Quad(subject, _TYPE, ox.NamedNode(f"{EXPORT}Edge"))
        yield ox.Quad(subject, ox.NamedNode(f"{EXPORT}source"), _resource(edge.pop("source")))
        yield ox.Quad(subject, ox.NamedNode(f"{EXPORT}target"), _resource(edge.pop("target")))
        for source in edge.pop("sources", "").split():
            yield ox.Quad(subject, _SOURCES, _resource(source))
        yield from _attributes(subject, edge, network.edges)


def _attributes(subject: ox.NamedNode, cells: Mapping[str, Any], rows: Rows) -> Iterator[ox.Quad]:
    for column in rows.columns:
        if column.name not in cells:
            continue
        predicate = _LABEL if column.name == "label" else ox.NamedNode(EXPORT + local(column.name))
        yield ox.Quad(subject, predicate, _literal(cells[column.name], column.kind))


def local(name: str) -> str:
    """Return a column's name as the end of an IRI."""
    return "".join(character if character.isalnum() or character in "_-." else "_" for character in name)


def _literal(value: Any, kind: Kind) -> ox.Literal:  # noqa: ANN401 — any cell
    if kind == "date":
        datatype = _DATES.get(len(value), "dateTime" if "T" in value else "string")
        return ox.Literal(value, datatype=ox.NamedNode(XSD + datatype))
    if kind == "boolean":
        return ox.Literal("true" if value else "false", datatype=_DATATYPES[kind])
    return ox.Literal(str(value), datatype=_DATATYPES[kind])


def _resource(identifier: str) -> ox.NamedNode:
    """Return the IRI of a node; a blank node of a remote answer gets one, as stored data has none."""
    return ox.NamedNode(
        identifier if ":" in identifier and not identifier.startswith("_:") else GENID + local(identifier)
    )


def _check_name(predicate: ox.NamedNode) -> None:
    """Raise ``InputError`` for a predicate that RDF/XML cannot name; the engine would write it."""
    last = predicate.value.replace("#", "/").rsplit("/", 1)[-1]
    named = last[-1:].isalnum() or last[-1:] in {"_", "-", "."}
    if not named or not any(character.isalpha() or character == "_" for character in last):
        raise InputError(f"RDF/XML cannot name the predicate {predicate}; export to Turtle")
