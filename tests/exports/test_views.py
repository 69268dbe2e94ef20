"""What the views say of the hostile graph, of which every edge is known."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from pactgraph.errors import InputError
from pactgraph.exports.adhoc import query_network
from pactgraph.exports.ask import ask_store
from pactgraph.exports.delivery import Wishes, deliver_query, deliver_view, to_networkx, to_table
from pactgraph.exports.formats import format_by_file, format_by_name
from pactgraph.exports.network import Network, records
from pactgraph.exports.projection import view_network
from pactgraph.exports.views import read_views, view_by_name
from pactgraph.vocab import prefixes

X = "https://w3id.org/eukdp/id/x/"


def view(store: ox.Store, name: str, languages: tuple[str, ...] = ("en",)) -> Network:
    return view_network(read_views()[name], ask_store(store), prefixes(), languages)


def ask_query(store: ox.Store, text: str) -> Network:
    return query_network(text, ask_store(store), read_views()["entities"], prefixes())


def by_ends(network: Network) -> dict[tuple[str, str], dict[str, object]]:
    return {
        (edge["source"].removeprefix(X), edge["target"].removeprefix(X)): edge
        for edge in records(network.edges)
    }


def test_collaboration_counts_what_is_shared_and_marks_inferences(hostile_store: ox.Store) -> None:
    edges = by_ends(view(hostile_store, "collaboration"))
    assert set(edges) == {("o1", "o2"), ("o1", "o3"), ("o2", "o3")}
    joint = edges["o1", "o2"]
    assert (joint["weight"], joint["projects"], joint["events"], joint["inferred"]) == (2, 1, 1, False)
    assert (joint["start"], joint["end"]) == ("2024-02", "2024-02-29")
    assert joint["sources"] == "https://w3id.org/eukdp/source/a"
    guessed = edges["o1", "o3"]
    assert (guessed["weight"], guessed["inferred"]) == (1, True)
    assert guessed["start"] == "2024-07"  # 2024-07 says more than 2024
    assert guessed["sources"] == "https://w3id.org/eukdp/source/a https://w3id.org/eukdp/source/b"


def test_every_amount_is_an_edge_and_too_exact_ones_are_text(hostile_store: ox.Store) -> None:
    amounts = [edge["amount"] for edge in records(view(hostile_store, "funding").edges) if "amount" in edge]
    assert amounts == ["0.1", "12345678901234567890.123"]


def test_money_that_is_part_of_other_money_says_so(shipped_store: ox.Store) -> None:
    edges = list(records(view(shipped_store, "funding").edges))
    parts = [edge for edge in edges if edge["is_part"]]
    assert parts
    assert all(edge["part_of"].startswith("https://w3id.org/eukdp/id/funding/") for edge in parts)
    won = [
        edge["amount"] for edge in edges if edge.get("currency") == "South Korean won" and not edge["is_part"]
    ]
    assert all(isinstance(amount, float) for amount in won)


@pytest.mark.parametrize("name", read_views())
def test_every_edge_of_the_shipped_graph_has_sources(shipped_store: ox.Store, name: str) -> None:
    edges = list(records(view(shipped_store, name).edges))
    assert edges
    assert [edge for edge in edges if not edge.get("sources") or not edge.get("source_titles")] == []


def test_names_come_in_the_language_asked_for(shipped_store: ox.Store) -> None:
    names = {
        lang: {
            node["id"]: node["label"] for node in records(view(shipped_store, "collaboration", (lang,)).nodes)
        }
        for lang in ("en", "ko")
    }
    korea = "https://w3id.org/eukdp/id/polity/republic-of-korea"
    assert (names["en"][korea], names["ko"][korea]) == ("Republic of Korea", "대한민국")


def test_a_view_of_nothing_is_empty_and_describes_itself() -> None:
    delivery = deliver_view(read_views()["people"], ask_store(ox.Store()), prefixes(), Wishes(analyse=True))
    assert (delivery.about.nodes, delivery.about.edges, delivery.about.revision) == (0, 0, None)


def test_parallel_edges_and_loops_of_a_query_stay(hostile_store: ox.Store) -> None:
    network = ask_query(
        hostile_store,
        f"SELECT ?source ?target {{ ?source ?p ?target VALUES ?p {{ <{X}knows> <{X}likes> }} }}",
    )
    ends = [
        (edge["source"].removeprefix(X), edge["target"].removeprefix(X)) for edge in records(network.edges)
    ]
    assert sorted(ends) == [("o1", "javascript:alert(1)"), ("o1", "o1"), ("o1", "o2"), ("o1", "o2")]
    assert all(edge["sources"] == "https://w3id.org/eukdp/source/a" for edge in records(network.edges))


def test_ends_of_a_query_are_found_as_they_are_spelt() -> None:
    """A literal at an end is text: whatever it holds, the graph that joins the ends is found by it."""
    store, graph = ox.Store(), ox.NamedNode("https://w3id.org/eukdp/graph/a")
    text = ox.Literal("what is UNDEF here (?source ?predicate ?target) {")
    stated = ox.Quad(ox.NamedNode(X + "1"), ox.NamedNode(X + "p"), text, graph)
    known = ox.Quad(
        graph, ox.NamedNode("http://www.w3.org/ns/prov#hadPrimarySource"), ox.NamedNode(X + "s"), graph
    )
    for quad in (stated, known):
        store.extend([quad, ox.Quad(quad.subject, quad.predicate, quad.object)])
    [edge] = records(ask_query(store, f"SELECT ?source ?target {{ ?source <{X}p> ?target }}").edges)
    assert edge["sources"] == X + "s"


def test_columns_of_a_query_are_typed_by_all_their_values(hostile_store: ox.Store) -> None:
    text = f"""SELECT ?source ?target ?mixed ?whole ?huge ?weight {{
        ?source <{X}knows> ?target FILTER(?target != ?source)
        {{ ?source <{X}mixed> ?mixed }} UNION {{ <{X}o2> <{X}mixed> ?whole }}
        UNION {{ <{X}o3> <{X}huge> ?huge }} BIND(1.5 AS ?weight) }}"""
    kinds = {column.name: column.kind for column in ask_query(hostile_store, text).edges.columns}
    assert (kinds["mixed"], kinds["whole"], kinds["huge"], kinds["weight"]) == (
        "text",
        "integer",
        "text",
        "double",
    )


def test_triples_become_edges_and_literals_attributes(hostile_store: ox.Store) -> None:
    text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?s {{ <{X}o1> <{X}o3> }} ?s ?p ?o }}"
    delivery = deliver_query(text, ask_store(hostile_store), read_views()["entities"], prefixes(), Wishes())
    assert delivery.about.edges == 4
    nodes = {node["id"]: node for node in records(delivery.network.nodes)}
    assert nodes[f"{X}o3"][f"{X}huge"] == "9007199254740993 | NaN"
    graph = to_networkx(delivery.network, delivery.about)
    assert graph.number_of_edges() == to_table(delivery.network).num_rows == 4


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("SELECT ?a { ?a ?b ?c }", "lacks ?source and ?target (it has ?a)"),
        ("SELECT ?source { ?source ?b ?c }", "lacks ?target"),
    ],
)
def test_a_query_that_is_no_graph_says_what_it_lacks(hostile_store: ox.Store, text: str, lacks: str) -> None:
    with pytest.raises(InputError) as refused:
        ask_query(hostile_store, text)
    assert lacks in refused.value.message


def test_ask_is_no_graph(hostile_store: ox.Store) -> None:
    with pytest.raises(InputError, match="no rows"):
        ask_query(hostile_store, "ASK { ?s ?p ?o }")


def test_unknown_views_and_formats_list_the_known() -> None:
    with pytest.raises(InputError, match="entities, collaboration, people"):
        view_by_name("nothing", read_views())
    with pytest.raises(InputError, match=r"graphml \(.graphml\)"):
        format_by_name("pajek")
    with pytest.raises(InputError, match="gexf"):
        format_by_file("out.pdf")
    with pytest.raises(InputError):
        format_by_name("ics", read_views()["people"])
