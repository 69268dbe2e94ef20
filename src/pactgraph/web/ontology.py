"""``/ontology``: the classes, properties and code lists, as a page for people."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from pactgraph.vocab import DCTERMS, RDFS
from pactgraph.web.documents import Document, Text
from pactgraph.web.namespaces import OWL, SCHEMA, SKOS
from pactgraph.web.topics import Scheme, read_topics

_PROPERTY_TYPES = ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")


@dataclass(frozen=True)
class Reference:
    """A term that another one points at; ``anchor`` is set when it is described on the same page."""

    iri: str
    name: str
    anchor: str | None


@dataclass(frozen=True)
class VocabularyTerm:
    """A class or property with what its readers look for."""

    iri: str
    name: str
    anchor: str
    labels: list[Text]
    definitions: list[Text]
    notes: list[Text]
    parents: list[Reference]
    subjects: list[Reference]
    values: list[Reference]


@dataclass(frozen=True)
class OntologyPage:
    """What ``ontology.html`` shows."""

    titles: list[Text]
    descriptions: list[Text]
    classes: list[VocabularyTerm]
    properties: list[VocabularyTerm]
    code_lists: list[Scheme]


def read_ontology(document: Document) -> OntologyPage:
    """Read the page from the ontology's triples."""
    ontologies = document.of_type(f"{OWL}Ontology")
    first = ontologies[0] if ontologies else None
    classes = _terms(document, f"{OWL}Class", f"{RDFS}Class")
    properties = _terms(document, *(OWL + each for each in _PROPERTY_TYPES))
    space = f"{first.value}#" if first else "#"
    anchors = {term.value: _anchor(document, term.value, space) for term in classes + properties}
    return OntologyPage(
        titles=document.texts(first, f"{DCTERMS}title", f"{RDFS}label") if first else [],
        descriptions=document.texts(first, f"{DCTERMS}description", f"{RDFS}comment") if first else [],
        classes=[_describe(document, term, anchors) for term in classes],
        properties=[_describe(document, term, anchors) for term in properties],
        code_lists=read_topics(document),
    )


def _terms(document: Document, *types: str) -> list[ox.NamedNode]:
    """Return the named terms that have a label; the others are only mentioned."""
    found = [each for each in document.of_type(*types) if isinstance(each, ox.NamedNode)]
    labelled = [each for each in found if document.texts(each, f"{RDFS}label")]
    return sorted(labelled, key=lambda term: document.compact(term.value).lower())


def _anchor(document: Document, iri: str, space: str) -> str:
    """Return the fragment for a term: its own if it is ours, so that ``/ontology#Agreement`` leads there."""
    return iri.removeprefix(space) if iri.startswith(space) else document.compact(iri).replace(":", "-")


def _describe(document: Document, term: ox.NamedNode, anchors: dict[str, str]) -> VocabularyTerm:
    def references(*predicates: str) -> list[Reference]:
        found = [value for predicate in predicates for value in document.values(term, predicate)]
        named = sorted({value.value for value in found if isinstance(value, ox.NamedNode)})
        return [Reference(iri, document.compact(iri), anchors.get(iri)) for iri in named]

    return VocabularyTerm(
        iri=term.value,
        name=document.compact(term.value),
        anchor=anchors[term.value],
        labels=document.texts(term, f"{RDFS}label"),
        definitions=document.texts(term, f"{SKOS}definition", f"{RDFS}comment"),
        notes=document.texts(term, f"{SKOS}scopeNote"),
        parents=references(f"{RDFS}subClassOf", f"{RDFS}subPropertyOf"),
        subjects=references(f"{RDFS}domain", f"{SCHEMA}domainIncludes"),
        values=references(f"{RDFS}range", f"{SCHEMA}rangeIncludes"),
    )
