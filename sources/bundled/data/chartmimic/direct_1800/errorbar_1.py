import matplotlib.pyplot as plt
import numpy as np

plt.rcParams.update({"font.family": "Times New Roman", "font.size": 12})

dose = np.array([0.1, 0.3, 1.0, 3.0, 10.0, 30.0])
response = {
    "Wild type": ([4.1, 9.8, 24.6, 51.2, 78.3, 91.0], [1.2, 1.9, 3.1, 4.4, 3.6, 2.5]),
    "Knock-out": ([2.0, 3.4, 8.9, 21.7, 44.0, 63.5], [0.8, 1.1, 2.0, 3.5, 4.9, 4.1]),
    "Rescue": ([3.6, 8.1, 20.3, 45.8, 70.6, 85.2], [1.0, 1.6, 2.8, 4.0, 4.2, 3.0]),
}
markers = ["o", "s", "^"]
colors = ["#1b4332", "#d00000", "#f48c06"]

fig, ax = plt.subplots(figsize=(6, 4.4))
for (name, (mean, error)), marker, color in zip(response.items(), markers, colors):
    ax.errorbar(
        dose,
        mean,
        yerr=error,
        fmt=marker + "-",
        color=color,
        capsize=4,
        markersize=6,
        linewidth=1.4,
        label=name,
    )
ax.set_xscale("log")
ax.set_xticks(dose)
ax.set_xticklabels(["0.1", "0.3", "1", "3", "10", "30"])
ax.minorticks_off()
ax.set_xlabel("Agonist (µM)")
ax.set_ylabel("Response (% of maximum)")
ax.set_ylim(0, 100)
ax.axhline(50, color="gray", linestyle="--", linewidth=0.8)
ax.text(0.105, 52, "half maximum", fontsize=10, color="gray")
ax.legend(frameon=False, loc="lower right")

plt.tight_layout()
plt.savefig("errorbar_1.pdf", bbox_inches="tight")
