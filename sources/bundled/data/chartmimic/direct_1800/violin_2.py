import matplotlib.pyplot as plt
import numpy as np

rng = np.random.default_rng(5)
sites = ["Reef", "Lagoon", "Estuary", "Open sea"]
summer = [rng.normal(m, s, 80) for m, s in [(27.5, 0.8), (29.1, 1.1), (25.2, 1.5), (24.0, 0.7)]]
winter = [rng.normal(m, s, 80) for m, s in [(23.1, 0.7), (22.0, 1.2), (17.9, 1.4), (20.6, 0.6)]]


def half_violin(ax, values, side, color, label):
    parts = ax.violinplot(values, positions=range(len(values)), widths=0.9, showextrema=False, showmedians=True, side=side)
    for body in parts["bodies"]:
        body.set(facecolor=color, edgecolor="black", alpha=0.75, linewidth=0.8)
    parts["cmedians"].set_color("black")
    ax.plot([], [], color=color, lw=8, label=label)


fig, ax = plt.subplots(figsize=(6.4, 4.2))
half_violin(ax, summer, "low", "#ff9f1c", "August")
half_violin(ax, winter, "high", "#2ec4b6", "February")
ax.set_xticks(range(4), sites)
ax.set_ylabel("Water temperature (°C)")
ax.set_ylim(12, 33)
ax.legend(loc="upper right", ncol=2, frameon=False)
ax.spines[["top", "right"]].set_visible(False)

plt.tight_layout()
plt.savefig("violin_2.pdf", bbox_inches="tight")
