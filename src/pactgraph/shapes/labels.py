"""Names for people: what a node is called in the graph, in English or Korean."""

from __future__ import annotations

from collections.abc import Iterable

from rdflib import DCTERMS, FOAF, RDF, RDFS, SKOS, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from pactgraph.shapes.naming import local_name

_LABELS = (SKOS.prefLabel, RDFS.label, DCTERMS.title, FOAF.name)
_LANGUAGES = {"en": ("en", "", "ko"), "ko": ("ko", "en", "")}


class Labels:
    """Looks names up in one graph that holds the facts and the ontology."""

    def __init__(self, graph: Graph) -> None:
        """Look names up in this graph."""
        self._graph = graph

    def of(self, node: Node, language: str = "en") -> str:
        """Return the label of a node; without any, the last part of its IRI.

        Languages fall back from the one asked for to English or Korean, then to any.
        """
        if isinstance(node, Literal):
            return str(node)
        given = [text for predicate in _LABELS for text in self._graph.objects(node, predicate)]
        texts = [text for text in given if isinstance(text, Literal)]
        if texts:
            return str(_best(texts, _LANGUAGES[language]))
        return self._unnamed(node, language)

    def quoted(self, node: Node, language: str = "en") -> str:
        """Return the label between quotation marks; a number or date stands without them."""
        if isinstance(node, Literal) and node.datatype is not None and node[:1] in set("+-0123456789"):
            return str(node)
        return f"“{_shortened(self.of(node, language))}”"

    def kinds(self, node: Node) -> list[str]:
        """Return the labels of the node's classes."""
        return sorted(self.of(kind) for kind in self._graph.objects(node, RDF.type))

    def several(self, nodes: Iterable[Node], limit: int = 12) -> str:
        """Return the labels as an enumeration, cut after ``limit``."""
        names = sorted({self.of(node) for node in nodes})
        shown = ", ".join(f"“{name}”" for name in names[:limit])
        return shown if len(names) <= limit else f"{shown} … ({len(names)} in all)"

    def _unnamed(self, node: Node, language: str) -> str:
        if isinstance(node, URIRef) and "/.well-known/genid/" not in str(node):
            return local_name(node)
        kinds = sorted(self.of(kind, language) for kind in self._graph.objects(node, RDF.type))
        unnamed = "이름 없는" if language == "ko" else "unnamed"
        return f"{unnamed} {kinds[0]}" if kinds else f"{unnamed} node"


def is_blank(node: Node) -> bool:
    """Say whether a node is anonymous: blank, or a blank node that was given a stand-in IRI."""
    return isinstance(node, BNode) or "/.well-known/genid/" in str(node)


def _best(texts: list[Literal], languages: tuple[str, ...]) -> Literal:
    """Return the text in the first language there is; equal ones in alphabetical order."""

    def rank(text: Literal) -> tuple[int, str]:
        tag = (text.language or "").partition("-")[0].lower()
        return (languages.index(tag) if tag in languages else len(languages), str(text))

    return min(texts, key=rank)


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}…"
