import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Ellipse

np.random.seed(3)
clusters = [
    ("T cells", (-4.0, 2.5), (1.1, 0.8), "#1f77b4"),
    ("B cells", (3.2, 3.4), (0.9, 0.9), "#ff7f0e"),
    ("Monocytes", (0.4, -3.1), (1.4, 0.9), "#2ca02c"),
    ("NK cells", (-5.2, -1.6), (0.7, 1.0), "#d62728"),
    ("Platelets", (5.0, -1.4), (0.5, 0.5), "#9467bd"),
]

fig, ax = plt.subplots(figsize=(6, 5))
for name, centre, spread, color in clusters:
    points = np.random.normal(centre, spread, size=(110, 2))
    ax.scatter(points[:, 0], points[:, 1], s=9, color=color, alpha=0.7, label=name)
    ax.add_patch(Ellipse(centre, 4 * spread[0], 4 * spread[1], fill=False, ec=color, lw=1.5, ls="--"))
    ax.text(centre[0], centre[1] + 2.3 * spread[1], name, ha="center", fontsize=10, weight="bold", color=color)
ax.set_xlabel("UMAP 1")
ax.set_ylabel("UMAP 2")
ax.set_xticks([])
ax.set_yticks([])
ax.set_xlim(-8.5, 7.5)
ax.set_ylim(-6.5, 6.8)
ax.spines[["top", "right"]].set_visible(False)

plt.tight_layout()
plt.savefig("scatter_2.pdf", bbox_inches="tight")
