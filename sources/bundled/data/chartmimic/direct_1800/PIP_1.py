import matplotlib.pyplot as plt
from mpl_toolkits.axes_grid1.inset_locator import inset_axes, mark_inset

epochs = list(range(1, 21))
train = [2.31, 1.62, 1.24, 1.01, 0.86, 0.75, 0.67, 0.61, 0.56, 0.52,
         0.49, 0.46, 0.44, 0.42, 0.40, 0.39, 0.38, 0.37, 0.36, 0.35]
valid = [2.18, 1.70, 1.39, 1.18, 1.05, 0.96, 0.90, 0.85, 0.82, 0.80,
         0.785, 0.775, 0.77, 0.768, 0.770, 0.774, 0.781, 0.790, 0.801, 0.815]

fig, ax = plt.subplots(figsize=(6.5, 4.5))
ax.plot(epochs, train, color="#3a86ff", lw=2, label="train")
ax.plot(epochs, valid, color="#ff006e", lw=2, label="validation")
ax.set_xlabel("Epoch")
ax.set_ylabel("Cross-entropy")
ax.set_xlim(1, 20)
ax.set_ylim(0.2, 2.5)
ax.legend(loc="lower left")

inset = inset_axes(ax, width="48%", height="42%", loc="upper right", borderpad=2.2)
inset.plot(epochs, valid, color="#ff006e", lw=2, marker="o", markersize=4)
inset.set_xlim(10, 18)
inset.set_ylim(0.755, 0.81)
inset.set_title("early stopping", fontsize=9)
inset.tick_params(labelsize=8)
inset.scatter([14], [0.768], s=90, facecolors="none", edgecolors="black", zorder=5)
mark_inset(ax, inset, loc1=3, loc2=4, fc="none", ec="0.6")

plt.savefig("PIP_1.pdf", bbox_inches="tight")
