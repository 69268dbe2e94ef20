"""The published documents: Turtle files read as one graph, for RDF in every format and for the HTML pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from pactgraph.query.formats import ResultFormat
from pactgraph.resources import shipped, shipped_files
from pactgraph.vocab import RDF
from pactgraph.web.service_description import serialize

Node = ox.NamedNode | ox.BlankNode
Term = Node | ox.Literal


@dataclass(frozen=True)
class Documents:
    """The files behind ``/ontology``, ``/topics`` and ``/shapes``."""

    ontology: tuple[Path, ...]
    topics: tuple[Path, ...]
    shapes: tuple[Path, ...]

    @classmethod
    def of_installation(cls) -> Documents:
        """Return the documents that pactgraph ships."""
        ontology = shipped("ontology")
        return cls(
            ontology=tuple(ontology / f"{part}.ttl" for part in ("pact", "codes", "alignments")),
            topics=(ontology / "topics.ttl",),
            shapes=tuple(shipped_files("shapes", ".ttl")),
        )


@dataclass(frozen=True)
class Text:
    """A text in a language (the empty string when none is given)."""

    value: str
    language: str


class Document:
    """One document, read from its files; small, so it is read for each request and never out of date."""

    def __init__(self, paths: tuple[Path, ...]) -> None:
        self._sources = [path.read_bytes() for path in paths]
        self.prefixes: dict[str, str] = {}
        self._properties: dict[Term, list[tuple[str, Term]]] = defaultdict(list)
        self._mentions: dict[Term, list[tuple[str, Node]]] = defaultdict(list)
        for subject, predicate, value in dict.fromkeys(self._read()):
            self._properties[subject].append((predicate, value))
            self._mentions[value].append((predicate, subject))

    @property
    def identity(self) -> bytes:
        """What tells two versions of the document apart: the bytes of its files."""
        return b"\0".join(self._sources)

    def to_format(self, format_: ResultFormat) -> bytes:
        """Return the document in a graph format; Turtle as its authors wrote it."""
        if format_.media_type == "text/turtle":
            return b"\n".join(self._sources)
        triples = [
            ox.Triple(subject, ox.NamedNode(predicate), value)
            for subject, properties in self._properties.items()
            for predicate, value in properties
            if not isinstance(subject, ox.Literal)
        ]
        return serialize(triples, format_, self.prefixes)

    def of_type(self, *types: str) -> list[Node]:
        """Return the subjects of any of these classes, in the order of the document."""
        found = [subject for each in types for subject in self.subjects(f"{RDF}type", ox.NamedNode(each))]
        return list(dict.fromkeys(found))

    def subjects(self, predicate: str, value: Term) -> list[Node]:
        """Return what points at ``value`` with ``predicate``."""
        return [subject for name, subject in self._mentions.get(value, ()) if name == predicate]

    def values(self, subject: Term, predicate: str) -> list[Term]:
        """Return the objects of one property."""
        return [value for name, value in self._properties.get(subject, ()) if name == predicate]

    def value(self, subject: Term, predicate: str) -> Term | None:
        """Return the only, or the first, object of a property."""
        return next(iter(self.values(subject, predicate)), None)

    def texts(self, subject: Term, *predicates: str) -> list[Text]:
        """Return the literals of the first of these properties that has any, English first."""
        for predicate in predicates:
            found = [each for each in self.values(subject, predicate) if isinstance(each, ox.Literal)]
            if found:
                texts = (Text(each.value, each.language or "") for each in found)
                return sorted(texts, key=lambda text: (text.language != "en", text.language, text.value))
        return []

    def members(self, head: Term | None) -> Iterator[Term]:
        """Walk an RDF list; one that runs in a circle ends where it began."""
        seen: set[Term] = set()
        while head is not None and head not in seen:
            seen.add(head)
            yield from self.values(head, f"{RDF}first")[:1]
            head = self.value(head, f"{RDF}rest")

    def compact(self, iri: str) -> str:
        """Shorten an IRI with the document's own prefixes."""
        candidates = [(space, prefix) for prefix, space in self.prefixes.items() if iri.startswith(space)]
        if not candidates:
            return iri
        space, prefix = max(candidates, key=lambda each: (len(each[0]), each[1]))
        return f"{prefix}:{iri.removeprefix(space)}"

    def _read(self) -> Iterator[tuple[Node, str, Term]]:
        """Parse the files, with blank nodes numbered in order: so each reading gives the very same graph."""
        numbered: dict[ox.BlankNode, ox.BlankNode] = {}
        for source in self._sources:
            parser = ox.parse(source, ox.RdfFormat.TURTLE, rename_blank_nodes=True)
            for quad in parser:
                subject, value = _stable(quad.subject, numbered), _stable(quad.object, numbered)
                if isinstance(subject, ox.Literal):
                    raise TypeError("a literal is no subject")
                yield subject, quad.predicate.value, value
            self.prefixes |= parser.prefixes


def _stable(term: Term | ox.Triple, numbered: dict[ox.BlankNode, ox.BlankNode]) -> Term:
    if isinstance(term, ox.Triple):
        raise TypeError("the shipped documents hold no triple terms")
    if isinstance(term, ox.BlankNode):
        return numbered.setdefault(term, ox.BlankNode(f"b{len(numbered)}"))
    return term
