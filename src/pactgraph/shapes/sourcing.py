"""Every fact has a source: which graph a statement belongs to, and whether that graph's source is described."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox
from rdflib import DCTERMS, PROV, RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from pactgraph.errors import InputError
from pactgraph.shapes.crossing import to_rdflib
from pactgraph.shapes.labels import Labels
from pactgraph.shapes.wording import Result

SOURCES = "https://w3id.org/eukdp/source/"
GRAPHS = "https://w3id.org/eukdp/graph/"
NO_SOURCE = URIRef("https://w3id.org/eukdp/shapes#SourceConstraintComponent")
RULE = URIRef("https://w3id.org/eukdp/shapes#EveryFactHasASource")


def graph_of_source(source: str) -> str:
    """Return the named graph that holds what a source states.

    >>> graph_of_source("https://w3id.org/eukdp/source/press-release-2024")
    'https://w3id.org/eukdp/graph/press-release-2024'

    Raises InputError for what is not the IRI of a source.
    """
    slug = source.removeprefix(SOURCES)
    if not source.startswith(SOURCES) or not slug or any(sign in slug for sign in "/?#<>\"{}|\\^` \t\n"):
        raise InputError(f"“{source}” is not the IRI of a source; write {SOURCES} and the source's short name.")
    return GRAPHS + slug


def attributed(quads: Iterable[ox.Quad], source: str | None) -> list[ox.Quad]:
    """Put the statements without a graph into the graph of a source, and tie that graph to it.

    Without a source the quads come back as they are.
    """
    given = list(quads)
    if source is None:
        return given
    graph = ox.NamedNode(graph_of_source(source))
    placed = [
        ox.Quad(quad.subject, quad.predicate, quad.object, graph)
        if isinstance(quad.graph_name, ox.DefaultGraph)
        else quad
        for quad in given
    ]
    tie = ox.Quad(graph, ox.NamedNode(str(PROV.hadPrimarySource)), ox.NamedNode(source), graph)
    return [*placed, tie]


def unsourced(after: Graph, quads: Iterable[ox.Quad], report: Graph) -> list[Result]:
    """Return one result per graph of the patch whose source is missing or not described.

    ``after`` is the union graph with the patch; ``report`` is the standard report, which gets the same results. A
    source is described when it has a type and a title.
    """
    labels = Labels(after)
    by_graph: dict[ox.NamedNode | ox.BlankNode | ox.DefaultGraph, list[ox.Quad]] = {}
    for quad in quads:
        by_graph.setdefault(quad.graph_name, []).append(quad)
    found = []
    for name, stated in by_graph.items():
        focus, value, reason, advice = _fault(after, labels, name, stated)
        if reason:
            found.append(_result(labels, focus, value, reason, advice, report))
    return found


def _fault(
    after: Graph, labels: Labels, name: ox.NamedNode | ox.BlankNode | ox.DefaultGraph, stated: list[ox.Quad]
) -> tuple[Node, Node | None, str, str]:
    if isinstance(name, ox.DefaultGraph):
        focus = to_rdflib(stated[0].subject)
        number = f"{len(stated)} statement{'s have' if len(stated) > 1 else ' has'}"
        advice = f"name the source with --source {SOURCES}…, or put them into the graph of a described source (TriG)"
        return focus, None, f"{number} no source: they stand outside any graph", advice
    graph = to_rdflib(name)
    sources = sorted(after.objects(graph, PROV.hadPrimarySource), key=str)
    if not sources:
        advice = f"add {graph.n3()} prov:hadPrimarySource, followed by the source"
        return graph, None, f"the graph {graph.n3()} has no source", advice
    if any(_is_described(after, source) for source in sources):
        return graph, None, "", ""
    advice = f"give {sources[0].n3()} a type and a title (dcterms:title)"
    return graph, sources[0], f"the source {labels.quoted(sources[0])} of {graph.n3()} is not described", advice


def _is_described(after: Graph, source: Node) -> bool:
    return (source, RDF.type, None) in after and (source, DCTERMS.title, None) in after


def _result(labels: Labels, focus: Node, value: Node | None, reason: str, advice: str, report: Graph) -> Result:
    """Return the result, in the form of any other, and add it to the standard report."""
    node = BNode()
    message = f"Facts without a source are not let in: {reason}."
    report.add((node, RDF.type, SH.ValidationResult))
    report.add((node, SH.focusNode, focus))
    report.add((node, SH.resultSeverity, SH.Violation))
    report.add((node, SH.sourceShape, RULE))
    report.add((node, SH.sourceConstraintComponent, NO_SOURCE))
    report.add((node, SH.resultMessage, Literal(message, lang="en")))
    if value is not None:
        report.add((node, SH.value, value))
    return Result(
        code="no-source",
        severity="Violation",
        focus=focus,
        focus_label=labels.of(focus),
        path=None,
        path_label=None,
        value=value,
        value_label=None if value is None else labels.of(value),
        shape=str(RULE),
        constraint=None,
        component=str(NO_SOURCE),
        message=message,
        message_ko="출처가 없는 사실은 받지 않습니다.",
        suggestion=advice,
        node=node,
    )
