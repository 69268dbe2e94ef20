"""What the endpoint says about itself to machines: SPARQL 1.1 Service Description."""

from __future__ import annotations

import pyoxigraph as ox

from pactgraph.errors import InputError
from pactgraph.query.formats import ResultFormat

_PREFIXES = {
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "formats": "http://www.w3.org/ns/formats/",
    "dcterms": "http://purl.org/dc/terms/",
}
_DESCRIPTION = """
PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
PREFIX formats: <http://www.w3.org/ns/formats/>
PREFIX dcterms: <http://purl.org/dc/terms/>

<#service> a sd:Service ;
    dcterms:title "pactgraph: the EU–Republic of Korea Digital Partnership"@en ;
    sd:endpoint <> ;
    sd:supportedLanguage sd:SPARQL11Query ;
    sd:resultFormat formats:SPARQL_Results_JSON , formats:SPARQL_Results_XML ,
        formats:SPARQL_Results_CSV , formats:SPARQL_Results_TSV ,
        formats:Turtle , formats:N-Triples , formats:JSON-LD , formats:RDF_XML ,
        formats:TriG , formats:N-Quads ;
    sd:defaultDataset <#dataset> .
<#dataset> a sd:Dataset ;
    dcterms:title "Every source's statements, each once"@en ;
    sd:defaultGraph <#default-graph> .
<#default-graph> a sd:Graph ;
    dcterms:description "The set union of source graphs, ontology, code lists and topics."@en .
"""


def service_description(endpoint: str, format_: ResultFormat) -> bytes:
    """Describe the endpoint at this absolute URL.

    Raises ``InputError`` when the URL, which holds the client's ``Host`` header, is not a valid IRI.
    """
    try:
        triples = [quad.triple for quad in ox.parse(_DESCRIPTION, ox.RdfFormat.TURTLE, base_iri=endpoint)]
    except (ValueError, SyntaxError):
        raise InputError("the Host header is no host name; send a valid one", code="bad-host") from None
    return serialize(triples, format_, _PREFIXES)


def serialize(triples: list[ox.Triple], format_: ResultFormat, prefixes: dict[str, str]) -> bytes:
    """Serialise triples in one of the graph formats."""
    rdf_format = ox.RdfFormat.from_media_type(format_.media_type)
    if rdf_format is None:
        raise ValueError(f"not an RDF format: {format_.media_type}")
    written = ox.serialize(triples, format=rdf_format, prefixes=prefixes)
    if written is None:
        raise TypeError("serialize without an output returns bytes")
    return written
