"""What the page of an entity shows: its names, its statements with their sources, and what points to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from pyoxigraph import Literal, NamedNode

from pactgraph import vocab
from pactgraph.exports.ask import Ask
from pactgraph.resources import shipped
from pactgraph.web import urls
from pactgraph.web.documents import Text

_MOST_MENTIONS = 500  # mentions.rq and labels.rq ask for one more, to know whether there is more
_NAMES = ("http://www.w3.org/2004/02/skos/core#prefLabel", f"{vocab.RDFS}label", vocab.TITLE.value)

Row = tuple[NamedNode, NamedNode | Literal, NamedNode | None]


@dataclass(frozen=True)
class Reference:
    """A thing under its name; ``href`` leads to its page here, or out into the web; None for no link."""

    name: Text
    href: str | None


@dataclass(frozen=True)
class Value:
    """One value of a property, with the numbers of the sources that state it."""

    shown: Reference
    sources: tuple[int, ...]


@dataclass(frozen=True)
class Property:
    """A property with its values."""

    name: Reference
    values: list[Value]


@dataclass(frozen=True)
class EntityPage:
    """What ``entity.html`` shows; ``is_cut`` says that more things point to the entity than are listed."""

    iri: str
    names: list[Text]
    kinds: list[Reference]
    properties: list[Property]
    mentions: list[Property]
    is_cut: bool
    sources: list[Reference]


def query(name: str, entity: NamedNode) -> str:
    """Return the query ``queries/entity/{name}.rq`` about an entity.

    The IRI is one that the engine has checked, so it cannot end early and go on as SPARQL.
    """
    text = (shipped("queries") / "entity" / f"{name}.rq").read_text(encoding="utf-8")
    body = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    return body.replace("$entity", str(entity))


def is_known(entity: NamedNode, ask: Ask) -> bool:
    """Say whether anything is stated of an entity, or points to it."""
    return any(True for _ in ask(query("known", entity)))


def read_entity(entity: NamedNode, ask: Ask) -> EntityPage | None:
    """Ask for all that a page shows; None when there is nothing."""
    stated = [(row["predicate"], row["value"], row["source"]) for row in ask(query("stated", entity))]
    mentions = [(row["predicate"], row["value"], None) for row in ask(query("mentions", entity))]
    if not stated and not mentions:
        return None
    labels = Labels(entity, ask)
    sources = sorted({source for _, _, source in stated if source is not None}, key=lambda each: each.value)
    numbers = {source: number for number, source in enumerate(sources, 1)}
    return EntityPage(
        iri=entity.value,
        names=labels.of(entity),
        kinds=[
            labels.reference(kind)
            for kind in sorted({value for predicate, value, _ in stated if predicate == vocab.TYPE}, key=str)
        ],
        properties=_properties((row for row in stated if row[0] != vocab.TYPE), labels, numbers),
        mentions=_properties(mentions[:_MOST_MENTIONS], labels, numbers),
        is_cut=len(mentions) > _MOST_MENTIONS,
        sources=[labels.reference(source) for source in sources],
    )


class Labels:
    """The names of everything on the page, English first; what has none goes by its IRI."""

    def __init__(self, entity: NamedNode, ask: Ask) -> None:
        self._prefixes = sorted(vocab.prefixes().items(), key=lambda each: -len(each[1]))
        self._found: dict[NamedNode, list[Text]] = {}
        for row in ask(query("labels", entity)):
            if isinstance(row["label"], Literal):
                text = Text(row["label"].value, row["label"].language or "")
                self._found.setdefault(row["thing"], []).append(text)
        for texts in self._found.values():
            texts.sort(key=lambda text: (text.language != "en", text.language, text.value))

    def of(self, thing: NamedNode) -> list[Text]:
        """Return the names of a thing; there is one at least."""
        return self._found.get(thing) or [Text(self._compact(thing.value), "")]

    def reference(self, term: NamedNode | Literal) -> Reference:
        """Return a term as it is shown; a text that is a web address is a link."""
        if isinstance(term, NamedNode):
            return Reference(self.of(term)[0], urls.of_iri(term.value))
        if isinstance(term, Literal):
            link = term.value if urls.is_web_link(term.value) else None
            return Reference(Text(term.value, term.language or ""), link)
        return Reference(Text(str(term), ""), None)

    def _compact(self, iri: str) -> str:
        for prefix, space in self._prefixes:
            if iri.startswith(space):
                return f"{prefix}:{iri.removeprefix(space)}"
        return iri


def _properties(rows: Iterable[Row], labels: Labels, numbers: dict[NamedNode, int]) -> list[Property]:
    """Group rows by property and value: names first, then in the order of the properties' names."""
    found = []
    for predicate, of_property in groupby(sorted(rows, key=_place), key=lambda row: row[0]):
        values = []
        for value, of_value in groupby(of_property, key=lambda row: row[1]):
            sources = sorted({numbers[source] for _, _, source in of_value if source is not None})
            values.append(Value(labels.reference(value), tuple(sources)))
        values.sort(key=lambda each: each.shown.name.value)
        found.append((predicate.value not in _NAMES, Property(labels.reference(predicate), values)))
    return [each for _, each in sorted(found, key=lambda pair: (pair[0], pair[1].name.name.value.lower()))]


def _place(row: Row) -> tuple[str, str]:
    return (row[0].value, str(row[1]))
