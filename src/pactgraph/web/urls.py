"""Every URL that the server offers or names, in one place."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

HOME = "/"
SPARQL = "/sparql"
ONTOLOGY = "/ontology"
TOPICS = "/topics"
SHAPES = "/shapes"
EXPORTS = "/exports"
HEALTHZ = "/healthz"
READYZ = "/readyz"
OPENAPI = "/openapi.json"
STYLESHEET = "/static/style.css"

_PROBLEMS = "https://w3id.org/eukdp/problem/"


def document(path: str, suffix: str) -> str:
    """Return the URL of a document in the format with this suffix.

    >>> document(ONTOLOGY, "ttl")
    '/ontology.ttl'
    """
    return f"{path}.{suffix}"


def export(name: str, form: str) -> str:
    """Return the URL of a view in a format.

    >>> export("people", "graphml")
    '/exports/people.graphml'
    """
    return f"{EXPORTS}/{name}.{form}"


def problem_type(code: str) -> str:
    """Return the identifier of a kind of problem (RFC 9457 §3.1.1).

    >>> problem_type("syntax")
    'https://w3id.org/eukdp/problem/syntax'
    """
    return _PROBLEMS + code


def absolute(requested: str, path: str) -> str:
    """Return ``path`` on the server that answered at the absolute URL ``requested``.

    >>> absolute("http://127.0.0.1:8000/sparql?x=1", SPARQL)
    'http://127.0.0.1:8000/sparql'
    """
    parts = urlsplit(requested)
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def is_web_link(iri: str) -> bool:
    """Say whether an IRI may become a link on a page: ``http`` and ``https`` only, never ``javascript:``.

    >>> is_web_link("https://w3id.org/eukdp/"), is_web_link("javascript:alert(1)")
    (True, False)
    """
    return iri.startswith(("http://", "https://"))
