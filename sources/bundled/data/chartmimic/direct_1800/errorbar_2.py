import matplotlib.pyplot as plt
import numpy as np

groups = ["Baseline", "Caffeine", "Sleep", "Both"]
mean = np.array([512, 468, 451, 433])
lower = np.array([18, 22, 15, 12])
upper = np.array([25, 17, 20, 19])
colors = ["#8d99ae", "#ef8354", "#4f5d75", "#2d3142"]

fig, ax = plt.subplots(figsize=(5.2, 4.4))
bars = ax.bar(groups, mean, yerr=[lower, upper], color=colors, capsize=6, width=0.6, error_kw={"elinewidth": 1.5})
for i, j, height, stars in [(0, 1, 570, "**"), (0, 3, 610, "***"), (2, 3, 500, "n.s.")]:
    ax.plot([i, i, j, j], [height - 8, height, height, height - 8], color="black", lw=1)
    ax.text((i + j) / 2, height + 2, stars, ha="center", va="bottom", fontsize=11)
ax.set_ylim(350, 650)
ax.set_ylabel("Reaction time (ms)")
ax.spines[["top", "right"]].set_visible(False)
ax.set_title("Response after intervention")

plt.tight_layout()
plt.savefig("errorbar_2.pdf", bbox_inches="tight")
