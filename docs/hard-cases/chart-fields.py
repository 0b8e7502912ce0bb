# Fields: filled contours with labels, a quiver on top, a stream plot, one color bar for both.
import matplotlib.pyplot as plt
import numpy as np

y, x = np.mgrid[-2:2:30j, -2:2:30j]
z = x * np.exp(-(x**2) - y**2)
v, u = np.gradient(z)
fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4), sharey=True, layout="constrained")
filled = left.contourf(x, y, z, 12, cmap="RdBu_r")
left.clabel(left.contour(x, y, z, 6, colors="k", linewidths=0.6), fontsize=6)
left.quiver(x[::4, ::4], y[::4, ::4], u[::4, ::4], v[::4, ::4])
right.streamplot(x, y, u, v, color=z, cmap="RdBu_r", linewidth=1)
fig.colorbar(filled, ax=[left, right], shrink=0.9, label="$x\\,e^{-x^2-y^2}$")
fig.suptitle("One scale, two views")
fig.savefig("fields.png")
