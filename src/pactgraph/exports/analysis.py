"""Measures of a network through networkx, of a large one through NetworKit, and as columns of an export.

All of them look at the network without directions and loops, parallel edges joined, their weights added up (1
where there is none). Betweenness counts shortest paths by steps. The same network gives the same numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import networkx as nx
import pyarrow as pa

from pactgraph.errors import InputError
from pactgraph.exports.dates import first_day, last_day
from pactgraph.exports.network import ARROW, Column, Network, Rows, records

SEED = 1
EXACT_UP_TO = 2000
SAMPLES = 200
LARGE = 20_000
"""More edges than these are measured by NetworKit."""
_MOST_SHARED = 500
MEASURES = (
    Column("degree", "integer"),
    Column("weighted_degree", "double"),
    Column("betweenness", "double"),
    Column("community", "integer"),
    Column("core", "integer"),
)
CHANGES = (Column("degree_from", "integer"), Column("degree_to", "integer"))


@dataclass(frozen=True, slots=True)
class Span:
    """Two days to compare."""

    start: str
    end: str

    @classmethod
    def read(cls, start: str | None, end: str | None) -> Span | None:
        """Return the span of two dates, or nothing when there are none; raises ``InputError``."""
        if start is None and end is None:
            return None
        if start is None or end is None:
            raise InputError("Change is between two dates; give both --from and --to")
        first, last = first_day(start), last_day(end)
        if first is None or last is None:
            raise InputError(
                f"{start if first is None else end!r} is not a date; write 2024, 2024-03 or 2024-03-25"
            )
        if first > last:
            raise InputError(f"{start} is later than {end}; swap --from and --to")
        return cls(first, last)


def plain_graph(network: Network) -> nx.Graph[str]:
    """Return the network as a networkx ``Graph`` without directions, loops and parallel edges."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(node["id"] for node in records(network.nodes))
    for edge in records(network.edges):
        source, target = edge["source"], edge["target"]
        if source == target:
            continue
        weight = edge.get("weight", 1)
        weight = float(weight) if isinstance(weight, (int, float)) and weight > 0 else 1.0
        before = graph.edges[source, target]["weight"] if graph.has_edge(source, target) else 0.0
        graph.add_edge(source, target, weight=before + weight)
    return graph


def measure(network: Network, span: Span | None = None) -> dict[str, list[Any]]:
    """Return the measures of the nodes, in their order; with a span also their degrees at both days."""
    graph = plain_graph(network)
    ordered = [node["id"] for node in records(network.nodes)]
    samples = None if len(ordered) <= EXACT_UP_TO else SAMPLES
    between, grouped = _betweenness, _louvain
    if len(network.edges) > LARGE:
        from pactgraph.exports import large  # noqa: PLC0415 - it takes a second to import

        between, grouped = large.betweenness, large.communities
    betweenness = between(graph, samples, SEED) if graph else {}
    community = _communities(graph, grouped)
    core = nx.core_number(graph)
    degree, weighted = dict(graph.degree()), dict(graph.degree(weight="weight"))
    columns: dict[str, list[Any]] = {
        "degree": [degree[node] for node in ordered],
        "weighted_degree": [float(weighted[node]) for node in ordered],
        "betweenness": [round(betweenness[node], 9) for node in ordered],
        "community": [community[node] for node in ordered],
        "core": [core[node] for node in ordered],
    }
    if span is not None:
        for name, day in (("degree_from", span.start), ("degree_to", span.end)):
            at_day = _neighbours(network, day)
            columns[name] = [len(at_day.get(node, ())) for node in ordered]
    return columns


def _betweenness(graph: nx.Graph[str], samples: int | None, seed: int) -> dict[str, float]:
    return dict(nx.betweenness_centrality(graph, k=samples, seed=seed))


def _louvain(graph: nx.Graph[str], seed: int) -> list[set[str]]:
    return [set(members) for members in nx.community.louvain_communities(graph, weight="weight", seed=seed)]


def _communities(
    graph: nx.Graph[str], find: Callable[[nx.Graph[str], int], list[set[str]]]
) -> dict[str, int]:
    """Number the communities of the Louvain method, the largest first."""
    if not graph.number_of_edges():
        return {node: number for number, node in enumerate(sorted(graph), 1)}
    ranked = sorted(find(graph, SEED), key=lambda members: (-len(members), min(members)))
    return {node: number for number, members in enumerate(ranked, 1) for node in members}


