"""A name, looked up."""

# ruff: noqa
# verdict: denied

import socket

socket.getaddrinfo("example.com", 443)

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
