import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

sns.set_style("ticks")
values = {
    "control": [5.1, 5.6, 5.8, 6.0, 6.1, 6.4, 6.6, 7.2],
    "low": [6.0, 6.3, 6.9, 7.0, 7.2, 7.5, 8.1, 8.8],
    "medium": [7.1, 7.9, 8.2, 8.6, 8.8, 9.1, 9.7, 11.6],
    "high": [8.0, 8.3, 8.5, 9.4, 9.9, 10.4, 10.9, 11.2],
}
table = pd.DataFrame(
    [(group, value) for group, numbers in values.items() for value in numbers],
    columns=["dose", "titre"],
)

fig, ax = plt.subplots(figsize=(5.6, 4.4))
colors = sns.color_palette("YlGnBu", 4)
boxes = ax.boxplot(list(values.values()), positions=range(4), widths=0.55, patch_artist=True, showfliers=False)
for patch, color in zip(boxes["boxes"], colors):
    patch.set_facecolor(color)
for line in boxes["medians"]:
    line.set(color="#222222", linewidth=1.6)
sns.stripplot(data=table, x="dose", y="titre", color="black", size=4, jitter=False, ax=ax)

ax.plot([0, 0, 3, 3], [12.2, 12.5, 12.5, 12.2], color="black", lw=1)
ax.text(1.5, 12.55, "p = 0.0004", ha="center", fontsize=10)
ax.set_xticks(range(4), list(values))
ax.set_ylim(4, 13.5)
ax.set_xlabel("Dose group")
ax.set_ylabel("log$_2$ antibody titre")
sns.despine(trim=False)

plt.tight_layout()
plt.savefig("box_2.pdf", bbox_inches="tight")
