"""A program of the host."""

# ruff: noqa
# verdict: denied

import subprocess

subprocess.run(["/bin/sh", "-c", "id"], check=True)

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
