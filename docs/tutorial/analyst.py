"""From the graph to a drawn network, in ten cells: for editors that know ``# %%``, or to run."""

# %% 1. Open the graph: the shipped facts, your data directory, or an endpoint's address
import pactgraph

graph = pactgraph.open()

# %% 2. Ask a question in SPARQL; the prefixes of the graph are known
meetings = graph.query("SELECT ?day { ?meeting a pact:CouncilMeeting ; pact:startDate ?day } ORDER BY ?day")
days = [str(row.day) for row in meetings]

# %% 3. Take a view as a networkx graph
network = graph.networkx("collaboration")

# %% 4. It says where it comes from
about = network.graph["citation"], network.graph["checksum"]

# %% 5. Every edge says who states it
source, target, edge = next(iter(network.edges(data=True)))
stated_by = edge["source_titles"].split(" | ")

# %% 6. Leave out what the editors inferred
stated = network.edge_subgraph([key for key in network.edges if not network.edges[key]["inferred"]]).copy()

# %% 7. Find the brokers
import networkx as nx  # noqa: E402 — a cell brings what it needs

between = nx.betweenness_centrality(nx.Graph(stated))
brokers = [stated.nodes[node]["label"] for node in sorted(between, key=between.get, reverse=True)[:3]]

# %% 8. Take a view as a DataFrame
money = graph.frame("funding").dropna(subset=["amount"])[
    ["source_label", "target_label", "amount", "currency", "is_part"]
]

# %% 9. Draw the largest part
import matplotlib  # noqa: E402 — as above

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402 — as above

largest = nx.Graph(stated.subgraph(max(nx.weakly_connected_components(stated), key=len)))
figure, axes = plt.subplots(figsize=(10, 7))
sides = {"Korean side": "#D55E00", "European side": "#0072B2"}
nx.draw_networkx(
    largest,
    pos=nx.spring_layout(largest, seed=1),
    ax=axes,
    labels={node: largest.nodes[node]["label"] for node in largest},
    node_color=[sides.get(largest.nodes[node].get("side"), "#999999") for node in largest],
    node_size=60,
    font_size=6,
    edge_color="#BBBBBB",
)
figure.text(0.01, 0.01, network.graph["citation"], fontsize=6)

# %% 10. Keep the drawing, and let go of the graph
figure.savefig("collaboration.png", dpi=150)
plt.close(figure)
graph.close()
