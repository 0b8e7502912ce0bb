"""TeX, which would be a program of the host."""

# ruff: noqa
# verdict: ok

import matplotlib.pyplot as plt

plt.rcParams["text.usetex"] = True
plt.rc("text", usetex=True)
plt.plot([1, 2])
plt.title("$x^2$", usetex=True)
plt.savefig("chart.png")
