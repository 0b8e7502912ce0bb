"""Memory that others see."""

# ruff: noqa
# verdict: denied

from multiprocessing import shared_memory

shared_memory.SharedMemory(create=True, size=4096)

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
