"""What people call things: labels from the graph, IRIs in short, and IRIs from what people type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from pyoxigraph import DefaultGraph, Literal, NamedNode, RdfFormat, parse

from pactgraph import vocab
from pactgraph.app import open_for_reading
from pactgraph.cli.table import shorten
from pactgraph.errors import DataDirectoryError, InputError
from pactgraph.store import EmbeddedDataset

_LABELS = (
    NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel"),
    vocab.LABEL,
    vocab.TITLE,
    NamedNode("http://xmlns.com/foaf/0.1/name"),
)


class Names:
    """Names of terms for people: the prefixed name, and the label where a dataset gives one."""

    def __init__(self, prefixes: Mapping[str, str], dataset: EmbeddedDataset | None = None) -> None:
        self._prefixes = prefixes
        self._dataset = dataset
        self._known: dict[NamedNode, str | None] = {}

    def short(self, term: object) -> str:
        """Return the prefixed name of an IRI; of a literal its text."""
        return shorten(term, self._prefixes)

    def long(self, term: object) -> str:
        """Return the prefixed name, with the label in quotation marks."""
        label = self.label(term) if isinstance(term, NamedNode) else None
        return f"{self.short(term)} “{label}”" if label else self.short(term)

    def label(self, node: NamedNode) -> str | None:
        """Return the label of a thing, the English one before others."""
        if node not in self._known:
            self._known[node] = None if self._dataset is None else _label(self._dataset, node)
        return self._known[node]


def _label(dataset: EmbeddedDataset, node: NamedNode) -> str | None:
    for predicate in _LABELS:
        texts = [quad.object for quad in dataset.quads(node, predicate, graph=DefaultGraph())]
        labels = [text for text in texts if isinstance(text, Literal)]
        if labels:
            best = min(labels, key=lambda text: (text.language != "en", text.language or "", text.value))
            return shorten(Literal(best.value), {})
    return None


@contextmanager
def open_names(data: Path) -> Iterator[Names]:
    """Open the names that a data directory gives; while a server holds it, prefixed names have to do."""
    prefixes = vocab.prefixes()
    try:
        dataset = open_for_reading(data)
    except DataDirectoryError as error:
        if error.code != "data-locked":
            raise
        yield Names(prefixes)
        return
    with dataset:
        yield Names(prefixes, dataset)


def read_iri(text: str, prefixes: Mapping[str, str]) -> NamedNode:
    """Return the IRI that a person wrote: in full, in angle brackets, or as a prefixed name.

    >>> read_iri("ex:a", {"ex": "http://example.org/"}).value
    'http://example.org/a'

    Raises ``InputError`` for anything else.
    """
    prefix, colon, rest = text.partition(":")
    is_prefixed = colon and prefix in prefixes and not rest.startswith("//")
    iri = f"{prefixes[prefix]}{rest}" if is_prefixed else text.removeprefix("<").removesuffix(">")
    try:
        if is_prefixed or "://" in text or text.startswith("<"):
            return NamedNode(iri)
    except ValueError:
        pass
    raise InputError(
        f"“{text}” is not an IRI; write <https://…> or a prefixed name such as event:{rest or 'x'}."
    )


def read_term(text: str, prefixes: Mapping[str, str]) -> NamedNode | Literal:
    """Return the term that a person wrote: an IRI (see ``read_iri``), a literal as in Turtle, or plain text.

    >>> read_term('"Seoul"@en', {}).language
    'en'
    >>> read_term("6", {}).datatype.value
    'http://www.w3.org/2001/XMLSchema#integer'
    >>> read_term("Seoul Forum", {}).value
    'Seoul Forum'
    """
    with suppress(InputError):
        return read_iri(text, prefixes)
    head = "".join(f"@prefix {name}: <{place}> .\n" for name, place in prefixes.items())
    with suppress(SyntaxError, ValueError):
        quads = list(parse(f"{head}<urn:a> <urn:b> {text} .", format=RdfFormat.TURTLE))
        if len(quads) == 1 and isinstance(quads[0].object, Literal):
            return quads[0].object
    return Literal(text)
