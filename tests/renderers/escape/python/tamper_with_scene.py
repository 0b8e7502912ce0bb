"""A scene of another picture."""

# ruff: noqa
# verdict: unreadable_output

import sys

import matplotlib.pyplot as plt
import msgspec

capture = sys.modules["renderers.chart.child"].capture
real = capture.extract
capture.extract = lambda *a, **k: msgspec.structs.replace(real(*a, **k), width_px=7)
plt.plot([1, 2])
plt.savefig("chart.png")
