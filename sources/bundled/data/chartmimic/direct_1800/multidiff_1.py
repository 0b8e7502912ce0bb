import matplotlib.pyplot as plt
import numpy as np
from matplotlib.gridspec import GridSpec

plt.rcParams["axes.titlesize"] = 11
plt.rcParams["axes.titleweight"] = "bold"

fig = plt.figure(figsize=(9, 6.2))
grid = GridSpec(2, 3, figure=fig, hspace=0.42, wspace=0.38)

# (a) reward during training
ax = fig.add_subplot(grid[0, :2])
step = np.arange(0, 501, 50)
reward = [0.21, 0.34, 0.43, 0.49, 0.55, 0.58, 0.62, 0.64, 0.655, 0.665, 0.67]
length = [410, 432, 470, 515, 540, 561, 583, 590, 604, 611, 615]
ax.plot(step, reward, color="#0a9396", lw=2)
ax.set_ylabel("Mean reward", color="#0a9396")
ax.set_xlabel("Step")
ax.set_ylim(0.15, 0.75)
other = ax.twinx()
other.plot(step, length, color="#ca6702", lw=1.5, ls="--")
other.set_ylabel("Tokens", color="#ca6702")
ax.set_title("(a) Reward and length")

# (b) share of error types
ax = fig.add_subplot(grid[0, 2])
ax.pie([45, 34, 17, 4], labels=["style", "data", "text", "structure"], startangle=30,
       colors=["#94d2bd", "#e9d8a6", "#ee9b00", "#bb3e03"], wedgeprops=dict(edgecolor="w"),
       textprops=dict(fontsize=9))
ax.set_title("(b) Errors left")

# (c) score by task
ax = fig.add_subplot(grid[1, 0])
ax.bar(["chart", "table", "svg"], [71.4, 88.9, 64.2], color=["#005f73", "#0a9396", "#94d2bd"])
ax.set_ylim(0, 100)
ax.set_ylabel("Score")
ax.set_title("(c) Tasks")

# (d) agreement with people
ax = fig.add_subplot(grid[1, 1])
human = [1.2, 1.9, 2.4, 2.8, 3.1, 3.6, 4.0, 4.3, 4.7]
model = [1.5, 1.7, 2.6, 2.5, 3.4, 3.5, 3.8, 4.5, 4.6]
ax.scatter(human, model, color="#ae2012", s=30)
ax.plot([1, 5], [1, 5], color="gray", lw=1, ls=":")
ax.set_xlabel("Human")
ax.set_ylabel("Model")
ax.set_title("(d) Agreement")

# (e) severity by source
ax = fig.add_subplot(grid[1, 2])
ax.imshow([[5, 22, 14], [9, 17, 6], [12, 10, 3]], cmap="GnBu")
ax.set_xticks([0, 1, 2], ["sev. 1", "sev. 2", "sev. 3"], fontsize=8)
ax.set_yticks([0, 1, 2], ["chart", "table", "svg"])
ax.set_title("(e) Severity")

plt.savefig("multidiff_1.pdf", bbox_inches="tight")
