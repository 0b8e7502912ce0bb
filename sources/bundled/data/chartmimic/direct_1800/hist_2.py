import matplotlib.pyplot as plt
import numpy as np

edges = [0, 5, 10, 15, 20, 25, 30, 35, 40]
urban = [4, 18, 46, 71, 58, 33, 14, 6]
rural = [2, 7, 19, 35, 52, 61, 40, 21]
centres = [(a + b) / 2 for a, b in zip(edges, edges[1:])]

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8))
left.hist([centres, centres], bins=edges, weights=[urban, rural], stacked=True,
          color=["#4059ad", "#97d8c4"], edgecolor="white", label=["urban", "rural"])
left.set_xlabel("Distance to school (km)")
left.set_ylabel("Pupils")
left.set_title("(a) stacked counts")
left.legend()

for counts, color, name in [(urban, "#4059ad", "urban"), (rural, "#6b9ac4", "rural")]:
    cumulative = np.cumsum(counts) / np.sum(counts) * 100
    right.stairs(cumulative, edges, color=color, lw=2.2, label=name)
right.axhline(50, color="grey", ls=":", lw=1)
right.set_xlabel("Distance to school (km)")
right.set_ylabel("Cumulative share (%)")
right.set_ylim(0, 105)
right.set_title("(b) cumulative")
right.legend(loc="lower right")

plt.tight_layout()
plt.savefig("hist_2.pdf", bbox_inches="tight")
