"""A file of the host."""

# ruff: noqa
# verdict: denied

open("/etc/passwd").read()

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
