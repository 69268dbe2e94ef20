"""One order and what is delivered: a view or a query, asked once, written in any number of formats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO

import networkx as nx
import pyarrow as pa
import pyoxigraph as ox

from pactgraph.exports.about import About, describe
from pactgraph.exports.adhoc import query_network
from pactgraph.exports.analysis import Span, with_analysis
from pactgraph.exports.ask import Ask
from pactgraph.exports.formats import ExportFormat
from pactgraph.exports.network import Network, records, schema_of
from pactgraph.exports.projection import view_network
from pactgraph.exports.views import View
from pactgraph.exports.writers.rdf import statement_quads, write_rdf

CONTEXT_VIEW = "entities"  # whose node queries describe the nodes of a query


@dataclass(frozen=True, slots=True)
class Wishes:
    """What may be asked beside the view or query: languages of names, and analysis."""

    languages: tuple[str, ...] = ("en",)
    analyse: bool = False
    span: Span | None = None


class Delivery:
    """A network and its description, ready to be written. Made by ``deliver_view`` or ``deliver_query``."""

    def __init__(
        self, network: Network, quads: Callable[[], Iterator[ox.Quad]] | None, prefixes: Mapping[str, str]
    ) -> None:
        self.network = network
        self.about: About = describe(network)
        self._quads = quads  # a function that returns the statements themselves, or nothing
        self._prefixes = prefixes

    def write(self, form: ExportFormat, stream: IO[bytes]) -> None:
        """Write the export in a format; raises ``InputError`` for what the format cannot hold."""
        if form.rdf is not None and self._quads is not None:
            write_rdf(self._quads(), self.about, stream, form.rdf, self._prefixes)
        else:
            form.write(self.network, self.about, stream)


def deliver_view(view: View, ask: Ask, prefixes: Mapping[str, str], wishes: Wishes) -> Delivery:
    """Ask a view; a date before the first fact gives an empty export, which is no error."""
    network = view_network(view, ask, prefixes, wishes.languages)
    text = view.quads
    quads = None if text is None or wishes.analyse else lambda: statement_quads(ask(text))
    return Delivery(_analysed(network, wishes), quads, prefixes)


def deliver_query(
    text: str,
    ask: Ask,
    context: View,
    prefixes: Mapping[str, str],
    wishes: Wishes,
    *,
    context_ask: Ask | None = None,
) -> Delivery:
    """Ask a query; see ``query_network``."""
    network = query_network(text, ask, context, prefixes, wishes.languages, context_ask=context_ask)
    quads = (lambda: _constructed(ask, text)) if network.origin.constructed and not wishes.analyse else None
    return Delivery(_analysed(network, wishes), quads, prefixes)


def _constructed(ask: Ask, text: str) -> Iterator[ox.Quad]:
    for triple in ask(text):
        yield ox.Quad(triple.subject, triple.predicate, triple.object)


def _analysed(network: Network, wishes: Wishes) -> Network:
    return with_analysis(network, wishes.span) if wishes.analyse or wishes.span else network


def to_networkx(network: Network, about: About) -> nx.MultiDiGraph[str]:
    """Return a network as a networkx ``MultiDiGraph``; its description is in ``graph.graph``."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(**about.entries())
    for node in records(network.nodes):
        graph.add_node(node.pop("id"), **node)
    for edge in records(network.edges):
        source, target = edge.pop("source"), edge.pop("target")
        graph.add_edge(source, target, **edge)
    return graph


def to_table(network: Network, *, nodes: bool = False) -> pa.Table:
    """Return the edges, or the nodes, as an Arrow table."""
    rows = network.nodes if nodes else network.edges
    return pa.Table.from_batches(list(rows.batches()), schema_of(rows))
