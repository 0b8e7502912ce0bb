import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(-3, 3, 160)
y = np.linspace(-2, 2, 120)
X, Y = np.meshgrid(x, y)
Z = np.exp(-((X + 1) ** 2) - Y**2) + 0.75 * np.exp(-((X - 1.2) ** 2) * 0.8 - (Y - 0.5) ** 2 * 1.6)

fig, ax = plt.subplots(figsize=(7, 4.4))
filled = ax.contourf(X, Y, Z, levels=np.linspace(0, 1.05, 15), cmap="magma")
lines = ax.contour(X, Y, Z, levels=[0.2, 0.4, 0.6, 0.8], colors="white", linewidths=0.8)
ax.clabel(lines, fmt="%.1f", fontsize=8)
ax.plot([-1, 1.2], [0, 0.5], "w+", markersize=10, markeredgewidth=2)
ax.annotate("reactor A", (-1, 0), (-2.6, 1.5), color="white", arrowprops=dict(arrowstyle="->", color="white"))
ax.annotate("reactor B", (1.2, 0.5), (1.7, 1.6), color="white", arrowprops=dict(arrowstyle="->", color="white"))
bar = fig.colorbar(filled, ax=ax)
bar.set_label("Relative concentration")
ax.set_xlabel("x (km)")
ax.set_ylabel("y (km)")
ax.set_aspect("equal")

plt.savefig("contour_1.pdf", bbox_inches="tight")
