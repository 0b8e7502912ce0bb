"""A crop that grows with a word far outside."""

# ruff: noqa
# verdict: too_large

import matplotlib.pyplot as plt

plt.plot([1, 2])
plt.figtext(300, 300, "far")
plt.savefig("chart.png", bbox_inches="tight")
