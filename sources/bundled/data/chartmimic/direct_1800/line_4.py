import matplotlib.pyplot as plt

seasons = [1, 2, 3, 4, 5, 6]
ranks = {
    "Falcons": [1, 1, 2, 3, 2, 1],
    "Herons": [3, 2, 1, 1, 1, 2],
    "Otters": [2, 4, 4, 2, 3, 4],
    "Wolves": [5, 3, 3, 4, 5, 5],
    "Lynxes": [4, 5, 5, 5, 4, 3],
}
colors = ["#d62828", "#003049", "#f77f00", "#6a994e", "#8338ec"]

fig, ax = plt.subplots(figsize=(7, 3.8))
for (team, rank), color in zip(ranks.items(), colors):
    ax.plot(seasons, rank, color=color, lw=4, marker="o", markersize=15, markeredgecolor="white", markeredgewidth=2)
    for x, y in zip(seasons, rank):
        ax.text(x, y, y, ha="center", va="center", color="white", fontsize=9)
    ax.text(6.25, rank[-1], team, va="center", color=color, fontsize=12, fontweight="bold")
ax.invert_yaxis()
ax.set_xticks(seasons)
ax.set_xticklabels([f"20{y}" for y in range(18, 24)])
ax.set_yticks([])
ax.set_xlim(0.7, 7.2)
for spine in ax.spines.values():
    spine.set_visible(False)
ax.tick_params(axis="x", length=0)
ax.set_title("League position, season by season", loc="left", fontsize=14)

plt.tight_layout()
plt.savefig("line_4.pdf", bbox_inches="tight")
