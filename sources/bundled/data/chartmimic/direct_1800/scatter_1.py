import matplotlib.pyplot as plt

# (name, parameters in billions, score, training tokens in trillions, family)
models = [
    ("Aster-1", 1.1, 34.2, 1.0, "dense"),
    ("Aster-3", 3.2, 46.8, 1.6, "dense"),
    ("Aster-8", 8.0, 58.9, 2.4, "dense"),
    ("Aster-34", 34.0, 67.5, 3.0, "dense"),
    ("Birch-7", 6.7, 52.3, 1.2, "dense"),
    ("Birch-70", 72.0, 68.2, 2.0, "dense"),
    ("Cedar-MoE-16", 18.4, 61.6, 4.1, "mixture"),
    ("Cedar-MoE-57", 57.0, 73.8, 6.3, "mixture"),
    ("Dune-2", 2.4, 44.9, 3.6, "hybrid"),
    ("Dune-12", 11.0, 65.2, 5.2, "hybrid"),
]
style = {"dense": ("#4361ee", "o"), "mixture": ("#f72585", "D"), "hybrid": ("#2ec4b6", "s")}

fig, ax = plt.subplots(figsize=(7, 4.6))
for family, (color, marker) in style.items():
    rows = [row for row in models if row[4] == family]
    ax.scatter(
        [row[1] for row in rows],
        [row[2] for row in rows],
        s=[60 * row[3] for row in rows],
        c=color,
        marker=marker,
        alpha=0.65,
        edgecolors="black",
        linewidths=0.7,
        label=family,
    )
for name, size, score, tokens, family in models:
    ax.annotate(name, (size, score), xytext=(0, -16), textcoords="offset points", fontsize=8, ha="center")

ax.set_xscale("log")
ax.set_xlim(0.7, 130)
ax.set_ylim(28, 80)
ax.set_xlabel("Parameters (billions)")
ax.set_ylabel("Average score")
ax.set_title("Size is not everything: data and sparsity matter")
ax.grid(True, which="both", linestyle=":", linewidth=0.5)
legend = ax.legend(title="Architecture", loc="lower right")
for handle in legend.legend_handles:
    handle.set_sizes([60])

plt.tight_layout()
plt.savefig("scatter_1.pdf", bbox_inches="tight")
