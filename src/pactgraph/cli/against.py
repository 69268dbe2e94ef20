"""Which graph a command judges against: a server's, a data directory's, or the shipped one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import pyoxigraph as ox
from rdflib import Graph

from pactgraph.ingest.endpoint import fetch_quads
from pactgraph.ingest.seed import read_seed
from pactgraph.resources import shipped
from pactgraph.shapes.catalogue import load_shapes
from pactgraph.shapes.checking import Base
from pactgraph.shapes.crossing import graph_of


@contextmanager
def opened_store(directory: Path) -> Iterator[ox.Store]:
    """Give the store of a data directory, which nobody writes to meanwhile."""
    from pactgraph.app import reading  # noqa: PLC0415 - commands on the shipped graph need no data directory

    with reading(directory) as dataset:
        yield ox.Store.read_only(str(dataset.snapshot().path))


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
    opened: Callable[[Path], AbstractContextManager[Base]] = opened_store
    fetched: Callable[[str], Graph] = fetched_graph

    @contextmanager
    def base(self, directory: Path, endpoint: str | None) -> Iterator[Base]:
        """Give the endpoint's graph, else the store of an existing data directory, else the shipped graph.

        A data directory that does not exist is not made.
        """
        if endpoint is not None:
            yield self.fetched(endpoint)
        elif directory.is_dir():
            with self.opened(directory) as base:
                yield base
        else:
            click.echo(
                f"There is no data directory {directory}: this is against the shipped graph.", err=True
            )
            yield self.shipped()


def against(context: click.Context) -> Against:
    """Return what the context carries, or the real thing."""
    return context.find_object(Against) or Against()
