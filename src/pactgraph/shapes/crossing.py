"""Where pyoxigraph terms become rdflib terms, and graphs are copied into memory for the validator."""

# ruff: noqa: ANN401 - pyoxigraph takes a term of another kind for each place

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from typing import Any

import pyoxigraph as ox
from rdflib import XSD, BNode, Dataset, Graph, IdentifiedNode, Literal, URIRef
from rdflib.term import Node

# An ill-typed literal ("soon"^^xsd:date) is the reporter's business: rdflib would log a stack trace for each.
logging.getLogger("rdflib").addHandler(logging.NullHandler())

_ZONE = r"(?:Z|[+-]\d\d:\d\d)?"
_UNCHECKED = {
    # rdflib believes any of these dates, and warns on stderr of a strange boolean
    XSD.boolean: re.compile(r"true|false|0|1"),
    XSD.gYear: re.compile(rf"-?\d{{4,}}{_ZONE}"),
    XSD.gYearMonth: re.compile(rf"-?\d{{4,}}-(?:0[1-9]|1[0-2]){_ZONE}"),
    XSD.gMonth: re.compile(rf"--(?:0[1-9]|1[0-2]){_ZONE}"),
    XSD.gDay: re.compile(rf"---(?:0[1-9]|[12]\d|3[01]){_ZONE}"),
    XSD.gMonthDay: re.compile(rf"--(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]){_ZONE}"),
}


def to_rdflib(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> IdentifiedNode | Literal:
    """Return the rdflib term with the same meaning, its lexical form untouched.

    A plain text has no datatype in rdflib, where ``"x"`` and ``"x"^^xsd:string`` are two terms.

    >>> to_rdflib(ox.Literal("x"))
    rdflib.term.Literal('x')
    """
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if isinstance(term, ox.Triple):
        raise ValueError("rdflib has no triple terms (RDF 1.2); they are refused where documents are read")
    if term.language is not None:
        return Literal(term.value, lang=term.language)
    datatype = URIRef(term.datatype.value)
    if datatype == XSD.string:
        return Literal(term.value)
    if datatype in _UNCHECKED and not _UNCHECKED[datatype].fullmatch(term.value):
        return _ill_typed(term.value, datatype)
    return Literal(term.value, datatype=datatype, normalize=False)


def _ill_typed(text: str, datatype: URIRef) -> Literal:
    """Return a literal that says of itself that it is ill-typed, which rdflib does not find out."""
    literal = Literal(text)
    literal._datatype = datatype
    literal._value = None
    literal._ill_typed = True
    return literal


def graph_of(quads: Iterable[ox.Quad]) -> Graph:
    """Return the set of the quads' triples as an rdflib graph in memory."""
    graph = Graph(bind_namespaces="none")
    for quad in quads:
        graph.add((to_rdflib(quad.subject), URIRef(quad.predicate.value), to_rdflib(quad.object)))
    return graph


def memory_copy(graph: Graph) -> Graph:
    """Return a copy in memory: a view on a store answers the validator's many small look-ups too slowly.

    A Dataset stands for its default graph.
    """
    copy = Graph(bind_namespaces="none")
    for subject, predicate, value in graph.default_graph if isinstance(graph, Dataset) else graph:
        copy.add((subject, predicate, _plain(value)))
    return copy


def _plain(value: Node) -> Node:
    """Write ``"x"^^xsd:string``, as views on a store spell it, as ``"x"``."""
    if isinstance(value, Literal) and value.datatype == XSD.string:
        return Literal(str(value))
    return value


def from_rdflib(term: Node | None) -> Any:
    """Return the pyoxigraph term with the same meaning.

    >>> from_rdflib(Literal("x")) == ox.Literal("x")
    True
    """
    if isinstance(term, URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, Literal):
        if term.language:
            return ox.Literal(str(term), language=term.language)
        return (
            ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype)))
            if term.datatype
            else ox.Literal(str(term))
        )
    return ox.BlankNode(str(term)) if isinstance(term, BNode) else None


def store_of(graph: Graph) -> ox.Store:
    """Return a store in memory with the triples of a graph; a Dataset stands for its default graph."""
    store = ox.Store()
    triples = graph.default_graph if isinstance(graph, Dataset) else graph
    store.extend(ox.Quad(*map(from_rdflib, triple)) for triple in triples)
    return store
