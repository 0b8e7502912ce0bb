"""The way out closed before the picture."""

# ruff: noqa
# verdict: code_crashed

import os

import matplotlib.pyplot as plt

plt.plot([1, 2])
plt.savefig("chart.png")
os.closerange(3, 128)
