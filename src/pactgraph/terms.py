"""The door to RDF terms: pyoxigraph's values are the one term type; here is what they lack.

Blank nodes never get past this door (RDF 1.1 Concepts §3.5, skolemization): each becomes an IRI, so that a
statement can be named again, in a patch or in another revision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from pactgraph.errors import InputError

_STRING = NamedNode("http://www.w3.org/2001/XMLSchema#string")
Subject = NamedNode | BlankNode | Triple
Term = NamedNode | BlankNode | Literal | Triple


def resolve_iri(reference: str, base: str | None = None) -> str:
    """Return the absolute IRI of a reference, resolved against ``base`` (RFC 3987 §6.5).

    Raises ``InputError`` when it is not an IRI, or is relative without a base.

    >>> resolve_iri("../b", "http://example.org/a/")
    'http://example.org/b'
    """
    try:
        document = f"<{reference}> <{reference}> <{reference}> ."
        first = next(iter(parse(document, format=RdfFormat.TURTLE, base_iri=base)))
    except (SyntaxError, ValueError, StopIteration):
        raise InputError(f"<{reference}> is not an absolute IRI; write it out in full") from None
    return str(first.predicate.value)


def skolemized(quads: Iterable[Quad], root: str) -> Iterator[Quad]:
    """Yield the quads with every blank node replaced by ``root`` and its number in order of appearance.

    The same document in the same order gives the same IRIs, whatever its blank nodes were called.

    >>> quad = Quad(BlankNode("x"), NamedNode("http://example.org/p"), BlankNode("x"))
    >>> found = next(skolemized([quad], "http://example.org/genid/"))
    >>> [found.subject.value, found.object.value]
    ['http://example.org/genid/1', 'http://example.org/genid/1']
    """
    names: dict[BlankNode, NamedNode] = {}

    def named(term: Term) -> Term:
        if isinstance(term, BlankNode):
            return names.setdefault(term, NamedNode(f"{root}{len(names) + 1}"))
        if isinstance(term, Triple):
            return Triple(named(term.subject), term.predicate, named(term.object))  # type: ignore[arg-type]  # a subject stays a subject
        return term

    for quad in quads:
        graph = quad.graph_name
        yield Quad(
            named(quad.subject),  # type: ignore[arg-type]  # a blank node becomes an IRI, nothing becomes a literal
            quad.predicate,
            named(quad.object),
            graph if isinstance(graph, DefaultGraph) else named(graph),  # type: ignore[arg-type]  # as above
        )


def canonical(quads: Iterable[Quad]) -> set[Quad]:
    """Return the quads as the store will give them back: numbers and dates in canonical form, each once.

    The engine stores numbers by value, so ``"01"^^xsd:integer`` is the same term as ``"1"^^xsd:integer``.
    """
    scratch = Store()
    scratch.extend(quads)
    return set(scratch)


def sort_key(quad: Quad) -> tuple[str, str, str, str]:
    """Return a key that orders quads the same way on every machine: graph, subject, predicate, object."""
    return (str(quad.graph_name), str(quad.subject), str(quad.predicate), str(quad.object))


def term_json(term: Term) -> dict[str, str]:
    """Return a term as the SPARQL 1.1 Query Results JSON Format writes it (§3.2.2).

    >>> term_json(Literal("가", language="ko"))
    {'type': 'literal', 'value': '가', 'xml:lang': 'ko'}
    """
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": str(term.value)}
    if not isinstance(term, Literal):
        return {"type": "other", "value": str(term)}
    written = {"type": "literal", "value": str(term.value)}
    if term.language:
        return written | {"xml:lang": str(term.language)}
    return written if term.datatype == _STRING else written | {"datatype": str(term.datatype.value)}
