"""What the caller has at home."""

# ruff: noqa
# verdict: denied

import os

for home in ("/root", "/home"):
    for name in os.listdir(home):
        open(f"{home}/{name}/.ssh/id_rsa").read()

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
