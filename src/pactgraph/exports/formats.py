"""The table of formats: names, suffixes, media types, and what writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import IO

import pyoxigraph as ox

from pactgraph.errors import UnknownFormat
from pactgraph.exports.about import About
from pactgraph.exports.network import Network
from pactgraph.exports.views import View
from pactgraph.exports.writers.calendar import write_calendar
from pactgraph.exports.writers.csv_tables import (
    write_csv_edges,
    write_csv_nodes,
    write_csv_readme,
    write_csv_zip,
)
from pactgraph.exports.writers.gexf import write_gexf
from pactgraph.exports.writers.graphml import write_graphml
from pactgraph.exports.writers.json_graph import write_cytoscape, write_node_link
from pactgraph.exports.writers.json_ld import write_json_ld
from pactgraph.exports.writers.neo4j import write_neo4j
from pactgraph.exports.writers.page import write_page
from pactgraph.exports.writers.parquet import write_parquet_edges, write_parquet_nodes
from pactgraph.exports.writers.picture import write_png, write_svg
from pactgraph.exports.writers.rdf import network_quads, write_rdf
from pactgraph.exports.writers.xlsx import write_xlsx
from pactgraph.vocab import prefixes

Write = Callable[[Network, About, IO[bytes]], None]


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """One format. ``companion`` is the format of a second file, for formats that hold one table each.

    ``readme`` writes a file beside these, for a format that cannot say what it is.
    """

    name: str
    suffixes: tuple[str, ...]
    media_type: str
    write: Write
    about: str
    rdf: ox.RdfFormat | None = None
    companion: str | None = None
    readme: Write | None = None
    calendar: bool = False

    @property
    def suffix(self) -> str:
        """The suffix that a file of this format gets."""
        return self.suffixes[0]


def _write_rdf(form: ox.RdfFormat, network: Network, about: About, stream: IO[bytes]) -> None:
    write_rdf(
        network_quads(network),
        about,
        stream,
        form,
        {**prefixes(), "export": "https://w3id.org/eukdp/export#"},
    )


def _rdf(name: str, suffix: str, form: ox.RdfFormat, about: str) -> ExportFormat:
    return ExportFormat(name, (suffix,), form.media_type, partial(_write_rdf, form), about, rdf=form)


FORMATS = (
    ExportFormat(
        "graphml",
        (".graphml",),
        "application/graphml+xml",
        write_graphml,
        "Gephi, yEd, Cytoscape, networkx, igraph",
    ),
    ExportFormat("gexf", (".gexf",), "application/gexf+xml", write_gexf, "Gephi, with a time line"),
    ExportFormat(
        "json", (".json",), "application/json", write_node_link, "node-link JSON: networkx, D3, sigma.js"
    ),
    ExportFormat(
        "cytoscape", (".cyjs",), "application/vnd.cytoscape+json", write_cytoscape, "Cytoscape, cytoscape.js"
    ),
    ExportFormat(
        "csv",
        (".csv.zip", ".zip"),
        "application/zip",
        write_csv_zip,
        "nodes and edges, for pandas, R and spreadsheets",
    ),
    ExportFormat(
        "edges-csv",
        (".csv",),
        "text/csv",
        write_csv_edges,
        "the edges alone; nodes and a README beside it",
        companion="nodes-csv",
        readme=write_csv_readme,
    ),
    ExportFormat("nodes-csv", (".nodes.csv",), "text/csv", write_csv_nodes, "the nodes alone"),
    ExportFormat(
        "parquet",
        (".parquet",),
        "application/vnd.apache.parquet",
        write_parquet_edges,
        "the edges; nodes beside it",
        companion="nodes-parquet",
    ),
    ExportFormat(
        "nodes-parquet",
        (".nodes.parquet",),
        "application/vnd.apache.parquet",
        write_parquet_nodes,
        "the nodes alone",
    ),
    ExportFormat(
        "xlsx",
        (".xlsx",),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        write_xlsx,
        "Excel, LibreOffice",
    ),
    ExportFormat("neo4j", (".neo4j.zip",), "application/zip", write_neo4j, "Neo4j's bulk import"),
    _rdf("turtle", ".ttl", ox.RdfFormat.TURTLE, "RDF, each triple once"),
    _rdf("nquads", ".nq", ox.RdfFormat.N_QUADS, "RDF, in the graphs of the sources"),
    _rdf("trig", ".trig", ox.RdfFormat.TRIG, "RDF, in the graphs of the sources"),
    _rdf("ntriples", ".nt", ox.RdfFormat.N_TRIPLES, "RDF, each triple once"),
    _rdf("rdfxml", ".rdf", ox.RdfFormat.RDF_XML, "RDF/XML, each triple once"),
    ExportFormat(
        "jsonld",
        (".jsonld",),
        "application/ld+json",
        write_json_ld,
        "JSON-LD with its context",
        rdf=ox.RdfFormat.JSON_LD,
    ),
    ExportFormat("ics", (".ics",), "text/calendar", write_calendar, "calendars", calendar=True),
    ExportFormat("svg", (".svg",), "image/svg+xml", write_svg, "a drawing that scales"),
    ExportFormat("png", (".png",), "image/png", write_png, "a drawing"),
    ExportFormat("html", (".html",), "text/html", write_page, "one page to explore, works offline"),
)


def formats_of(view: View | None) -> tuple[ExportFormat, ...]:
    """Return the formats of a view, or of a query."""
    return tuple(form for form in FORMATS if not form.calendar or (view is not None and view.calendar))


def format_by_name(name: str, view: View | None = None) -> ExportFormat:
    """Return the format of this name; raises ``UnknownFormat``, which lists the known ones."""
    for form in formats_of(view):
        if form.name == name:
            return form
    raise UnknownFormat(f"There is no format {name!r} {_for(view)}; the formats are {_listed(view)}")


def format_by_file(file_name: str, view: View | None = None) -> ExportFormat:
    """Return the format of the longest suffix that a file's name has; raises ``UnknownFormat``.

    >>> format_by_file("out.neo4j.zip").name, format_by_file("out.CSV.zip").name
    ('neo4j', 'csv')
    """
    lowered = file_name.lower()
    fitting = [
        (len(suffix), form)
        for form in formats_of(view)
        for suffix in form.suffixes
        if lowered.endswith(suffix)
    ]
    if not fitting:
        raise UnknownFormat(
            f"No format {_for(view)} is written to {file_name!r}; use one of {_listed(view)}, or --format"
        )
    return max(fitting, key=lambda pair: pair[0])[1]


def _for(view: View | None) -> str:
    return "for a query" if view is None else f"for {view.name}"


def _listed(view: View | None) -> str:
    return ", ".join(f"{form.name} ({form.suffix})" for form in formats_of(view))
