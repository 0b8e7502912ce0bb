"""Code that runs at each start of the interpreter."""

# ruff: noqa
# verdict: denied

import sysconfig

open(sysconfig.get_path("purelib") + "/loot.pth", "w").write("import os")

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
