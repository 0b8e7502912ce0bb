"""Data from the web, as notebooks do it."""

# ruff: noqa
# verdict: denied

import pandas as pd

pd.read_csv("https://example.com/table.csv")

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
