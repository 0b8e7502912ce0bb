import matplotlib.pyplot as plt
import numpy as np
from matplotlib.gridspec import GridSpec

rng = np.random.RandomState(12)
height = rng.normal(172, 8, 180)
weight = 0.92 * (height - 100) + rng.normal(0, 6.5, 180)

fig = plt.figure(figsize=(6, 6))
grid = GridSpec(2, 2, width_ratios=[4, 1], height_ratios=[1, 4], wspace=0.05, hspace=0.05)
ax = fig.add_subplot(grid[1, 0])
top = fig.add_subplot(grid[0, 0], sharex=ax)
right = fig.add_subplot(grid[1, 1], sharey=ax)

ax.scatter(height, weight, s=22, color="#386641", alpha=0.55, edgecolors="none")
slope, intercept = np.polyfit(height, weight, 1)
ends = np.array([150, 195])
ax.plot(ends, slope * ends + intercept, color="#bc4749", lw=2)
ax.text(152, 98, f"r = {np.corrcoef(height, weight)[0, 1]:.2f}", fontsize=11)
ax.set_xlabel("Height (cm)")
ax.set_ylabel("Weight (kg)")
ax.set_xlim(148, 198)
ax.set_ylim(40, 104)

top.hist(height, bins=18, color="#a7c957", edgecolor="white")
right.hist(weight, bins=18, orientation="horizontal", color="#a7c957", edgecolor="white")
top.axis("off")
right.axis("off")

plt.savefig("CB_2.pdf", bbox_inches="tight")
