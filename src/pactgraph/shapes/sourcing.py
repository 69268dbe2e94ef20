"""Every fact has a source: which graph a statement belongs to, and whether that graph's source is
described."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pyoxigraph as ox
from rdflib import DCTERMS, PROV, RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from pactgraph.errors import InputError
from pactgraph.shapes.crossing import to_rdflib
from pactgraph.shapes.labels import Labels
from pactgraph.shapes.wording import Result

GraphName = ox.NamedNode | ox.BlankNode | ox.DefaultGraph
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
    if not source.startswith(SOURCES) or not slug or any(sign in slug for sign in '/?#<>"{}|\\^` \t\n'):
        raise InputError(
            f"“{source}” is not the IRI of a source; write {SOURCES} and the source's short name."
        )
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

    ``after`` is the union graph with the patch; ``report`` is the standard report, which gets the same
    results. A source is described when it has a type and a title.
    """
    labels = Labels(after)
    by_graph: dict[GraphName, list[ox.Quad]] = {}
    for quad in quads:
        by_graph.setdefault(quad.graph_name, []).append(quad)
    faults = (_fault(after, labels, name, stated) for name, stated in by_graph.items())
    return [_result(labels, fault, report) for fault in faults if fault is not None]


class _Fault(NamedTuple):
    """What lacks a source, the source that is not described, why it is refused, what to do."""

    focus: Node
    source: Node | None
    reason: str
    advice: str


def _fault(after: Graph, labels: Labels, name: GraphName, stated: list[ox.Quad]) -> _Fault | None:
    if isinstance(name, ox.DefaultGraph):
        number = f"{len(stated)} statement{'s have' if len(stated) > 1 else ' has'}"
        advice = (
            f"name the source with --source {SOURCES}…, or write TriG with the graph of a described source"
        )
        return _Fault(
            to_rdflib(stated[0].subject), None, f"{number} no source, being outside any graph", advice
        )
    graph = to_rdflib(name)
    sources = sorted(after.objects(graph, PROV.hadPrimarySource), key=str)
    if not sources:
        advice = f"add {graph.n3()} prov:hadPrimarySource, followed by the source"
        return _Fault(graph, None, f"the graph {graph.n3()} has no source", advice)
    if any(_is_described(after, source) for source in sources):
        return None
    reason = f"the source {labels.quoted(sources[0])} of {graph.n3()} is not described"
    return _Fault(graph, sources[0], reason, f"give {sources[0].n3()} a type and a title (dcterms:title)")


def _is_described(after: Graph, source: Node) -> bool:
    return (source, RDF.type, None) in after and (source, DCTERMS.title, None) in after


def _result(labels: Labels, fault: _Fault, report: Graph) -> Result:
    """Return the result, in the form of any other, and add it to the standard report."""
    node = BNode()
    message = f"{fault.reason[0].upper()}{fault.reason[1:]}; facts without a source are not let in."
    report.add((node, RDF.type, SH.ValidationResult))
    report.add((node, SH.focusNode, fault.focus))
    report.add((node, SH.resultSeverity, SH.Violation))
    report.add((node, SH.sourceShape, RULE))
    report.add((node, SH.sourceConstraintComponent, NO_SOURCE))
    report.add((node, SH.resultMessage, Literal(message, lang="en")))
    if fault.source is not None:
        report.add((node, SH.value, fault.source))
    return Result(
        code="no-source",
        severity="Violation",
        focus=fault.focus,
        focus_label=labels.of(fault.focus),
        path=None,
        path_label=None,
        value=fault.source,
        value_label=None if fault.source is None else labels.of(fault.source),
        shape=str(RULE),
        constraint=None,
        component=str(NO_SOURCE),
        message=message,
        message_ko="출처가 없는 사실은 받지 않습니다.",
        suggestion=fault.advice,
        node=node,
    )
