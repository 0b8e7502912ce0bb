import matplotlib.pyplot as plt
import numpy as np

mosaic = """
AAB
CDD
"""
fig, axes = plt.subplot_mosaic(mosaic, figsize=(8, 5.4), layout="constrained")

t = np.linspace(0, 6, 300)
axes["A"].plot(t, np.exp(-0.5 * t) * np.cos(4 * t), color="#3d5a80")
axes["A"].plot(t, np.exp(-0.5 * t), "k--", lw=0.8)
axes["A"].plot(t, -np.exp(-0.5 * t), "k--", lw=0.8)
axes["A"].set_xlabel("t (s)")
axes["A"].set_ylabel("displacement (cm)")
axes["A"].set_title("Damped oscillator")

axes["B"].barh(["spring", "rubber", "steel"], [0.5, 1.7, 0.08], color="#98c1d9", edgecolor="#3d5a80")
axes["B"].set_xlabel("damping (1/s)")

frequency = [0.5, 1, 2, 3, 3.5, 4, 4.5, 5, 6, 8]
amplitude = [1.02, 1.07, 1.31, 2.12, 3.1, 3.9, 2.7, 1.6, 0.8, 0.33]
axes["C"].plot(frequency, amplitude, "o-", color="#ee6c4d", markersize=4)
axes["C"].set_xlabel("drive (rad/s)")
axes["C"].set_ylabel("gain")
axes["C"].axvline(4, color="gray", ls=":")

x, v = np.exp(-0.5 * t) * np.cos(4 * t), -np.exp(-0.5 * t) * (0.5 * np.cos(4 * t) + 4 * np.sin(4 * t))
points = axes["D"].scatter(x, v, c=t, cmap="plasma", s=8)
axes["D"].set_xlabel("displacement")
axes["D"].set_ylabel("velocity")
axes["D"].set_title("Phase portrait")
fig.colorbar(points, ax=axes["D"], label="t (s)")

plt.savefig("multidiff_3.pdf", bbox_inches="tight")
