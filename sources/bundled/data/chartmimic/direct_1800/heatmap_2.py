import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

names = ["PM2.5", "NO2", "O3", "Wind", "Temp", "Humidity"]
values = [
    [1.00, 0.71, -0.38, -0.52, -0.29, 0.33],
    [0.71, 1.00, -0.61, -0.47, -0.41, 0.24],
    [-0.38, -0.61, 1.00, 0.21, 0.68, -0.57],
    [-0.52, -0.47, 0.21, 1.00, 0.05, -0.19],
    [-0.29, -0.41, 0.68, 0.05, 1.00, -0.44],
    [0.33, 0.24, -0.57, -0.19, -0.44, 1.00],
]
frame = pd.DataFrame(values, index=names, columns=names)
mask = np.triu(np.ones_like(frame, dtype=bool), k=1)

fig, ax = plt.subplots(figsize=(6, 5))
sns.heatmap(
    frame, mask=mask, cmap="RdBu_r", vmin=-1, vmax=1, annot=True, fmt=".2f", linewidths=1,
    square=True, cbar_kws={"label": "Pearson r", "shrink": 0.8}, ax=ax,
)
ax.set_title("Correlation of hourly measurements", pad=12)

plt.tight_layout()
plt.savefig("heatmap_2.pdf", bbox_inches="tight")
