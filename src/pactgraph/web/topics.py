"""``/topics``: the topic scheme (SKOS) as a tree for people."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import pyoxigraph as ox

from pactgraph.vocab import DCTERMS
from pactgraph.web.documents import Document, Term, Text
from pactgraph.web.namespaces import SKOS


@dataclass(frozen=True)
class Topic:
    """A concept with its narrower ones."""

    iri: str
    anchor: str
    labels: list[Text]
    other_labels: list[Text]
    definitions: list[Text]
    narrower: list[Topic]


@dataclass(frozen=True)
class Scheme:
    """A concept scheme and its top concepts."""

    iri: str
    titles: list[Text]
    topics: list[Topic]


def read_topics(document: Document) -> list[Scheme]:
    """Read the tree of each concept scheme; a flat code list names no top concepts: all of it is on top."""
    return [_scheme(document, each) for each in document.of_type(f"{SKOS}ConceptScheme")]


def _scheme(document: Document, scheme: ox.NamedNode | ox.BlankNode) -> Scheme:
    members = document.subjects(f"{SKOS}inScheme", scheme)
    tops: list[Term] = [each for each in members if not document.values(each, f"{SKOS}broader")]
    tops += document.subjects(f"{SKOS}topConceptOf", scheme) + document.values(scheme, f"{SKOS}hasTopConcept")
    return Scheme(
        iri=scheme.value,
        titles=document.texts(scheme, f"{SKOS}prefLabel", f"{DCTERMS}title"),
        topics=_tree(document, tops, frozenset()),
    )


def _tree(document: Document, concepts: list[Term], above: frozenset[str]) -> list[Topic]:
    """Build the topics below ``above``; a concept that the file puts above itself is not repeated."""
    named = {each.value for each in concepts if isinstance(each, ox.NamedNode)}
    topics = [_topic(document, iri, above) for iri in named - above]
    return sorted(topics, key=lambda topic: [text.value.lower() for text in topic.labels])


def _topic(document: Document, iri: str, above: frozenset[str]) -> Topic:
    concept = ox.NamedNode(iri)
    narrower = document.subjects(f"{SKOS}broader", concept) + document.values(concept, f"{SKOS}narrower")
    return Topic(
        iri=iri,
        anchor="-".join(urlsplit(iri).path.split("/")[2:]),
        labels=document.texts(concept, f"{SKOS}prefLabel"),
        other_labels=document.texts(concept, f"{SKOS}altLabel"),
        definitions=document.texts(concept, f"{SKOS}definition"),
        narrower=_tree(document, narrower, above | {iri}),
    )
