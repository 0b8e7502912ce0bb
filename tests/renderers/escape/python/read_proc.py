"""Memory and environment of other processes."""

# ruff: noqa
# verdict: denied

for process in ("self", "1", "2"):
    open(f"/proc/{process}/environ", "rb").read()

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
