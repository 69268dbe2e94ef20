"""Measures of networks that are too large for networkx, through NetworKit: in seconds, not minutes.

On one thread and from one seed, so that the same network gives the same numbers.
"""

from __future__ import annotations

from typing import Any

import networkit as nk
import networkx as nx
import numpy as np


def betweenness(graph: nx.Graph[str], samples: int | None, seed: int) -> dict[str, float]:
    """Return the betweenness by steps, normalized as networkx does; estimated from ``samples`` nodes.

    The estimate is that of Geisberger, Sanders and Schultes (2008, "Better approximation of betweenness
    centrality").
    """
    _begin(seed)
    steps = _converted(graph, weighted=False)
    if samples is None:
        measure = nk.centrality.Betweenness(steps, normalized=True)
    else:
        measure = nk.centrality.EstimateBetweenness(steps, samples, normalized=True)
    return dict(zip(graph, measure.run().scores(), strict=True))


def communities(graph: nx.Graph[str], seed: int) -> list[set[str]]:
    """Return the communities of the Louvain method, by weight."""
    _begin(seed)
    method = nk.community.PLM(_converted(graph, weighted=True), refine=False)
    method.run()
    found: dict[int, set[str]] = {}
    for node, number in zip(graph, method.getPartition().getVector(), strict=True):
        found.setdefault(number, set()).add(node)
    return list(found.values())


def _begin(seed: int) -> None:
    nk.setNumberOfThreads(1)
    nk.setSeed(seed, False)


def _converted(graph: nx.Graph[str], *, weighted: bool) -> Any:  # noqa: ANN401 — NetworKit has no types
    number = {node: index for index, node in enumerate(graph)}
    ends = np.fromiter(
        (number[end] for edge in graph.edges for end in edge), np.int64, 2 * graph.number_of_edges()
    ).reshape(-1, 2)
    weights = np.fromiter(
        nx.get_edge_attributes(graph, "weight").values(), np.float64, graph.number_of_edges()
    )
    return nk.GraphFromCoo(
        (weights, (ends[:, 0], ends[:, 1])), n=len(number), weighted=weighted, directed=False
    )
