import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import gaussian_kde

np.random.seed(42)
months = ["Jan", "Mar", "May", "Jul", "Sep", "Nov"]
means = [-2.1, 4.0, 13.2, 18.8, 14.1, 4.6]
spreads = [4.2, 4.0, 3.6, 2.8, 3.2, 3.9]
colors = plt.cm.coolwarm(np.linspace(0.05, 0.95, 6)[[0, 2, 4, 5, 4, 2]])

grid = np.linspace(-18, 32, 300)
fig, ax = plt.subplots(figsize=(6.2, 5))
for row, (month, mean, spread) in enumerate(zip(months, means, spreads)):
    sample = np.random.normal(mean, spread, 250)
    curve = gaussian_kde(sample)(grid) * 14
    base = len(months) - row
    ax.fill_between(grid, base, base + curve, color=colors[row], alpha=0.85, zorder=row)
    ax.plot(grid, base + curve, color="white", lw=1.5, zorder=row)
    ax.text(-17.5, base + 0.12, month, fontsize=11, fontweight="bold", zorder=20)

ax.set_yticks([])
ax.set_xlim(-18, 32)
ax.set_xlabel("Daily mean temperature (°C)")
ax.set_title("Temperature through the year")
ax.spines[["left", "top", "right"]].set_visible(False)

plt.tight_layout()
plt.savefig("density_2.pdf", bbox_inches="tight")
