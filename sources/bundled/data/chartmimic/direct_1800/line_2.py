import matplotlib.pyplot as plt

# Monthly climate of Lisbon, 1991-2020 normals
months = ["J", "F", "M", "A", "M", "J", "J", "A", "S", "O", "N", "D"]
temperature = [11.6, 12.7, 14.9, 15.9, 18.3, 21.3, 23.5, 23.9, 22.2, 18.8, 14.9, 12.3]
rain = [97, 85, 60, 67, 56, 17, 4, 6, 33, 101, 128, 127]

fig, ax_rain = plt.subplots(figsize=(7, 4))
positions = range(len(months))
ax_rain.bar(positions, rain, color="#a8dadc", width=0.7, label="Precipitation")
ax_rain.set_ylabel("Precipitation (mm)", color="#457b9d")
ax_rain.set_ylim(0, 160)
ax_rain.tick_params(axis="y", colors="#457b9d")
ax_rain.set_xticks(list(positions))
ax_rain.set_xticklabels(months)

ax_temp = ax_rain.twinx()
ax_temp.plot(
    positions, temperature, color="#e63946", marker="o", markersize=5, lw=2, label="Temperature"
)
ax_temp.set_ylabel("Mean temperature (°C)", color="#e63946")
ax_temp.set_ylim(0, 32)
ax_temp.tick_params(axis="y", colors="#e63946")
ax_temp.axhspan(20, 25, color="#e63946", alpha=0.07)

handles = ax_rain.get_legend_handles_labels()[0] + ax_temp.get_legend_handles_labels()[0]
labels = ax_rain.get_legend_handles_labels()[1] + ax_temp.get_legend_handles_labels()[1]
ax_rain.legend(handles, labels, loc="upper center", ncol=2, frameon=False)
ax_rain.set_title("Climate of Lisbon")

plt.savefig("line_2.pdf", bbox_inches="tight")
