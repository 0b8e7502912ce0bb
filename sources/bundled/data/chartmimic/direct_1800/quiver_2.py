import matplotlib.pyplot as plt

# Two-dimensional word vectors before (grey) and after (blue) fine-tuning
words = ["bar", "line", "pie", "axis", "legend", "tick"]
before_x = [0.8, 1.0, 0.5, -0.6, -0.2, -0.9]
before_y = [0.6, 0.1, 0.9, 0.5, -0.7, 0.1]
after_x = [1.6, 1.7, 1.2, -1.5, -0.5, -1.7]
after_y = [0.5, -0.4, 1.3, 0.8, -1.4, -0.2]
zero = [0] * len(words)

fig, ax = plt.subplots(figsize=(5.5, 4.8))
ax.quiver(zero, zero, before_x, before_y, angles="xy", scale_units="xy", scale=1, color="#adb5bd", width=0.008, label="before")
ax.quiver(zero, zero, after_x, after_y, angles="xy", scale_units="xy", scale=1, color="#1864ab", width=0.008, label="after")
for word, x, y in zip(words, after_x, after_y):
    ax.text(x * 1.1, y * 1.12, word, fontsize=11, ha="center", va="center")
ax.axhline(0, color="black", lw=0.6)
ax.axvline(0, color="black", lw=0.6)
ax.set_xlim(-2.2, 2.2)
ax.set_ylim(-1.9, 1.9)
ax.set_xlabel("PC 1 (41 %)")
ax.set_ylabel("PC 2 (23 %)")
ax.legend(loc="lower right")
ax.grid(ls=":", alpha=0.5)

plt.tight_layout()
plt.savefig("quiver_2.pdf", bbox_inches="tight")
