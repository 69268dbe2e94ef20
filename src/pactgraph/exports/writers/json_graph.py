"""Node-link JSON, as networkx, D3 and sigma.js read it, and Cytoscape JSON; written node by node."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import IO, Any

from pactgraph.exports.about import About
from pactgraph.exports.network import Network, records

_CHUNK = 1000


def write_node_link(network: Network, about: About, stream: IO[bytes]) -> None:
    """Write what ``networkx.node_link_graph(…, edges="edges")`` reads; ``key`` tells parallel edges apart."""
    head = {"directed": network.directed, "multigraph": True, "graph": about.entries()}
    stream.write(_line(head)[:-1] + b', "nodes": [\n')
    _write_list(records(network.nodes), stream)
    stream.write(b'], "edges": [\n')
    _write_list(({**edge, "key": number} for number, edge in enumerate(records(network.edges))), stream)
    stream.write(b"]}\n")


def write_cytoscape(network: Network, about: About, stream: IO[bytes]) -> None:
    """Write what Cytoscape, cytoscape.js and ``networkx.cytoscape_graph`` read."""
    about_graph = {name: value for name, value in about.entries().items() if value is not None}
    head = {
        "format_version": "1.0",
        "generated_by": "pactgraph",
        "directed": network.directed,
        "multigraph": True,
        "data": {"name": about.title, **about_graph},
    }
    stream.write(_line(head)[:-1] + b', "elements": {"nodes": [\n')
    _write_list(({"data": _cytoscape_node(node)} for node in records(network.nodes)), stream)
    stream.write(b'], "edges": [\n')
    edges = enumerate(records(network.edges))
    _write_list(({"data": {"id": f"e{number}", "key": number, **edge}} for number, edge in edges), stream)
    stream.write(b"]}}\n")


def _cytoscape_node(node: dict[str, Any]) -> dict[str, Any]:
    return {**node, "value": node["id"], "name": node.get("label", node["id"])}


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def _write_list(items: Iterable[object], stream: IO[bytes]) -> None:
    waiting: list[bytes] = []
    separator = b""
    for item in items:
        waiting.append(_line(item))
        if len(waiting) == _CHUNK:
            stream.write(separator + b",\n".join(waiting))
            waiting, separator = [], b",\n"
    if waiting:
        stream.write(separator + b",\n".join(waiting) + b"\n")
