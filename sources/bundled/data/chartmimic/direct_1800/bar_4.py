import matplotlib.pyplot as plt
import numpy as np

questions = [
    "The picture is readable",
    "Colours match the text",
    "I trust the numbers",
    "The caption is enough",
    "I would share it",
]
answers = np.array(
    [
        [3, 7, 15, 40, 35],
        [8, 16, 21, 35, 20],
        [14, 22, 24, 27, 13],
        [21, 28, 20, 21, 10],
        [6, 11, 30, 33, 20],
    ]
)
names = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]
colors = ["#b2182b", "#ef8a62", "#e0e0e0", "#67a9cf", "#2166ac"]

offset = answers[:, :2].sum(axis=1) + answers[:, 2] / 2
fig, ax = plt.subplots(figsize=(8.5, 3.8))
start = -offset.astype(float)
for k in range(5):
    ax.barh(questions, answers[:, k], left=start, color=colors[k], label=names[k], height=0.7)
    for row in range(5):
        if answers[row, k] >= 10:
            tone = "black" if k in (1, 2, 3) else "white"
            ax.text(start[row] + answers[row, k] / 2, row, answers[row, k], ha="center", va="center", color=tone, fontsize=9)
    start = start + answers[:, k]

ax.axvline(0, color="black", lw=0.8)
ax.invert_yaxis()
ax.set_xlim(-70, 90)
ax.set_xticks([-50, 0, 50])
ax.set_xticklabels(["50%", "0%", "50%"])
ax.legend(ncol=5, bbox_to_anchor=(0.4, 1.16), loc="upper center", fontsize=9, frameon=False)
ax.spines[["top", "right", "left"]].set_visible(False)
ax.tick_params(axis="y", length=0)

plt.savefig("bar_4.pdf", bbox_inches="tight")
