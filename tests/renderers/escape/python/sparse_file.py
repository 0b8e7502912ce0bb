"""A file of a terabyte that takes no space."""

# ruff: noqa
# verdict: denied

with open("chart.png", "wb") as file:
    file.truncate(2**40)

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
