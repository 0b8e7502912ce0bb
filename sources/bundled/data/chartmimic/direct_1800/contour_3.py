import matplotlib.pyplot as plt
import numpy as np

depth = np.linspace(0, 200, 60)
day = np.linspace(0, 365, 120)
D, Z = np.meshgrid(day, depth)
temperature = 9 + 9 * np.exp(-Z / 40) * (1 + np.sin(2 * np.pi * (D - 130) / 365)) / 2 - 0.01 * Z

fig, ax = plt.subplots(figsize=(7, 3.8))
filled = ax.contourf(D, Z, temperature, levels=14, cmap="Spectral_r")
ax.contour(D, Z, temperature, levels=[10, 12, 14, 16], colors="black", linewidths=0.6)
ax.invert_yaxis()
ax.set_xticks([15, 105, 196, 288], ["Jan", "Apr", "Jul", "Oct"])
ax.set_ylabel("Depth (m)")
ax.set_title("Seasonal thermocline")
fig.colorbar(filled, ax=ax, label="Temperature (°C)")

plt.tight_layout()
plt.savefig("contour_3.pdf", bbox_inches="tight")
