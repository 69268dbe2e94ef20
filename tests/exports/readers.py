"""Independent readers: each returns how many nodes, edges, and cells of nodes and edges a file holds."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import networkx as nx
import openpyxl
from lxml import etree
from pyarrow import parquet

Counts = tuple[int, int, int, int]
# Ours ask more than the published schemas do of the elements that the exports use; where a folder holds the
# published ones (graphml/graphml.xsd, gexf/gexf.xsd), files are held to both.
SCHEMAS = Path(__file__).parent / "schemas"
PUBLISHED = os.environ.get("PACTGRAPH_GRAPH_SCHEMAS")
csv.field_size_limit(sys.maxsize)


@cache
def schemas(name: str) -> list[etree.XMLSchema]:
    files = [SCHEMAS / f"{name}.xsd", *([Path(PUBLISHED, name, f"{name}.xsd")] if PUBLISHED else [])]
    return [etree.XMLSchema(etree.parse(file)) for file in files]


def valid(content: bytes, name: str) -> etree._Element:
    tree = etree.fromstring(content, etree.XMLParser(huge_tree=True))
    for schema in schemas(name):
        schema.assertValid(tree)
    return tree


def graphml(content: bytes) -> Counts:
    tree = valid(content, "graphml")
    graph = nx.read_graphml(io.BytesIO(content), force_multigraph=True)
    names = {"g": "http://graphml.graphdrawing.org/xmlns"}
    counts = [
        len(tree.xpath(path, namespaces=names))
        for path in ("//g:node", "//g:edge", "//g:node/g:data", "//g:edge/g:data")
    ]
    assert (len(graph), graph.number_of_edges()) == tuple(counts[:2])
    return counts[0], counts[1], counts[2], counts[3] + 2 * counts[1]


def gexf(content: bytes) -> Counts:
    tree = valid(content, "gexf")
    graph = nx.read_gexf(io.BytesIO(content), version="1.3")
    names = {"g": "http://gexf.net/1.3"}

    def count(path: str) -> int:
        return len(tree.xpath(path, namespaces=names))

    nodes, edges = count("//g:node"), count("//g:edge")
    assert (len(graph), graph.number_of_edges()) == (nodes, edges)
    node_cells = nodes + count("//g:node/@label") + count("//g:node//g:attvalue")
    edge_cells = (
        2 * edges + count("//g:edge/@label") + count("//g:edge/@weight") + count("//g:edge//g:attvalue")
    )
    return nodes, edges, node_cells, edge_cells


def node_link(content: bytes) -> Counts:
    parsed = json.loads(content)
    graph = nx.node_link_graph(parsed, edges="edges")
    assert graph.number_of_edges() == len(parsed["edges"])
    cells = sum(len(node) for node in parsed["nodes"]), sum(len(edge) - 1 for edge in parsed["edges"])
    return len(graph), graph.number_of_edges(), *cells


def cytoscape(content: bytes) -> Counts:
    parsed = json.loads(content)
    graph = nx.cytoscape_graph(json.loads(content))
    elements = parsed["elements"]
    cells = (
        sum(len(node["data"]) - 2 for node in elements["nodes"]),
        sum(len(edge["data"]) - 2 for edge in elements["edges"]),
    )
    return len(graph), graph.number_of_edges(), *cells


def _table(text: str) -> tuple[int, int]:
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    return len(rows), sum(1 for row in rows for cell in row.values() if cell != "")


def csv_zip(content: bytes) -> Counts:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        nodes = _table(archive.read("nodes.csv").decode())
        edges = _table(archive.read("edges.csv").decode())
    return nodes[0], edges[0], nodes[1], edges[1]


def parquet_pair(nodes: bytes, edges: bytes) -> Counts:
    tables = [parquet.read_table(io.BytesIO(content)) for content in (nodes, edges)]
    cells = [sum(len(column) - column.null_count for column in table.columns) for table in tables]
    return tables[0].num_rows, tables[1].num_rows, cells[0], cells[1]


def xlsx(content: bytes) -> Counts:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    found = []
    for name in ("nodes", "edges"):
        rows = list(book[name].iter_rows(values_only=True))
        assert book[name].max_row is not None
        found.append((len(rows) - 1, sum(1 for row in rows[1:] for cell in row if cell is not None)))
    book.close()
    return found[0][0], found[1][0], found[0][1], found[1][1]


READERS: dict[str, Callable[[bytes], Counts]] = {
    "graphml": graphml,
    "gexf": gexf,
    "json": node_link,
    "cytoscape": cytoscape,
    "csv": csv_zip,
    "neo4j": csv_zip,
    "xlsx": xlsx,
}
