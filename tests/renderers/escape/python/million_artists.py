"""More artists than anyone can see."""

# ruff: noqa
# verdict: timeout out_of_memory ok unreadable_output

import matplotlib.pyplot as plt

figure, axes = plt.subplots()
for number in range(1_000_000):
    axes.add_artist(plt.Circle((number, number), 1))
plt.savefig("chart.png")
