"""The formats that answers come in: SPARQL results for SELECT and ASK, RDF for CONSTRUCT and DESCRIBE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pactgraph.errors import UnknownFormat

Kind = Literal["bindings", "graph"]


@dataclass(frozen=True, slots=True)
class ResultFormat:
    """One format: its name on the command line, its media types (primary and others) and its file suffix."""

    name: str
    media_type: str
    aliases: tuple[str, ...]
    suffix: str
    kind: Kind


BINDING_FORMATS = (
    ResultFormat("json", "application/sparql-results+json", ("application/json",), ".json", "bindings"),
    ResultFormat(
        "xml", "application/sparql-results+xml", ("application/xml", "text/xml"), ".xml", "bindings"
    ),
    ResultFormat("csv", "text/csv", (), ".csv", "bindings"),
    ResultFormat("tsv", "text/tab-separated-values", (), ".tsv", "bindings"),
)
GRAPH_FORMATS = (
    ResultFormat("turtle", "text/turtle", ("application/x-turtle",), ".ttl", "graph"),
    ResultFormat("ntriples", "application/n-triples", ("text/plain",), ".nt", "graph"),
    ResultFormat("jsonld", "application/ld+json", ("application/json",), ".jsonld", "graph"),
    ResultFormat("rdfxml", "application/rdf+xml", ("application/xml", "text/xml"), ".rdf", "graph"),
    ResultFormat("trig", "application/trig", ("application/x-trig",), ".trig", "graph"),
    ResultFormat("nquads", "application/n-quads", ("text/x-nquads",), ".nq", "graph"),
)
ALL_FORMATS = BINDING_FORMATS + GRAPH_FORMATS


def formats_of(form: str) -> tuple[ResultFormat, ...]:
    """Return the formats that the answer to this query form (SELECT, ASK, …) can be written in."""
    return BINDING_FORMATS if form in {"SELECT", "ASK"} else GRAPH_FORMATS


def by_name(name: str) -> ResultFormat:
    """Return the format of this name; raises ``UnknownFormat``, which lists the known ones.

    >>> by_name("turtle").media_type
    'text/turtle'
    """
    for candidate in ALL_FORMATS:
        if candidate.name == name:
            return candidate
    known = ", ".join(candidate.name for candidate in ALL_FORMATS)
    raise UnknownFormat(f"there is no format {name!r}; the formats are {known}")


def by_media_type(media_type: str, among: tuple[ResultFormat, ...] = ALL_FORMATS) -> ResultFormat:
    """Return the format of this media type, primary types first; parameters such as charset do not count.

    Raises ``UnknownFormat``, which lists the known ones. ``among`` narrows the search to what fits a query
    form.
    """
    essence = media_type.split(";", 1)[0].strip().lower()
    for candidate in among:
        if essence == candidate.media_type:
            return candidate
    for candidate in among:
        if essence in candidate.aliases:
            return candidate
    known = ", ".join(candidate.media_type for candidate in among)
    raise UnknownFormat(f"this answer cannot be written as {essence!r}; it can be {known}")


def by_suffix(suffix: str, among: tuple[ResultFormat, ...] = ALL_FORMATS) -> ResultFormat:
    """Return the format of files with this suffix; raises ``UnknownFormat``, which lists the known ones."""
    for candidate in among:
        if candidate.suffix == suffix.lower():
            return candidate
    known = ", ".join(candidate.suffix for candidate in among)
    raise UnknownFormat(
        f"no format is written to {suffix or 'a name without a suffix'}; use {known}, or name a format"
    )
