"""A library that the next program imports."""

# ruff: noqa
# verdict: denied

import matplotlib

open(matplotlib.__file__, "a").write("loot = 1")

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
