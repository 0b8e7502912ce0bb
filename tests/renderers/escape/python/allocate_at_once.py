"""Ten gigabytes."""

# ruff: noqa
# verdict: out_of_memory

hoard = bytearray(10 * 2**30)

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
