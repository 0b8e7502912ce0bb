import matplotlib.pyplot as plt
import numpy as np

# Loss surface around a minimum, two principal directions
alpha = np.linspace(-2.0, 2.0, 60)
beta = np.linspace(-2.0, 2.0, 60)
A, B = np.meshgrid(alpha, beta)
loss = 0.35 * A**2 + 0.9 * B**2 - 0.8 * np.cos(2.2 * A) * np.cos(1.6 * B) + 1.6

fig = plt.figure(figsize=(7, 5.5))
ax = fig.add_subplot(111, projection="3d")
surface = ax.plot_surface(A, B, loss, cmap="viridis", linewidth=0, antialiased=True, alpha=0.95)
ax.contour(A, B, loss, zdir="z", offset=-1.0, levels=12, cmap="viridis", linewidths=0.8)

path_a = [-1.7, -1.3, -0.9, -0.55, -0.3, -0.1, 0.0]
path_b = [1.6, 1.0, 0.6, 0.3, 0.15, 0.05, 0.0]
path_l = [4.9, 2.9, 2.3, 1.6, 1.2, 0.95, 0.9]
ax.plot(path_a, path_b, path_l, color="crimson", marker="o", markersize=4, lw=1.5, zorder=10)

ax.set_xticks([-2, -1, 0, 1, 2])
ax.set_yticks([-2, -1, 0, 1, 2])
ax.set_zlim(-1.0, 6.0)
ax.set_xlabel(r"direction $\alpha$")
ax.set_ylabel(r"direction $\beta$")
ax.set_zlabel("loss")
ax.view_init(elev=28, azim=-58)
fig.colorbar(surface, ax=ax, shrink=0.6, pad=0.1)

plt.savefig("3d_1.pdf", bbox_inches="tight")
