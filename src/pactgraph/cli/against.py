"""Which graph a command judges against: a server's, a data directory's, or the shipped one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
from rdflib import Graph

from pactgraph.ingest.endpoint import fetch_quads
from pactgraph.ingest.seed import read_seed
from pactgraph.resources import shipped
from pactgraph.shapes.catalogue import load_shapes
from pactgraph.shapes.crossing import graph_of, memory_copy


def opened_graph(directory: Path) -> Graph:
    """Copy the union graph of a data directory into memory."""
    from pactgraph import api  # noqa: PLC0415 - commands on the shipped graph need no store

    with api.open(directory) as graph:
        return memory_copy(graph.rdflib())


def shipped_graph() -> Graph:
    """Return the shipped graph, as the store would keep it."""
    return graph_of(read_seed(shipped("ontology"), shipped("facts")))


def fetched_graph(url: str) -> Graph:
    """Return the default graph of an endpoint."""
    return graph_of(fetch_quads(url))


@dataclass(frozen=True)
class Against:
    """Where graphs and shapes come from; tests give their own to a command as its context's object."""

    shapes: Callable[[], Graph] = load_shapes
    shipped: Callable[[], Graph] = shipped_graph
    opened: Callable[[Path], Graph] = opened_graph
    fetched: Callable[[str], Graph] = fetched_graph

    def graph(self, directory: Path, endpoint: str | None) -> Graph:
        """Return the endpoint's graph, else that of an existing data directory, else the shipped one.

        A data directory that does not exist is not made.
        """
        if endpoint is not None:
            return self.fetched(endpoint)
        if directory.is_dir():
            return self.opened(directory)
        click.echo(f"There is no data directory {directory}: this is against the shipped graph.", err=True)
        return self.shipped()


def against(context: click.Context) -> Against:
    """Return what the context carries, or the real thing."""
    return context.find_object(Against) or Against()
