"""The names that the code uses: the base IRI, the graphs, and the terms of other vocabularies."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, parse

from pactgraph.errors import SyntaxFault
from pactgraph.resources import shipped

BASE = "https://w3id.org/eukdp/"
PACT = f"{BASE}ontology#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"
PROV = "http://www.w3.org/ns/prov#"
DCTERMS = "http://purl.org/dc/terms/"

ENTITIES = f"{BASE}id/"
GENID = f"{BASE}.well-known/genid/"

ONTOLOGY_GRAPH = NamedNode(f"{BASE}ontology")
TOPIC_GRAPH = NamedNode(f"{BASE}topic")
CODE_GRAPH = NamedNode(f"{BASE}code")
ALIGNMENTS_GRAPH = NamedNode(f"{BASE}alignments")
REVISIONS_GRAPH = NamedNode(f"{BASE}graph/revisions")
PROTECTED_GRAPHS = frozenset({ONTOLOGY_GRAPH, TOPIC_GRAPH, CODE_GRAPH, ALIGNMENTS_GRAPH, REVISIONS_GRAPH})
"""The graphs that come with a release or from the ledger: no patch touches them. No source states them, so
nobody could put back what a write took out."""

CURRENT_REVISION = NamedNode(f"{PACT}currentRevision")
REVISION_NUMBER = NamedNode(f"{PACT}revisionNumber")
STATEMENTS_ADDED = NamedNode(f"{PACT}statementsAdded")
STATEMENTS_REMOVED = NamedNode(f"{PACT}statementsRemoved")

TYPE = NamedNode(f"{RDF}type")
TITLE = NamedNode(f"{DCTERMS}title")
HAD_PRIMARY_SOURCE = NamedNode(f"{PROV}hadPrimarySource")
DESCRIPTION = NamedNode(f"{DCTERMS}description")
ACTIVITY = NamedNode(f"{PROV}Activity")
SOFTWARE_AGENT = NamedNode(f"{PROV}SoftwareAgent")
ENDED_AT = NamedNode(f"{PROV}endedAtTime")
ASSOCIATED_WITH = NamedNode(f"{PROV}wasAssociatedWith")
LABEL = NamedNode(f"{RDFS}label")
INTEGER = NamedNode(f"{XSD}integer")
DATE_TIME = NamedNode(f"{XSD}dateTime")


def revision_iri(number: int) -> NamedNode:
    """Return the IRI of a revision.

    >>> revision_iri(1).value
    'https://w3id.org/eukdp/revision/1'
    """
    return NamedNode(f"{BASE}revision/{number}")


def prefixes(path: Path | None = None) -> dict[str, str]:
    """Return the prefix map: the ``@prefix`` declarations of ``ontology/prefixes.ttl``, prefix → namespace.

    Raises ``SyntaxFault`` when the file does not parse. An absent file is an empty map.
    """
    try:
        path = path or shipped("ontology") / "prefixes.ttl"
    except FileNotFoundError:
        return {}
    if not path.is_file():
        return {}
    parser = parse(path=path, format=RdfFormat.TURTLE)
    try:
        for _ in parser:  # the declarations are known once the document is read
            pass
    except SyntaxError as fault:
        raise SyntaxFault(f"{path.name} does not parse: {fault}; correct the file") from None
    return dict(parser.prefixes)
