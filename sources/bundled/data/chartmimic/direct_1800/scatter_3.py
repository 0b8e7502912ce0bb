import matplotlib.pyplot as plt
import numpy as np

gdp = [1.9, 3.4, 5.2, 7.8, 9.9, 12.4, 15.1, 19.8, 24.7, 31.0, 38.6, 46.2, 53.9, 61.5]
life = [61.2, 63.0, 66.8, 67.1, 71.9, 72.4, 74.8, 75.9, 76.2, 79.8, 81.0, 81.9, 82.6, 83.1]
people = [14, 48, 109, 33, 212, 68, 84, 19, 38, 51, 10, 83, 17, 9]
gini = [44, 41, 39, 37, 52, 36, 40, 33, 31, 32, 28, 31, 29, 27]

fig, ax = plt.subplots(figsize=(7, 4.6))
bubbles = ax.scatter(gdp, life, s=[4 * p for p in people], c=gini, cmap="viridis_r", alpha=0.8, edgecolor="k", linewidth=0.6)
slope, intercept = np.polyfit(np.log(gdp), life, 1)
curve = np.linspace(1.5, 65, 100)
ax.plot(curve, slope * np.log(curve) + intercept, color="crimson", lw=1.5, label=f"{slope:.1f} ln(x) + {intercept:.1f}")
for size in (20, 100, 200):
    ax.scatter([], [], s=4 * size, c="lightgray", edgecolor="k", linewidth=0.6, label=f"{size} M people")
ax.set_xlabel("GDP per person (thousand $, PPP)")
ax.set_ylabel("Life expectancy (years)")
ax.set_xlim(0, 66)
ax.set_ylim(58, 86)
ax.legend(loc="lower right", labelspacing=1.1, borderpad=0.9)
fig.colorbar(bubbles, ax=ax, label="Gini index")

plt.tight_layout()
plt.savefig("scatter_3.pdf", bbox_inches="tight")
