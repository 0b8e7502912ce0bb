import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

sns.set_theme(style="whitegrid", palette="Set2")

records = pd.DataFrame(
    {
        "species": ["Oak", "Oak", "Oak", "Beech", "Beech", "Beech", "Pine", "Pine", "Pine"],
        "soil": ["clay", "loam", "sand"] * 3,
        "growth": [21.4, 26.9, 15.2, 18.7, 24.1, 12.8, 23.5, 22.0, 25.6],
    }
)

fig, ax = plt.subplots(figsize=(6, 4))
sns.barplot(data=records, x="species", y="growth", hue="soil", ax=ax, edgecolor="0.3")
ax.set_xlabel("")
ax.set_ylabel("Annual shoot growth (cm)")
ax.set_ylim(0, 32)
ax.set_title("Growth of seedlings by soil")
for container in ax.containers:
    ax.bar_label(container, fmt="%.0f", padding=2, fontsize=9)
sns.move_legend(ax, "upper center", ncol=3, title=None)
sns.despine(left=True)

plt.tight_layout()
plt.savefig("bar_3.pdf", bbox_inches="tight")
