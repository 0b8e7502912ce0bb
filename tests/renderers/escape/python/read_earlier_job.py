"""The program before, in what its fork shares with this one."""

# ruff: noqa
# verdict: code_crashed

import gc

marker = "a marker of the " + "job before"
found = [
    thing for thing in gc.get_objects() if isinstance(thing, dict) and marker in repr(list(thing))
]
assert found, "nothing of an earlier job"

import matplotlib.pyplot as plt

plt.text(0.1, 0.5, "got through")
plt.savefig("loot.png")
