import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import norm

x = np.linspace(-4, 9, 400)
components = [
    ("benign", norm(0.0, 0.9), "#43aa8b"),
    ("borderline", norm(2.4, 0.7), "#f9c74f"),
    ("malignant", norm(5.0, 1.3), "#f94144"),
]

fig, ax = plt.subplots(figsize=(6.5, 4))
for name, distribution, color in components:
    curve = distribution.pdf(x)
    ax.plot(x, curve, color=color, lw=2)
    ax.fill_between(x, curve, color=color, alpha=0.3, label=name)
ax.axvline(3.6, color="black", ls="--", lw=1.2)
ax.text(3.7, 0.5, "decision\nthreshold", fontsize=10)
ax.set_xlim(-4, 9)
ax.set_ylim(0, 0.62)
ax.set_xlabel("Score")
ax.set_ylabel("Density")
ax.legend(loc="upper right", frameon=False)
ax.set_title("Score distribution by diagnosis")

plt.tight_layout()
plt.savefig("density_1.pdf", bbox_inches="tight")
