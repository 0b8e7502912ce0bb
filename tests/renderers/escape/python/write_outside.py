"""A file where others will find it."""

# ruff: noqa
# verdict: denied

open("/tmp/vermillion-was-here", "w").write("loot")

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
