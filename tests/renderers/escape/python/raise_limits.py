"""Limits, lifted."""

# ruff: noqa
# verdict: denied code_crashed

import resource

resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
