"""Gone without a word, after saving."""

# ruff: noqa
# verdict: code_crashed

import os

import matplotlib.pyplot as plt

plt.plot([1, 2])
plt.savefig("chart.png")
os._exit(0)
