"""Is this thing in the graph already? A hint for each pair that a name or an identifier makes look the same.

It never refuses anything: two people may have one name. Only what the patch brings is looked at, so that the
cost follows the patch.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox
from rdflib import DCTERMS, FOAF, RDF, RDFS, SH, SKOS, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from pactgraph.names import folded
from pactgraph.shapes import answers
from pactgraph.shapes.crossing import to_rdflib
from pactgraph.shapes.labels import Labels, is_blank
from pactgraph.shapes.wording import Result

Namesakes = Callable[[Collection[str]], Mapping[str, Sequence[str]]]
"""Finds, for folded names, the IRIs of what has a name that folds to the same."""
Triple = tuple[Node, Node, Node]

PACT = Namespace("https://w3id.org/eukdp/ontology#")
RULE = URIRef("https://w3id.org/eukdp/shapes#PossibleDuplicate")
COMPONENT = URIRef("https://w3id.org/eukdp/shapes#DuplicateConstraintComponent")
NAMES = (SKOS.prefLabel, SKOS.altLabel, RDFS.label, FOAF.name, DCTERMS.title)
IDENTIFIERS = (
    *(PACT.ror, PACT.wikidata, PACT.crossrefFunder, PACT.callId, PACT.grantNumber, PACT.isoCode),
    DCTERMS.identifier,
)
"""What identifies a thing; ``dcterms:identifier`` only among things of one class."""
_MOST = 100
"""How many hints a report has at most: whoever submits thousands of things twice knows by then."""


@dataclass(frozen=True)
class _Pair:
    """A new thing, what it may be again, and what they have in common: a value, by a property."""

    focus: Node
    other: Node
    shared: Node
    predicate: Node


def no_namesakes(_: Collection[str]) -> dict[str, list[str]]:
    """Know no names but those of the patch."""
    return {}


def namesakes_in(base: answers.Committed) -> Namesakes:
    """Return what finds the namesakes in a graph, whose names are read once, when first asked for."""
    known: dict[str, list[str]] = {}

    def find(keys: Collection[str]) -> dict[str, list[str]]:
        if not known:
            for predicate in NAMES:
                for subject, _, text in base.triples(None, ox.NamedNode(predicate), None):
                    if isinstance(subject, ox.NamedNode) and isinstance(text, ox.Literal):
                        known.setdefault(folded(text.value), []).append(subject.value)
        return {key: known[key] for key in keys if key in known}

    return find


def possible_duplicates(
    after: Graph, added: Iterable[answers.Triple], namesakes: Namesakes, report: Graph
) -> list[Result]:
    """Return a hint for each new thing that may be one that ``after`` has already, or has twice now.

    ``added`` is what the patch brings to the default graph. The standard ``report`` gets the same results,
    with the severity ``sh:Info``.
    """
    labels = Labels(after)
    seen: set[frozenset[Node]] = set()
    found = []
    for pair in _pairs(after, [_crossed(triple) for triple in added], namesakes):
        both = frozenset({pair.focus, pair.other})
        if both not in seen:
            seen.add(both)
            found.append(pair)
    return [_result(labels, after, pair, report) for pair in islice(found, _MOST)]


def _crossed(triple: answers.Triple) -> Triple:
    return to_rdflib(triple[0]), to_rdflib(triple[1]), to_rdflib(triple[2])


def _pairs(after: Graph, added: list[Triple], namesakes: Namesakes) -> Iterator[_Pair]:
    """Yield what looks the same: by identifier, which says more, then by name."""
    for subject, predicate, value in added:
        if predicate in IDENTIFIERS:
            for other in sorted(set(after.subjects(predicate, value)) - {subject}, key=str):
                if predicate != DCTERMS.identifier or _alike(after, subject, other):
                    yield _Pair(subject, other, value, predicate)
    named = _new_names(after, added)
    mine: dict[str, list[Node]] = {}
    for key, (subject, _, _) in named:
        mine.setdefault(key, []).append(subject)
    known = namesakes(mine.keys())
    for key, (subject, predicate, value) in named:
        others: dict[Node, None] = dict.fromkeys(URIRef(iri) for iri in known.get(key, ()))
        for other in others | dict.fromkeys(mine[key]):
            if other != subject and _is_called(after, other, key) and _alike(after, subject, other):
                yield _Pair(subject, other, value, predicate)


def _new_names(after: Graph, added: list[Triple]) -> list[tuple[str, Triple]]:
    """Return the names of things that have no class but from the patch, with what they fold to."""
    typed = {(subject, value) for subject, predicate, value in added if predicate == RDF.type}
    candidates = {subject for subject, _ in typed if not is_blank(subject)}
    new = {
        each for each in candidates if all((each, kind) in typed for kind in after.objects(each, RDF.type))
    }
    keyed = ((folded(str(triple[2])), triple) for triple in added if triple[1] in NAMES and triple[0] in new)
    return [(key, triple) for key, triple in keyed if key]


def _is_called(graph: Graph, node: Node, key: str) -> bool:
    return any(folded(str(text)) == key for predicate in NAMES for text in graph.objects(node, predicate))


def _alike(graph: Graph, one: Node, other: Node) -> bool:
    """Whether both are of one class, or the class of one is above that of the other."""
    first, second = set(graph.objects(one, RDF.type)), set(graph.objects(other, RDF.type))
    return bool(first & _with_superclasses(graph, second) or second & _with_superclasses(graph, first))


def _with_superclasses(graph: Graph, kinds: Iterable[Node]) -> set[Node]:
    found = (above for kind in kinds for above in graph.transitive_objects(kind, RDFS.subClassOf))
    return {above for above in found if above is not None}


def _result(labels: Labels, graph: Graph, pair: _Pair, report: Graph) -> Result:
    """Return the hint, in the form of any other result, and add it to the standard report."""
    node = BNode()
    common = labels.quoted(pair.shared)
    if pair.predicate in IDENTIFIERS:
        reason = f"both have the {labels.of(pair.predicate)} {common}"
    else:
        reason = f"both are called {common} and are of the class {_class(labels, graph, pair)}"
    message = f"{labels.quoted(pair.focus)} may be {labels.quoted(pair.other)} again: {reason}."
    names = labels.quoted(pair.focus, "ko"), labels.quoted(pair.other, "ko")
    korean = f"{names[0]}은(는) {names[1]}와(과) 같은 대상일 수 있습니다."
    report.add((node, RDF.type, SH.ValidationResult))
    report.add((node, SH.focusNode, pair.focus))
    report.add((node, SH.value, pair.other))
    report.add((node, SH.resultSeverity, SH.Info))
    report.add((node, SH.sourceShape, RULE))
    report.add((node, SH.sourceConstraintComponent, COMPONENT))
    report.add((node, SH.resultMessage, Literal(message, lang="en")))
    report.add((node, SH.resultMessage, Literal(korean, lang="ko")))
    return Result(
        code="possible-duplicate",
        severity="Info",
        focus=pair.focus,
        focus_label=labels.of(pair.focus),
        path=None,
        path_label=None,
        value=pair.other,
        value_label=labels.of(pair.other),
        shape=str(RULE),
        constraint=None,
        component=str(COMPONENT),
        message=message,
        message_ko=korean,
        suggestion=f"if they are the same thing, state the facts about {pair.other.n3()} instead",
        node=node,
    )


def _class(labels: Labels, graph: Graph, pair: _Pair) -> str:
    kinds = sorted(set(graph.objects(pair.other, RDF.type)), key=str)
    return labels.quoted(kinds[0])
