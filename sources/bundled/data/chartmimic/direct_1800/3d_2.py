import matplotlib.pyplot as plt
import numpy as np

quarters = ["Q1", "Q2", "Q3", "Q4"]
regions = ["North", "East", "South"]
sales = np.array([[14, 18, 21, 26], [9, 12, 17, 15], [20, 16, 13, 11]])
colors = ["#e76f51", "#2a9d8f", "#264653"]

fig = plt.figure(figsize=(7, 5))
ax = fig.add_subplot(projection="3d")
for row, (region, color) in enumerate(zip(regions, colors)):
    xs = np.arange(len(quarters))
    ax.bar3d(
        xs - 0.3,
        np.full(4, row) - 0.2,
        np.zeros(4),
        0.6,
        0.4,
        sales[row],
        color=color,
        alpha=0.9,
        edgecolor="white",
        linewidth=0.4,
    )
ax.set_xticks(range(4), quarters)
ax.set_yticks(range(3), regions)
ax.set_zlabel("Sales (million €)")
ax.set_zlim(0, 30)
ax.view_init(25, -50)
ax.set_title("Quarterly sales by region")
ax.xaxis.pane.fill = False
ax.yaxis.pane.fill = False

plt.savefig("3d_2.pdf", bbox_inches="tight")
