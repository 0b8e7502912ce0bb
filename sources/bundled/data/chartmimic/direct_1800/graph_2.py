import matplotlib.pyplot as plt
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

boxes = {
    "Source": (0.5, 2.0, "#cfe1f2"),
    "Corrupt": (3.0, 3.2, "#fde2c8"),
    "Attempt": (3.0, 0.8, "#fde2c8"),
    "Render": (5.6, 2.0, "#d3ecd3"),
    "Annotate": (8.0, 2.0, "#e3d7f0"),
    "Check": (10.4, 2.0, "#f7d4d4"),
}
arrows = [
    ("Source", "Corrupt", "typed edits", (-0.55, 0.25)),
    ("Source", "Attempt", "weak policy", (-0.55, -0.4)),
    ("Corrupt", "Render", "", (0, 0)),
    ("Attempt", "Render", "", (0, 0)),
    ("Render", "Annotate", "pairs", (0, 0.22)),
    ("Annotate", "Check", "labels", (0, 0.22)),
]

fig, ax = plt.subplots(figsize=(9, 3.2))
for name, (x, y, color) in boxes.items():
    ax.add_patch(FancyBboxPatch((x - 0.75, y - 0.4), 1.5, 0.8, boxstyle="round,pad=0.05,rounding_size=0.15", fc=color, ec="#333333"))
    ax.text(x, y, name, ha="center", va="center", fontsize=12)
for start, end, label, (dx, dy) in arrows:
    (x0, y0, _), (x1, y1, _) = boxes[start], boxes[end]
    ax.add_patch(FancyArrowPatch((x0 + 0.8, y0), (x1 - 0.8, y1), arrowstyle="-|>", mutation_scale=14, color="#555555"))
    ax.text((x0 + x1) / 2 + dx, (y0 + y1) / 2 + dy, label, ha="center", fontsize=8, style="italic")
ax.set_xlim(-0.5, 11.4)
ax.set_ylim(0, 4)
ax.axis("off")

plt.savefig("graph_2.pdf", bbox_inches="tight")
