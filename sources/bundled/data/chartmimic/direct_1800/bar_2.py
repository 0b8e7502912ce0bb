import matplotlib.pyplot as plt

plt.rcParams["font.family"] = "Arial"

# Share of electricity by source, 2023 (percent)
countries = ["Norway", "France", "Brazil", "Germany", "Japan", "India", "Poland"]
hydro = [88.9, 11.2, 60.4, 3.9, 7.6, 8.1, 1.4]
wind_solar = [10.2, 14.0, 20.8, 39.7, 12.0, 10.5, 21.6]
nuclear = [0.0, 65.3, 2.1, 1.4, 8.5, 2.6, 0.0]
fossil = [0.9, 9.5, 16.7, 55.0, 71.9, 78.8, 77.0]

fig, ax = plt.subplots(figsize=(8, 4))
left = [0.0] * len(countries)
for label, values, color in [
    ("Hydro", hydro, "#2a6f97"),
    ("Wind and solar", wind_solar, "#90be6d"),
    ("Nuclear", nuclear, "#f9c74f"),
    ("Fossil", fossil, "#6c757d"),
]:
    ax.barh(countries, values, left=left, label=label, color=color, height=0.68)
    for row, value in enumerate(values):
        if value > 7:
            ax.text(
                left[row] + value / 2,
                row,
                f"{value:.0f}",
                ha="center",
                va="center",
                fontsize=9,
                color="white",
            )
    left = [a + b for a, b in zip(left, values)]

ax.invert_yaxis()
ax.set_xlim(0, 100)
ax.set_xlabel("Share of generation (%)")
ax.set_title("Electricity mix of seven countries", loc="left", fontweight="bold")
ax.tick_params(axis="y", length=0)
for spine in ("top", "right", "left"):
    ax.spines[spine].set_visible(False)
ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)

plt.savefig("bar_2.pdf", bbox_inches="tight")
