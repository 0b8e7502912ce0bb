"""A savefig that writes junk; the figure is taken all the same."""

# ruff: noqa
# verdict: ok

import matplotlib.figure
import matplotlib.pyplot as plt


def junk(figure, where, **_):
    with open(where, "wb") as file:
        file.write(b"junk")


matplotlib.figure.Figure.savefig = junk
plt.plot([1, 2])
plt.savefig("chart.png")
