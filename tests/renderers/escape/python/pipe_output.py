"""An output that blocks its reader."""

# ruff: noqa
# verdict: denied

import os

os.mkfifo("chart.png")

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
