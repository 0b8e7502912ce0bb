import matplotlib.pyplot as plt
import numpy as np

x, y = np.meshgrid(np.arange(-2, 2.1, 0.4), np.arange(-2, 2.1, 0.4))
u = -y - 0.3 * x
v = x - 0.3 * y
speed = np.hypot(u, v)

fig, ax = plt.subplots(figsize=(5.8, 5))
arrows = ax.quiver(x, y, u, v, speed, cmap="cool", pivot="mid", scale=32, width=0.006)
ax.quiverkey(arrows, 0.82, 1.04, 2, "2 m/s", labelpos="E")
ax.plot(0, 0, "ko", markersize=7)
ax.text(0.12, -0.22, "sink", fontsize=10)
bar = fig.colorbar(arrows, ax=ax)
bar.set_label("Speed (m/s)")
ax.set_xlabel("x (m)")
ax.set_ylabel("y (m)")
ax.set_title("Spiral flow", loc="left")
ax.set_aspect("equal")

plt.tight_layout()
plt.savefig("quiver_1.pdf", bbox_inches="tight")
