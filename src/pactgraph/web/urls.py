"""Every URL that the server offers or names, in one place."""

from __future__ import annotations

from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from pactgraph.vocab import BASE

HOME = "/"
SPARQL = "/sparql"
QUERY = "/queries/{query_id}"
UPDATE = "/sparql/update"
GRAPHS = "/graphs"
GRAPH = "/graph/{graph_path:path}"
CHANGES = "/changes"
CHANGE = "/changes/{number}"
PATCH = "/changes/{number}/patch"
REVERT = "/changes/{number}/revert"
WHY = "/why"
ENTITY = "/id/{kind}/{slug}"
TOPIC = "/topic/{slug}"
SOURCE = "/source/{slug}"
SEARCH = "/search"
ONTOLOGY = "/ontology"
TOPICS = "/topics"
SHAPES = "/shapes"
EXPORTS = "/exports"
HEALTHZ = "/healthz"
READYZ = "/readyz"
METRICS = "/metrics"
VOID = "/.well-known/void"
OPENAPI = "/openapi.json"
STYLESHEET = "/static/style.css"

_FIRST_SEGMENTS = frozenset(
    {
        *("sparql", "queries", "ontology", "topics", "shapes", "healthz", "readyz", "metrics", "static"),
        *(".well-known", "openapi.json", "graphs", "changes", "id", "topic", "source", "why", "search"),
        "exports",
        "graph",
    }
)
_WITH_PAGES = ("id/", "topic/", "source/")
_PROBLEMS = f"{BASE}problem/"


def document(path: str, suffix: str) -> str:
    """Return the URL of a document in the format with this suffix.

    >>> document(ONTOLOGY, "ttl")
    '/ontology.ttl'
    """
    return f"{path}.{suffix}"


def query(query_id: str) -> str:
    """Return the URL of a query under way.

    >>> query("abc")
    '/queries/abc'
    """
    return QUERY.format(query_id=query_id)


def resource(path: str) -> str:
    """Return what kind of resource a path is: its first segment if the server has it, for counting.

    >>> resource("/queries/secret"), resource("/etc/passwd"), resource("/ontology.ttl")
    ('/queries', 'other', '/ontology')
    """
    first = path[1:].partition("/")[0]
    for candidate in (first, first.partition(".")[0]):
        if candidate in _FIRST_SEGMENTS:
            return f"/{candidate}"
    return "/" if path == "/" else "other"


def change(number: int) -> str:
    """Return the URL of a revision.

    >>> change(7)
    '/changes/7'
    """
    return f"{CHANGES}/{number}"


def graph(iri: str) -> str:
    """Return the URL of a named graph (SPARQL 1.1 Graph Store HTTP Protocol §4.2).

    >>> graph("https://w3id.org/eukdp/graph/a b")
    '/graphs?graph=https%3A%2F%2Fw3id.org%2Feukdp%2Fgraph%2Fa%20b'
    """
    return f"{GRAPHS}?graph={quote(iri, safe='')}"


def graph_itself(path: str) -> str:
    """Return the URL of a named graph with this path under ``/graph/`` (§4.1).

    >>> graph_itself("paper")
    '/graph/paper'
    """
    return f"/graph/{quote(path)}"


def path_of_graph(iri: str) -> str:
    """Return the URL here of a graph whose IRI is made by us; of another, where it is asked for by name.

    >>> path_of_graph("https://w3id.org/eukdp/graph/paper")
    '/graph/paper'
    """
    path = iri.partition("/graph/")[2]
    return iri if not iri.startswith(BASE) else graph_itself(path)


def changes(**parameters: str | int | None) -> str:
    """Return the URL of a part of the log; parameters without a value are left out.

    >>> changes(iri=None, before=8)
    '/changes?before=8'
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    return f"{CHANGES}?{urlencode(given)}" if given else CHANGES


def why(subject: str) -> str:
    """Return the URL of what stands behind the statements about a subject.

    >>> why("urn:a")
    '/why?s=urn%3Aa'
    """
    return f"{WHY}?{urlencode({'s': subject})}"


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


def of_iri(iri: str) -> str | None:
    """Return where an IRI leads: to its page here, out into the web, or nowhere.

    >>> of_iri("https://w3id.org/eukdp/topic/neuromorphic-computing"), of_iri("urn:a")
    ('/topic/neuromorphic-computing', None)
    """
    path = iri.removeprefix(BASE)
    if path != iri and path.startswith(_WITH_PAGES):
        return f"/{path}"
    return iri if is_web_link(iri) else None


def is_web_link(iri: str) -> bool:
    """Say whether an IRI may become a link on a page: ``http`` and ``https`` only, never ``javascript:``.

    >>> is_web_link("https://w3id.org/eukdp/"), is_web_link("javascript:alert(1)")
    (True, False)
    """
    return iri.startswith(("http://", "https://"))
