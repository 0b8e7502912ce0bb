# Axes in axes: an inset with its zoom lines, a twin axis, an arrow, a secondary scale.
import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(0, 10, 400)
y = np.exp(-x / 4) * np.cos(4 * x)
fig, ax = plt.subplots(figsize=(6.5, 3.6))
ax.plot(x, y, color="#1d3557")
inset = ax.inset_axes([0.55, 0.58, 0.4, 0.38])
inset.plot(x, y, color="#1d3557")
inset.set(xlim=(4, 5.5), ylim=(-0.4, 0.4), xticks=[], yticks=[])
ax.indicate_inset_zoom(inset, edgecolor="black")
twin = ax.twinx()
twin.fill_between(x, np.exp(-x / 4), color="#e63946", alpha=0.15)
twin.set_ylabel("envelope", color="#e63946")
ax.annotate("first crest", (1.57, 0.67), (2.6, 0.95), arrowprops={"arrowstyle": "->"}, fontsize=8)
ax.secondary_xaxis("top", functions=(lambda s: s * 1000, lambda ms: ms / 1000)).set_xlabel("ms")
fig.savefig("inset.pdf", bbox_inches="tight")
