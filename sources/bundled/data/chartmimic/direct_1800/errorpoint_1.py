import matplotlib.pyplot as plt

studies = ["Adler 2009", "Brandt 2012", "Costa 2014", "Dube 2016", "Eriksen 2019", "Fischer 2022"]
ratio = [0.82, 1.10, 0.68, 0.91, 0.74, 0.79]
low = [0.61, 0.78, 0.49, 0.70, 0.60, 0.66]
high = [1.10, 1.55, 0.94, 1.18, 0.91, 0.95]
weight = [12.1, 8.3, 10.6, 15.2, 24.9, 28.9]

fig, ax = plt.subplots(figsize=(7, 4))
rows = list(range(len(studies), 0, -1))
for row, r, lo, hi, w in zip(rows, ratio, low, high, weight):
    ax.plot([lo, hi], [row, row], color="#1d3557", lw=1.5)
    ax.plot(r, row, marker="s", markersize=3 + w / 3, color="#1d3557")
    ax.text(1.85, row, f"{r:.2f} [{lo:.2f}, {hi:.2f}]", va="center", fontsize=9)
ax.fill([0.71, 0.80, 0.90, 0.80], [0, 0.28, 0, -0.28], color="#e63946")
ax.text(1.85, 0, "0.80 [0.71, 0.90]", va="center", fontsize=9, fontweight="bold")
ax.axvline(1, color="gray", ls="--", lw=1)

ax.set_yticks(rows + [0])
ax.set_yticklabels(studies + ["Pooled"])
ax.set_xscale("log")
ax.set_xlim(0.4, 1.8)
ax.set_xticks([0.5, 0.75, 1, 1.5])
ax.set_xticklabels(["0.5", "0.75", "1", "1.5"])
ax.minorticks_off()
ax.set_xlabel("Hazard ratio (log scale)")
ax.set_ylim(-0.8, 6.8)
ax.spines[["top", "right", "left"]].set_visible(False)
ax.tick_params(axis="y", length=0)

plt.savefig("errorpoint_1.pdf", bbox_inches="tight")
