import matplotlib.pyplot as plt
import numpy as np

plt.rcParams["font.family"] = "Times New Roman"
plt.rcParams["font.size"] = 13
plt.rcParams["hatch.linewidth"] = 0.6

datasets = ["CoLA", "SST-2", "MRPC", "QNLI", "RTE"]
easy = np.array([31, 44, 28, 39, 22])
medium = np.array([24, 30, 26, 27, 25])
hard = np.array([17, 11, 19, 14, 27])

fig, ax = plt.subplots(figsize=(5.5, 4.2))
ax.bar(datasets, easy, 0.6, color="white", edgecolor="black", hatch="//", label="easy")
ax.bar(datasets, medium, 0.6, bottom=easy, color="#cccccc", edgecolor="black", hatch="..", label="medium")
ax.bar(datasets, hard, 0.6, bottom=easy + medium, color="#666666", edgecolor="black", label="hard")
for x, total in enumerate(easy + medium + hard):
    ax.text(x, total + 1, str(total), ha="center")
ax.set_ylim(0, 105)
ax.set_ylabel("Number of examples (k)")
ax.legend(loc="upper right", ncol=3, fontsize=11)

plt.tight_layout()
plt.savefig("bar_5.pdf", bbox_inches="tight")
