"""The RDF formats that come in, by name, file suffix and media type."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from pactgraph.errors import InputError, UnknownFormat


@dataclass(frozen=True)
class InputFormat:
    """One input format; ``rdf_format`` is the name of its constant in ``pyoxigraph.RdfFormat``."""

    name: str
    rdf_format: str
    suffixes: tuple[str, ...]
    media_types: tuple[str, ...]

    def answers_to(self, word: str) -> bool:
        """Say whether a word (name, suffix with or without its dot, media type) means this format."""
        plain = word.strip().lower()
        names = {self.name.lower(), self.rdf_format.lower(), self.rdf_format.lower().replace("_", "")}
        return plain in names or f".{plain.lstrip('.')}" in self.suffixes or plain in self.media_types


INPUT_FORMATS = (
    InputFormat("Turtle", "TURTLE", (".ttl",), ("text/turtle", "application/x-turtle")),
    InputFormat("TriG", "TRIG", (".trig",), ("application/trig", "application/x-trig")),
    InputFormat("N-Triples", "N_TRIPLES", (".nt",), ("application/n-triples", "text/plain")),
    InputFormat("N-Quads", "N_QUADS", (".nq",), ("application/n-quads", "text/x-nquads")),
    InputFormat("JSON-LD", "JSON_LD", (".jsonld",), ("application/ld+json", "application/json")),
    InputFormat(
        "RDF/XML", "RDF_XML", (".rdf", ".xml", ".owl"), ("application/rdf+xml", "application/xml", "text/xml")
    ),
)


def known_formats() -> str:
    """List the formats with their suffixes, as error messages show them."""
    return ", ".join(f"{known.name} ({', '.join(known.suffixes)})" for known in INPUT_FORMATS)


def input_format(word: str) -> InputFormat:
    """Return the format that a name, a suffix or a media type stands for.

    >>> input_format("text/turtle; charset=utf-8").name
    'Turtle'

    Raises UnknownFormat (the message lists the known ones), InputError for a charset other than UTF-8.
    """
    essence, _, parameters = word.partition(";")
    for known in INPUT_FORMATS:
        if known.answers_to(essence):
            _require_utf8(word, parameters)
            return known
    raise UnknownFormat(f"“{word}” is not a format that can be read here; known are {known_formats()}.")


def format_of_file(name: str) -> InputFormat:
    """Return the format that the suffix of a file name stands for.

    Raises UnknownFormat for a missing or unknown suffix.
    """
    suffix = PurePath(name).suffix
    for known in INPUT_FORMATS:
        if suffix.lower() in known.suffixes:
            return known
    fault = f"The suffix “{suffix}” of {name}" if suffix else f"{name} has no suffix, which"
    raise UnknownFormat(f"{fault} does not tell the format; name one of {known_formats()}.")


def _require_utf8(word: str, parameters: str) -> None:
    """Refuse a media type whose charset is not UTF-8: RDF documents are read as UTF-8 only."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip(" \"'").lower() not in {
            "utf-8",
            "utf8",
            "us-ascii",
        }:
            raise InputError(
                f"The charset in “{word}” is not UTF-8; convert the document to UTF-8.", code="not-utf-8"
            )
