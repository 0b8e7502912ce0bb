"""A listener on this machine."""

# ruff: noqa
# verdict: denied

import socket

socket.create_connection(("127.0.0.1", 80), timeout=1)

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
