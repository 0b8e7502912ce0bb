import matplotlib.pyplot as plt
import numpy as np

skills = ["Layout", "Colour", "Text", "Numbers", "Legend", "Shape"]
scores = {
    "Small": [0.62, 0.55, 0.48, 0.39, 0.51, 0.58],
    "Medium": [0.74, 0.71, 0.69, 0.58, 0.66, 0.72],
    "Large": [0.86, 0.83, 0.88, 0.79, 0.81, 0.84],
}
palette = {"Small": "#ffb703", "Medium": "#219ebc", "Large": "#023047"}

angles = np.linspace(0, 2 * np.pi, len(skills), endpoint=False).tolist()
angles += angles[:1]

fig, ax = plt.subplots(figsize=(5.6, 5.6), subplot_kw={"polar": True})
ax.set_theta_offset(np.pi / 2)
ax.set_theta_direction(-1)
for name, values in scores.items():
    closed = values + values[:1]
    ax.plot(angles, closed, color=palette[name], linewidth=2, label=name)
    ax.fill(angles, closed, color=palette[name], alpha=0.15)

ax.set_xticks(angles[:-1])
ax.set_xticklabels(skills, fontsize=11)
ax.tick_params(axis="x", pad=14)
ax.set_rlabel_position(30)
ax.set_ylim(0, 1)
ax.set_yticks([0.2, 0.4, 0.6, 0.8])
ax.set_yticklabels(["0.2", "0.4", "0.6", "0.8"], color="grey", fontsize=8)
ax.legend(loc="upper right", bbox_to_anchor=(1.25, 1.1), frameon=False)

plt.tight_layout()
plt.savefig("radar_1.pdf", bbox_inches="tight")
