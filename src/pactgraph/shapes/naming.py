"""Short names: the declared prefixes, IRIs as CURIEs, paths as SPARQL writes them."""

from __future__ import annotations

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
    """Shorten an IRI by the longest namespace that fits; an IRI without one stays whole, in angle
    brackets."""
    fitting = [(len(namespace), prefix) for prefix, namespace in names.items() if iri.startswith(namespace)]
    if not fitting:
        return f"<{iri}>"
    length, prefix = max(fitting)
    return f"{prefix}:{iri[length:]}"


def path_text(shapes: Graph, path: Node | None, names: dict[str, str]) -> str:
    """Write a path as in SPARQL, with local names: ``startDate``, ``^member``, ``announcedAt/startDate``."""
    if path is None or isinstance(path, URIRef):
        return curie(str(path), names).rpartition(":")[2].rstrip(">").rpartition("/")[2] if path else ""
    if shapes.value(path, RDF.first) is not None:
        return "/".join(path_text(shapes, step, names) for step in Collection(shapes, path))
    for parameter, form in _PATH_FORMS.items():
        inner = shapes.value(path, SH[parameter])
        if inner is not None and parameter == "alternativePath":
            return "|".join(path_text(shapes, choice, names) for choice in Collection(shapes, inner))
        if inner is not None:
            return form.format(path_text(shapes, inner, names))
    return ""
