# ===================
# Part 1: Importing Libraries
# ===================
import matplotlib.pyplot as plt
import numpy as np

# ===================
# Part 2: Data Preparation
# ===================
labels = ["Berlin", "Vienna", "Zurich", "Prague"]
rail = [38, 45, 51, 42]
car = [33, 27, 22, 31]
bike = [18, 9, 14, 5]
x = np.arange(len(labels))
width = 0.25

# ===================
# Part 3: Plot Configuration and Rendering
# ===================
plt.figure(figsize=(7, 4.5))
plt.bar(x - width, rail, width, label="Public transport")
plt.bar(x, car, width, label="Car")
plt.bar(x + width, bike, width, label="Bicycle")
for i, value in enumerate(rail):
    plt.text(i - width, value + 0.8, f"{value}%", ha="center", fontsize=9)
plt.xticks(x, labels)
plt.ylabel("Share of trips (%)")
plt.ylim(0, 60)
plt.title("How people travel to work")
plt.legend()
plt.grid(axis="y", linestyle="--", alpha=0.6)

# ===================
# Part 4: Saving Output
# ===================
plt.tight_layout()
plt.savefig("bar_8.pdf", bbox_inches="tight")
