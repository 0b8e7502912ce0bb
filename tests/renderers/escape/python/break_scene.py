"""A figure that cannot be read."""

# ruff: noqa
# verdict: unreadable_output

import sys

import matplotlib.pyplot as plt


def broken(*_, **__):
    raise RuntimeError("no scene")


sys.modules["renderers.chart.child"].capture.extract = broken
plt.plot([1, 2])
plt.savefig("chart.png")
