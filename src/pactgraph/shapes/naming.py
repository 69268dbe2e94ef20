"""Short names: the declared prefixes, IRIs as CURIEs, paths as SPARQL writes them."""

from __future__ import annotations

from urllib.parse import unquote

from rdflib import RDF, SH, Graph, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

_PATH_FORMS = {
    "inversePath": "^{}",
    "alternativePath": "{}",
    "zeroOrMorePath": "{}*",
    "oneOrMorePath": "{}+",
    "zeroOrOnePath": "{}?",
}


def prefixes(shapes: Graph) -> dict[str, str]:
    """Return the prefix map that the graph declares with ``sh:declare``."""
    declared = {}
    for declaration in shapes.objects(None, SH.declare):
        declared[str(shapes.value(declaration, SH.prefix))] = str(shapes.value(declaration, SH.namespace))
    return declared


def curie(iri: str, names: dict[str, str]) -> str:
    """Shorten an IRI by the longest namespace that fits; without one it stays whole, in angle brackets."""
    fitting = [(len(namespace), prefix) for prefix, namespace in names.items() if iri.startswith(namespace)]
    if not fitting:
        return f"<{iri}>"
    length, prefix = max(fitting)
    return f"{prefix}:{iri[length:]}"


def local_name(iri: URIRef) -> str:
    """Return the last part of an IRI, readable.

    >>> local_name(URIRef("https://w3id.org/eukdp/id/event/chips-forum"))
    'chips-forum'
    """
    text = str(iri).rstrip("/#")
    return unquote(text.rpartition("#")[2].rpartition("/")[2]) or str(iri)


def path_text(shapes: Graph, path: Node | None) -> str:
    """Write a path as in SPARQL, with local names: ``startDate``, ``^member``, ``announcedAt/startDate``."""
    if isinstance(path, URIRef):
        return local_name(path)
    if path is None:
        return ""
    if shapes.value(path, RDF.first) is not None:
        return "/".join(path_text(shapes, step) for step in Collection(shapes, path))
    for parameter, form in _PATH_FORMS.items():
        inner = shapes.value(path, SH[parameter])
        if inner is not None and parameter == "alternativePath":
            return "|".join(path_text(shapes, choice) for choice in Collection(shapes, inner))
        if inner is not None:
            return form.format(path_text(shapes, inner))
    return ""
