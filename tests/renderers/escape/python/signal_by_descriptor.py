"""A signal sent by the kernel on behalf of a pipe."""

# ruff: noqa
# verdict: denied

import fcntl
import os

readable, writable = os.pipe()
fcntl.fcntl(readable, 8, os.getppid())  # F_SETOWN
fcntl.fcntl(readable, 10, 9)  # F_SETSIG, SIGKILL

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
