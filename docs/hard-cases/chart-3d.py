# 3D: a surface with its contours on the walls, and bars that hide each other.
import matplotlib.pyplot as plt
import numpy as np

fig = plt.figure(figsize=(8, 3.6))
left = fig.add_subplot(1, 2, 1, projection="3d")
x, y = np.meshgrid(np.linspace(-3, 3, 40), np.linspace(-3, 3, 40))
z = np.sin(x) * np.cos(y)
left.plot_surface(x, y, z, cmap="coolwarm", edgecolor="none", alpha=0.9)
left.contourf(x, y, z, zdir="z", offset=-2, cmap="coolwarm")
left.set_zlim(-2, 1)
right = fig.add_subplot(1, 2, 2, projection="3d")
for row, color in enumerate(("#264653", "#2a9d8f", "#e9c46a")):
    right.bar(range(5), [1 + (row * k) % 4 for k in range(5)], zs=row, zdir="y", color=color, alpha=0.8)
right.view_init(elev=25, azim=-50)
right.set_zlabel("count")
fig.savefig("3d.pdf", bbox_inches="tight")
