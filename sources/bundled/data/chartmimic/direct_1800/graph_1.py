import matplotlib.pyplot as plt
import networkx as nx

positions = {
    "Oslo": (10.7, 59.9), "Berlin": (13.4, 52.5), "Paris": (2.4, 48.9), "Madrid": (-3.7, 40.4),
    "Rome": (12.5, 41.9), "Vienna": (16.4, 48.2), "Warsaw": (21.0, 52.2), "London": (-0.1, 51.5),
}
flights = [
    ("Oslo", "Berlin", 6), ("Oslo", "London", 9), ("London", "Paris", 14), ("London", "Madrid", 8),
    ("Paris", "Madrid", 7), ("Paris", "Rome", 8), ("Berlin", "Vienna", 5), ("Berlin", "Warsaw", 6),
    ("Vienna", "Rome", 4), ("Paris", "Berlin", 10), ("Madrid", "Rome", 6), ("Vienna", "Warsaw", 3),
]

graph = nx.Graph()
graph.add_weighted_edges_from(flights)
degree = dict(graph.degree(weight="weight"))

fig, ax = plt.subplots(figsize=(7, 5))
nx.draw_networkx_edges(graph, positions, ax=ax, width=[w / 2.5 for *_, w in flights], edge_color="#b8c0cc")
nx.draw_networkx_nodes(
    graph, positions, ax=ax, node_size=[40 * degree[n] for n in graph], node_color="#ffb703",
    edgecolors="#fb8500", linewidths=2,
)
nx.draw_networkx_labels(graph, positions, ax=ax, font_size=9)
nx.draw_networkx_edge_labels(graph, positions, ax=ax, edge_labels={(a, b): w for a, b, w in flights}, font_size=7)
ax.set_title("Daily flights between eight capitals")
ax.margins(0.12)
ax.axis("off")

plt.savefig("graph_1.pdf", bbox_inches="tight")
