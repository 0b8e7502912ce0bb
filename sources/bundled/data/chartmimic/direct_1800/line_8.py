import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

tides = {
    "Harbour": [1.2, 2.9, 4.1, 3.4, 1.7, 0.8, 1.5, 3.1],
    "Estuary": [0.9, 1.8, 3.2, 3.9, 2.8, 1.4, 0.7, 1.6],
}
frame = pd.DataFrame(
    [
        {"Hour": 3 * step, "Water level (m)": level, "Gauge": gauge}
        for gauge, levels in tides.items()
        for step, level in enumerate(levels)
    ]
)

fig, ax = plt.subplots(figsize=(6.4, 4))
sns.lineplot(data=frame, x="Hour", y="Water level (m)", hue="Gauge", ax=ax)
ax.set_title(" and ".join(tides))

plt.tight_layout()
plt.savefig("line_8.pdf", bbox_inches="tight")
