import matplotlib.pyplot as plt

# A small dendrogram: (left child, right child, height)
leaves = ["Human", "Chimp", "Gorilla", "Orangutan", "Gibbon", "Macaque"]
merges = [(0, 1, 6.4), (6, 2, 8.9), (7, 3, 15.2), (8, 4, 19.7), (9, 5, 28.8)]

position = {i: (float(i), 0.0) for i in range(len(leaves))}
colors = ["#2a9d8f", "#2a9d8f", "#e9c46a", "#f4a261", "#e76f51"]

fig, ax = plt.subplots(figsize=(6.5, 4.2))
for k, (left, right, height) in enumerate(merges):
    (xl, yl), (xr, yr) = position[left], position[right]
    ax.plot([xl, xl, xr, xr], [yl, height, height, yr], color=colors[k], lw=2.5)
    middle = (xl + xr) / 2
    ax.text(middle + 0.07, height + 0.5, f"{height} Ma", ha="left", fontsize=9)
    position[len(leaves) + k] = (middle, height)

ax.set_xticks(range(len(leaves)))
ax.set_xticklabels(leaves)
ax.set_ylabel("Divergence (million years ago)")
ax.set_ylim(0, 33)
ax.spines[["top", "right", "bottom"]].set_visible(False)
ax.tick_params(axis="x", length=0)
ax.set_title("Apes and one monkey")

plt.tight_layout()
plt.savefig("tree_2.pdf", bbox_inches="tight")
