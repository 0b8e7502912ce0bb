import matplotlib.pyplot as plt
import numpy as np


def bowl(a, b):
    return 0.5 * a**2 + 4.0 * b**2 + 0.6 * a * b


a = np.linspace(-4, 4, 200)
b = np.linspace(-2, 2, 200)
A, B = np.meshgrid(a, b)

paths = {
    "SGD": ([-3.6, -3.1, -2.6, -2.2, -1.9, -1.6, -1.3, -1.1], [1.6, -1.1, 0.9, -0.7, 0.55, -0.4, 0.3, -0.2]),
    "Momentum": ([-3.6, -3.0, -2.0, -0.8, 0.3, 0.8, 0.6, 0.2], [1.6, 0.5, -0.6, -0.5, 0.2, 0.25, -0.05, 0.0]),
    "Adam": ([-3.6, -3.0, -2.4, -1.8, -1.2, -0.7, -0.3, 0.0], [1.6, 1.1, 0.7, 0.45, 0.25, 0.12, 0.05, 0.0]),
}
style = {"SGD": ("tab:red", "o"), "Momentum": ("tab:blue", "s"), "Adam": ("tab:green", "^")}

fig, ax = plt.subplots(figsize=(7, 4))
ax.contour(A, B, bowl(A, B), levels=[0.2, 0.8, 1.8, 3.5, 6, 9, 13, 18], colors="0.6", linewidths=1)
for name, (xs, ys) in paths.items():
    color, marker = style[name]
    ax.plot(xs, ys, color=color, marker=marker, markersize=5, label=name)
ax.plot(0, 0, marker="*", color="gold", markersize=18, markeredgecolor="black", linestyle="none", label="optimum")
ax.set_xlabel(r"$\theta_1$")
ax.set_ylabel(r"$\theta_2$")
ax.legend(loc="lower right")
ax.set_title("Trajectories on an ill-conditioned bowl")

plt.tight_layout()
plt.savefig("contour_2.pdf", bbox_inches="tight")
