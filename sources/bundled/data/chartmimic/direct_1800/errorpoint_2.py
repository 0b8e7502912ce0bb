import matplotlib.pyplot as plt
import numpy as np

tasks = ["Chart", "Table", "SVG", "Formula", "UI"]
human = np.array([4.6, 4.7, 4.1, 4.4, 4.3])
judge_a = np.array([4.2, 4.4, 3.3, 4.1, 3.6])
judge_b = np.array([3.7, 4.0, 3.6, 3.2, 3.9])
err = {"h": [0.1, 0.1, 0.15, 0.12, 0.14], "a": [0.2, 0.15, 0.3, 0.2, 0.25], "b": [0.25, 0.2, 0.22, 0.35, 0.2]}

y = np.arange(len(tasks))
fig, ax = plt.subplots(figsize=(6, 4))
ax.errorbar(human, y + 0.2, xerr=err["h"], fmt="o", color="#006d77", label="Human", capsize=3)
ax.errorbar(judge_a, y, xerr=err["a"], fmt="D", color="#e29578", label="Judge A", capsize=3)
ax.errorbar(judge_b, y - 0.2, xerr=err["b"], fmt="v", color="#83c5be", label="Judge B", capsize=3)
for row in y:
    if row % 2:
        ax.axhspan(row - 0.5, row + 0.5, color="#f1f3f5", zorder=0)
ax.set_yticks(y)
ax.set_yticklabels(tasks)
ax.set_ylim(-0.5, 4.5)
ax.set_xlim(2.5, 5)
ax.set_xlabel("Mean opinion score (1-5)")
ax.legend(loc="lower left", framealpha=1)

plt.tight_layout()
plt.savefig("errorpoint_2.pdf", bbox_inches="tight")
