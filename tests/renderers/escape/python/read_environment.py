"""A secret of the process that asked for the render."""

# ruff: noqa
# verdict: code_crashed

import os

secret = os.environ["VERMILLION_TEST_SECRET"]

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
