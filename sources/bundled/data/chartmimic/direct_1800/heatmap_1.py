import matplotlib.pyplot as plt
import numpy as np

classes = ["chart", "table", "icon", "photo", "formula", "text"]
confusion = np.array(
    [
        [182, 6, 3, 1, 2, 0],
        [9, 171, 0, 0, 4, 12],
        [2, 0, 190, 5, 1, 0],
        [0, 1, 7, 193, 0, 2],
        [3, 5, 2, 0, 160, 21],
        [0, 8, 0, 1, 14, 175],
    ]
)

fig, ax = plt.subplots(figsize=(5.6, 5))
image = ax.imshow(confusion, cmap="Blues")
ax.set_xticks(np.arange(len(classes)), labels=classes, rotation=40, ha="right")
ax.set_yticks(np.arange(len(classes)), labels=classes)
for row in range(confusion.shape[0]):
    for column in range(confusion.shape[1]):
        ax.text(
            column,
            row,
            confusion[row, column],
            ha="center",
            va="center",
            color="white" if confusion[row, column] > 100 else "#1d3557",
        )
ax.set_xlabel("Predicted")
ax.set_ylabel("True")
ax.set_title("Region classifier, 1,180 crops")
colorbar = fig.colorbar(image, ax=ax, fraction=0.046, pad=0.04)
colorbar.set_label("Crops")
ax.spines[:].set_visible(False)
ax.set_xticks(np.arange(7) - 0.5, minor=True)
ax.set_yticks(np.arange(7) - 0.5, minor=True)
ax.grid(which="minor", color="white", linewidth=2)
ax.tick_params(which="minor", bottom=False, left=False)

plt.tight_layout()
plt.savefig("heatmap_1.pdf", bbox_inches="tight")
