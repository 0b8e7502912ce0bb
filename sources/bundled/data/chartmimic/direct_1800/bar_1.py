import matplotlib.pyplot as plt
import numpy as np

# Accuracy of five vision-language models on four reasoning benchmarks
benchmarks = ["ChartQA", "DocVQA", "MathVista", "TableBench"]
models = {
    "Base-2B": [62.4, 71.8, 38.5, 29.6],
    "Base-7B": [74.1, 84.3, 49.2, 41.7],
    "SFT-7B": [78.6, 86.9, 55.8, 46.3],
    "SFT+RL-7B": [83.2, 89.5, 61.4, 53.9],
    "Oracle": [88.7, 93.1, 68.0, 61.2],
}
colors = ["#d9e2ec", "#9fb3c8", "#627d98", "#334e68", "#d64545"]

x = np.arange(len(benchmarks))
width = 0.16

fig, ax = plt.subplots(figsize=(8, 4.5))
for i, (name, scores) in enumerate(models.items()):
    bars = ax.bar(
        x + (i - 2) * width,
        scores,
        width,
        label=name,
        color=colors[i],
        edgecolor="white",
        linewidth=0.6,
    )
    if name == "SFT+RL-7B":
        ax.bar_label(bars, fmt="%.1f", fontsize=8, padding=2)

ax.set_xticks(x)
ax.set_xticklabels(benchmarks, fontsize=11)
ax.set_ylabel("Accuracy (%)", fontsize=11)
ax.set_ylim(0, 105)
ax.set_title("Reward-guided fine-tuning across benchmarks", fontsize=13, pad=12)
ax.yaxis.grid(True, linestyle="--", alpha=0.5)
ax.set_axisbelow(True)
for side in ("top", "right"):
    ax.spines[side].set_visible(False)
ax.legend(ncol=5, loc="upper center", bbox_to_anchor=(0.5, -0.1), frameon=False, fontsize=9)

plt.tight_layout()
plt.savefig("bar_1.pdf", bbox_inches="tight")
