import matplotlib.pyplot as plt
import numpy as np

np.random.seed(21)
names = ["SSIM", "LPIPS", "DINO", "CLIP", "Ours"]
centres = [0.31, 0.38, 0.47, 0.52, 0.71]
spread = [0.11, 0.10, 0.09, 0.08, 0.06]
data = [np.clip(np.random.normal(c, s, 150), 0, 1) for c, s in zip(centres, spread)]

fig, ax = plt.subplots(figsize=(6.4, 4))
parts = ax.violinplot(data, positions=range(5), showextrema=False, widths=0.8)
for body, color in zip(parts["bodies"], ["#adb5bd", "#adb5bd", "#adb5bd", "#adb5bd", "#d00000"]):
    body.set_facecolor(color)
    body.set_alpha(0.8)
    body.set_edgecolor("black")
for k, values in enumerate(data):
    q1, median, q3 = np.percentile(values, [25, 50, 75])
    ax.vlines(k, q1, q3, color="black", lw=6)
    ax.scatter(k, median, color="white", s=28, zorder=3)
ax.set_xticks(range(5))
ax.set_xticklabels(names)
ax.set_ylabel("Correlation with people")
ax.set_ylim(0, 1)
ax.yaxis.grid(True, alpha=0.4)

plt.tight_layout()
plt.savefig("violin_1.pdf", bbox_inches="tight")
