"""Two hundred megabytes of prints."""

# ruff: noqa
# verdict: ok

import sys

import matplotlib.pyplot as plt

for _ in range(100):
    print("x" * 2**20)
    print("x" * 2**20, file=sys.stderr)
plt.plot([1, 2])
plt.savefig("chart.png")
