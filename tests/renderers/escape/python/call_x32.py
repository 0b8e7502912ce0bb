"""The other old door: the x32 table."""

# ruff: noqa
# verdict: denied

import ctypes
import platform

if platform.machine() != "x86_64":
    raise PermissionError("there is no such door on this machine")
ctypes.CDLL(None).syscall(0x40000000 + 39)

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
