# Other libraries' artists: a tree map, a network with labeled edges, nested rings.
import matplotlib.pyplot as plt
import networkx as nx
import squarify

fig, (tree, net, rings) = plt.subplots(1, 3, figsize=(10, 3.3))
squarify.plot([40, 25, 15, 12, 8], label=list("ABCDE"), color=plt.cm.Set2.colors, pad=True, ax=tree)
tree.axis("off")
graph = nx.DiGraph([("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("d", "a")])
place = nx.circular_layout(graph)
nx.draw_networkx(graph, place, ax=net, node_color="#ffb703", node_size=500)
nx.draw_networkx_edge_labels(graph, place, {("a", "b"): "0.7", ("c", "d"): "0.3"}, ax=net)
net.axis("off")
rings.pie([30, 70], radius=1.1, wedgeprops={"width": 0.35, "edgecolor": "w"}, labels=["in", "out"])
rings.pie([10, 20, 40, 30], radius=0.75, wedgeprops={"width": 0.35, "edgecolor": "w"}, autopct="%d%%", pctdistance=0.78)
fig.savefig("trees.png", bbox_inches="tight")
