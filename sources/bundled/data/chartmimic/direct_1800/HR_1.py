import matplotlib.pyplot as plt

cities = ["Vienna", "Lyon", "Turin", "Porto", "Gdansk", "Leeds", "Malmö"]
rent_2013 = [9.1, 9.8, 7.4, 5.2, 6.0, 8.3, 9.9]
rent_2023 = [13.6, 14.1, 9.7, 11.8, 12.4, 12.0, 13.1]

fig, ax = plt.subplots(figsize=(6.5, 4.2))
for row, (start, end) in enumerate(zip(rent_2013, rent_2023)):
    ax.plot([start, end], [row, row], color="#ced4da", lw=3, zorder=1)
    ax.text(end + 0.3, row, f"+{end - start:.1f}", va="center", fontsize=9, color="#9d0208")
ax.scatter(rent_2013, range(len(cities)), s=80, color="#8ecae6", label="2013", zorder=2)
ax.scatter(rent_2023, range(len(cities)), s=80, color="#9d0208", label="2023", zorder=2)

ax.set_yticks(range(len(cities)), cities)
ax.invert_yaxis()
ax.set_xlim(4, 16)
ax.set_xlabel("Median rent (€ per m²)")
ax.set_title("A decade of rents", loc="left", fontsize=14)
ax.legend(loc="center right", title="Year")
ax.grid(axis="x", linestyle=":", alpha=0.7)
for side in ["top", "right", "left"]:
    ax.spines[side].set_visible(False)
ax.tick_params(axis="y", length=0)

plt.tight_layout()
plt.savefig("HR_1.pdf", bbox_inches="tight")
