"""Each format of each view of the shipped and of a hostile graph, read back by someone else."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import networkx as nx
import pyarrow as pa
import pyoxigraph as ox
import pytest
from icalendar import Calendar
from lxml import etree

from pactgraph.exports.about import describe
from pactgraph.exports.ask import ask_store
from pactgraph.exports.delivery import Delivery, Wishes, deliver_query, deliver_view
from pactgraph.exports.formats import FORMATS, format_by_name, formats_of
from pactgraph.exports.network import Column, Network, Origin, Rows, TableRows, records
from pactgraph.exports.views import read_views
from pactgraph.vocab import prefixes

from .readers import READERS, graphml, parquet_pair
from .writing import delivered, written

EXPORT = "https://w3id.org/eukdp/export#"

QUERIES = (
    "SELECT ?source ?target ?한 ?iri { ?source ?p ?target BIND(STR(?p) AS ?iri) BIND(?iri AS ?한) }",
    "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
)


def cells(rows: Rows, *, empty_counts: bool = True) -> int:
    return sum(1 for row in records(rows) for value in row.values() if empty_counts or value != "")


@pytest.mark.parametrize("name", READERS)
def test_nodes_edges_and_attributes_are_all_there(delivery: Delivery, name: str) -> None:
    nodes, edges, node_cells, edge_cells = READERS[name](written(delivery, name))
    has_empty = name not in {"csv", "neo4j", "xlsx"}  # an empty text is an empty cell there
    assert (nodes, edges) == (len(delivery.network.nodes), len(delivery.network.edges))
    if name == "neo4j":  # the label of a node and the type of an edge stand in a column of their own, too
        node_cells, edge_cells = node_cells - nodes, edge_cells - edges
    assert node_cells == cells(delivery.network.nodes, empty_counts=has_empty)
    assert edge_cells == cells(delivery.network.edges, empty_counts=has_empty)


@pytest.mark.parametrize("text", QUERIES)
@pytest.mark.parametrize("name", READERS)
def test_a_query_is_read_back_like_a_view(hostile_store: ox.Store, name: str, text: str) -> None:
    context = read_views()["entities"]
    of = deliver_query(text, ask_store(hostile_store), context, prefixes(), Wishes(analyse=True))
    test_nodes_edges_and_attributes_are_all_there(of, name)


def test_an_attribute_of_graphml_keeps_its_name_where_the_schema_has_no_such_name() -> None:
    names = ["id", "label", "iri", "http://a/b", "http:.a.b", "dcterms:title@en", "한국"]
    cells = pa.table({name: pa.array([name]) for name in names})
    ends = pa.table({name: pa.array(["id"]) for name in ("source", "target")})
    network = Network(
        TableRows(cells, tuple(Column(name) for name in names)),
        TableRows(ends, (Column("source"), Column("target"))),
        True,
        Origin("names"),
    )
    stream = io.BytesIO()
    format_by_name("graphml").write(network, describe(network), stream)
    assert graphml(stream.getvalue()) == (1, 1, 7, 2)
    (node,) = [cells for _, cells in nx.read_graphml(io.BytesIO(stream.getvalue())).nodes(data=True)]
    assert node == {
        "iri": "id",
        "label": "label",
        "iri.2": "iri",
        "http:..a.b": "http://a/b",
        "http:.a.b": "http:.a.b",
        "dcterms:title.en": "dcterms:title@en",
        "한국": "한국",
    }
    described = etree.fromstring(stream.getvalue()).findall("{*}key/{*}desc")
    assert [element.text for element in described] == ["iri", "http://a/b", "dcterms:title@en"]


def test_parquet_holds_the_values_as_they_are(delivery: Delivery) -> None:
    counts = parquet_pair(written(delivery, "nodes-parquet"), written(delivery, "parquet"))
    network = delivery.network
    assert counts == (len(network.nodes), len(network.edges), cells(network.nodes), cells(network.edges))


@pytest.mark.parametrize("name", ["turtle", "nquads", "trig", "ntriples"])
def test_rdf_has_every_node_and_edge(delivery: Delivery, name: str) -> None:
    form = format_by_name(name).rdf
    quads = list(ox.parse(written(delivery, name, as_network=True), format=form))
    kinds = [quad.object.value for quad in quads if quad.predicate.value.endswith("#type")]
    assert kinds.count(f"{EXPORT}Node") == len(delivery.network.nodes)
    assert kinds.count(f"{EXPORT}Edge") == len(delivery.network.edges)


def test_json_ld_is_json_and_rdf(delivery: Delivery) -> None:
    content = written(delivery, "jsonld", as_network=True)
    parsed = json.loads(content)
    assert (len(parsed["nodes"]), len(parsed["edges"])) == (
        len(delivery.network.nodes),
        len(delivery.network.edges),
    )
    quads = list(ox.parse(content, format=ox.RdfFormat.JSON_LD))
    targets = [quad for quad in quads if quad.predicate.value == f"{EXPORT}target"]
    assert len(targets) == len(delivery.network.edges)


def test_html_is_one_file_that_holds_its_script_apart_from_its_data(delivery: Delivery) -> None:
    page = written(delivery, "html").decode()
    assert page.count("<script") == 2
    assert 'http-equiv="Content-Security-Policy" content="default-src' in page.replace("&#x27;", "'")
    assert "src=" not in page.split("<script>")[0].replace("script-src", "").replace("style-src", "").replace(
        "default-src", ""
    )
    content = json.loads(page.split('id="content">')[1].split("</script>")[0])
    assert len(content["nodes"]) == min(len(delivery.network.nodes), 800)


def test_svg_is_xml_with_a_title_and_source_line(delivery: Delivery) -> None:
    tree = etree.fromstring(written(delivery, "svg"), etree.XMLParser(huge_tree=True))
    text = " ".join(tree.xpath("//*[local-name()='text']//text()"))
    assert delivery.about.title in text
    assert "Source:" in text
    assert "CC-BY-4.0" in text


def test_png_is_a_picture_with_its_checksum(delivery: Delivery) -> None:
    content = written(delivery, "png")
    assert content.startswith(b"\x89PNG")
    assert delivery.about.checksum.encode() in content


def test_the_timeline_is_a_calendar(delivery: Delivery) -> None:
    if delivery.about.view != "timeline":
        assert "ics" not in [form.name for form in FORMATS if not form.calendar]
        return
    events = Calendar.from_ical(written(delivery, "ics")).walk("VEVENT")
    assert len(events) == len(delivery.network.edges)
    assert len({str(event["uid"]) for event in events}) == len(events)
    assert all(event["dtend"].dt > event["dtstart"].dt for event in events)


def test_statements_as_rdf_are_the_statements(shipped_store: ox.Store) -> None:
    delivery = delivered(shipped_store, "statements")
    found = [
        set(ox.parse(written(delivery, name), format=format_by_name(name).rdf))
        for name in ("nquads", "trig", "jsonld")
    ]
    assert found[0] == found[1] == found[2]
    assert found[0] <= set(shipped_store)
    assert len({(quad.subject, quad.predicate, quad.object) for quad in found[0]}) == len(
        delivery.network.edges
    )


@pytest.fixture(scope="module")
def elsewhere(shipped_store: ox.Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything as another process writes it, with other hashes and from a store filled in another order."""
    folder = tmp_path_factory.mktemp("elsewhere")
    quads = folder / "quads.nq"
    shipped_store.dump(quads, format=ox.RdfFormat.N_QUADS)
    program = [sys.executable, str(Path(__file__).with_name("elsewhere.py")), str(quads), str(folder)]
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    subprocess.run(program, check=True, timeout=300, env={**os.environ, "PYTHONHASHSEED": seed})
    return folder


@pytest.mark.parametrize("view_name", read_views())
def test_the_same_revision_gives_the_same_bytes_elsewhere(
    shipped_store: ox.Store, elsewhere: Path, view_name: str
) -> None:
    delivery = delivered(shipped_store, view_name)
    for form in formats_of(read_views()[view_name]):
        there = (elsewhere / f"{view_name}.{form.name}").read_bytes()
        assert written(delivery, form.name) == there, form.name


def test_measures_are_the_same_elsewhere(shipped_store: ox.Store, elsewhere: Path) -> None:
    view, wishes = read_views()["collaboration"], Wishes(analyse=True)
    delivery = deliver_view(view, ask_store(shipped_store), prefixes(), wishes)
    assert written(delivery, "json") == (elsewhere / "collaboration.analysed").read_bytes()
