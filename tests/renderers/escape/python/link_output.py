"""An output that is a way to another file."""

# ruff: noqa
# verdict: denied

import os

os.symlink("/etc/passwd", "chart.png")

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
