import matplotlib.pyplot as plt

years = [2014, 2015, 2016, 2017, 2018, 2019, 2020, 2021, 2022, 2023]
coal = [38.2, 36.9, 34.8, 33.9, 33.1, 31.0, 28.4, 29.8, 29.1, 27.0]
gas = [21.5, 22.4, 23.6, 23.3, 23.9, 24.8, 24.6, 23.7, 23.0, 22.8]
hydro = [16.4, 16.0, 16.5, 16.2, 15.9, 15.8, 16.6, 15.2, 15.0, 14.3]
wind = [2.9, 3.4, 3.8, 4.4, 4.8, 5.3, 6.0, 6.6, 7.3, 7.8]
solar = [0.8, 1.1, 1.3, 1.8, 2.2, 2.7, 3.2, 3.7, 4.5, 5.5]

fig, ax = plt.subplots(figsize=(7, 4.2))
ax.stackplot(
    years,
    coal,
    gas,
    hydro,
    wind,
    solar,
    labels=["Coal", "Gas", "Hydro", "Wind", "Solar"],
    colors=["#495057", "#adb5bd", "#4895ef", "#80ed99", "#ffd166"],
    edgecolor="white",
    linewidth=0.8,
)
ax.set_xlim(2014, 2023)
ax.set_ylim(0, 90)
ax.set_xticks(years[::3])
ax.set_ylabel("Share of world generation (%)")
ax.set_title("Coal gives way, slowly", loc="left", fontsize=13)
handles, labels = ax.get_legend_handles_labels()
ax.legend(handles[::-1], labels[::-1], loc="center left", bbox_to_anchor=(1.02, 0.5))
ax.spines["top"].set_visible(False)
ax.spines["right"].set_visible(False)

plt.savefig("area_1.pdf", bbox_inches="tight")
