"""A hundred thousand pixels each way."""

# ruff: noqa
# verdict: too_large

import matplotlib.pyplot as plt

plt.figure(figsize=(1000, 1000), dpi=100)
plt.plot([1, 2])
plt.savefig("chart.png")