def changes(network: Network, span: Span) -> list[str]:
    """Return for each edge: ``appeared``, ``gone``, ``stayed``, ``never`` (there at neither), or ``undated``.

    An edge is there from the first day that its start can mean to the last day of its end; without an end it
    stays.
    """
    verdicts = {
        (False, True): "appeared",
        (True, False): "gone",
        (True, True): "stayed",
        (False, False): "never",
    }
    found = []
    for edge in records(network.edges):
        before, after = _is_there(edge, span.start), _is_there(edge, span.end)
        found.append("undated" if before is None or after is None else verdicts[before, after])
    return found


def _is_there(edge: dict[str, Any], day: str) -> bool | None:
    start, end = first_day(str(edge.get("start", ""))), last_day(str(edge.get("end", "")))
    if start is None and end is None:
        return None
    return (start is None or start <= day) and (end is None or day <= end)


def _neighbours(network: Network, day: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for edge in records(network.edges):
        if _is_there(edge, day) and edge["source"] != edge["target"]:
            found[edge["source"]].add(edge["target"])
            found[edge["target"]].add(edge["source"])
    return found


def co_participation(network: Network) -> list[dict[str, Any]]:
    """Return pairs of nodes that share neighbours, with the number of these and their ids, strongest first.

    In a directed network two sources of one class share a target, such as organisations a topic; in an
    undirected one the edges say by their weight what their ends share. Raises ``InputError`` when one node
    has so many others that the
    pairs would not fit.
    """
    if not network.directed:
        graph = plain_graph(network)
        pairs = [
            {"source": min(edge[:2]), "target": max(edge[:2]), "weight": edge[2]["weight"]}
            for edge in graph.edges(data=True)
        ]
        return sorted(pairs, key=lambda pair: (-pair["weight"], pair["source"], pair["target"]))
    kinds = {node["id"]: node.get("class") for node in records(network.nodes)}
    sharing: dict[str, set[str]] = defaultdict(set)
    for edge in records(network.edges):
        if edge["source"] != edge["target"]:
            sharing[edge["target"]].add(edge["source"])
    shared: dict[tuple[str, str], list[str]] = defaultdict(list)
    for target in sorted(sharing):
        if len(sharing[target]) > _MOST_SHARED:
            raise InputError(
                f"{len(sharing[target]):,} nodes share {target}, too many to pair; query without it"
            )
        for pair in combinations(sorted(sharing[target]), 2):
            if kinds[pair[0]] == kinds[pair[1]]:
                shared[pair].append(target)
    ordered = sorted(shared, key=lambda pair: (-len(shared[pair]), pair))
    return [
        {"source": pair[0], "target": pair[1], "weight": len(shared[pair]), "shared": shared[pair]}
        for pair in ordered
    ]


@dataclass(frozen=True, slots=True)
class WithColumns:
    """Rows with further columns beside them."""

    rows: Rows
    added: tuple[Column, ...]
    values: tuple[pa.Array, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, the added ones last."""
        return (*self.rows.columns, *self.added)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.rows)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows."""
        start = 0
        for batch in self.rows.batches():
            more = [values.slice(start, len(batch)) for values in self.values]
            names = [column.name for column in self.columns]
            yield pa.RecordBatch.from_arrays([*batch.columns, *more], names=names)
            start += len(batch)


def with_analysis(network: Network, span: Span | None = None) -> Network:
    """Return the network with measures as columns of its nodes, and with a span ``change`` of its edges."""
    columns = MEASURES if span is None else (*MEASURES, *CHANGES)
    measured = measure(network, span)
    nodes = _beside(network.nodes, columns, [measured[column.name] for column in columns])
    edges = (
        network.edges
        if span is None
        else _beside(network.edges, (Column("change"),), [changes(network, span)])
    )
    note = f"communities: Louvain, seed {SEED}; betweenness by steps"
    if len(network.nodes) > EXACT_UP_TO:
        note += f", estimated from {SAMPLES} nodes"
    if len(network.edges) > LARGE:
        note += "; by NetworKit"
    if span is not None:
        note += f"; change from {span.start} to {span.end}"
    return replace(network, nodes=nodes, edges=edges, origin=replace(network.origin, note=note))


def _beside(rows: Rows, columns: Sequence[Column], values: Sequence[list[Any]]) -> WithColumns:
    taken = {column.name for column in rows.columns}
    clash = taken & {column.name for column in columns}
    if clash:
        raise InputError(
            f"The column {min(clash)} is there already; rename it in the query to add the analysis"
        )
    arrays = [pa.array(cells, ARROW[column.kind]) for column, cells in zip(columns, values, strict=True)]
    return WithColumns(rows, tuple(columns), tuple(arrays))
