# Written for older libraries: `cm.get_cmap`, `boxplot(labels=)`, `DataFrame.applymap`, `np.float`.
import matplotlib.cm as cm
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

np.random.seed(4)
frame = pd.DataFrame(np.random.normal(0, [1, 2, 3], (60, 3)), columns=list("ABC"))
frame = frame.applymap(lambda value: round(np.float64(value), 2))
colors = cm.get_cmap("viridis", 3)
fig, ax = plt.subplots(figsize=(5, 3))
boxes = ax.boxplot([frame[c] for c in frame], labels=list(frame), patch_artist=True, notch=True)
for index, patch in enumerate(boxes["boxes"]):
    patch.set_facecolor(colors(index))
ax.set_ylabel("deviation")
plt.savefig("old.pdf", bbox_inches="tight")
