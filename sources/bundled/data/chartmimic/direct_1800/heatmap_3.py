import matplotlib.pyplot as plt
import numpy as np

days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
hours = ["0", "3", "6", "9", "12", "15", "18", "21"]
bikes = np.array([
    [3, 1, 22, 71, 40, 46, 88, 19],
    [2, 1, 24, 76, 41, 49, 92, 20],
    [3, 1, 25, 74, 43, 50, 95, 24],
    [3, 2, 23, 72, 44, 52, 90, 27],
    [5, 2, 20, 65, 48, 61, 83, 41],
    [19, 7, 5, 21, 58, 66, 52, 47],
    [23, 9, 3, 14, 49, 57, 38, 18],
])

fig, ax = plt.subplots(figsize=(7.5, 4))
mesh = ax.pcolormesh(bikes, cmap="YlOrRd", edgecolors="white", linewidth=1.5, vmin=0, vmax=100)
ax.set_xticks(np.arange(8) + 0.5, hours)
ax.set_yticks(np.arange(7) + 0.5, days)
ax.invert_yaxis()
ax.set_xlabel("Hour of the day")
ax.set_title("Bicycles at the bridge, 2023", loc="left")
peak_row, peak_column = np.unravel_index(bikes.argmax(), bikes.shape)
ax.add_patch(plt.Rectangle((peak_column, peak_row), 1, 1, fill=False, ec="black", lw=2))
ax.text(peak_column + 0.5, peak_row + 0.5, bikes.max(), ha="center", va="center", weight="bold", color="white")
bar = fig.colorbar(mesh, ax=ax, orientation="horizontal", pad=0.2, aspect=40, shrink=0.8)
bar.set_label("Bicycles per 10 minutes")
ax.tick_params(length=0)

plt.savefig("heatmap_3.pdf", bbox_inches="tight")
