# Polar axes: a radar with filled areas, and a wind rose with its own zero and direction.
import matplotlib.pyplot as plt
import numpy as np

fig, (radar, rose) = plt.subplots(1, 2, figsize=(8, 3.8), subplot_kw={"projection": "polar"})
labels = ["Speed", "Reach", "Cost", "Noise", "Range"]
angles = np.linspace(0, 2 * np.pi, len(labels), endpoint=False).tolist()
for name, values in (("A", [4, 3, 5, 2, 4]), ("B", [2, 5, 3, 4, 3])):
    radar.plot(angles + angles[:1], values + values[:1], label=name)
    radar.fill(angles, values, alpha=0.25)
radar.set_xticks(angles, labels)
radar.legend(loc="upper right", bbox_to_anchor=(1.2, 1.1))
rose.set_theta_zero_location("N")
rose.set_theta_direction(-1)
rose.bar(np.linspace(0, 2 * np.pi, 16, endpoint=False), [3, 5, 8, 6, 4, 2, 1, 2, 3, 4, 7, 9, 6, 3, 2, 2], width=0.35)
fig.savefig("polar.png", bbox_inches="tight")
