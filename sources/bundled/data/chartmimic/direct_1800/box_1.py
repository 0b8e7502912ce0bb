import matplotlib.pyplot as plt

# Body mass (g) of three finch populations before and after the drought
before = {
    "Daphne": [14.2, 15.1, 15.8, 16.0, 16.4, 16.9, 17.3, 18.0, 19.6],
    "Genovesa": [18.9, 19.7, 20.3, 20.8, 21.0, 21.6, 22.4, 23.1, 25.8],
    "Wolf": [21.0, 22.2, 22.9, 23.4, 24.1, 24.5, 25.2, 26.3, 27.0],
}
after = {
    "Daphne": [15.6, 16.8, 17.1, 17.7, 18.2, 18.4, 19.0, 19.9, 20.8],
    "Genovesa": [19.4, 20.1, 21.2, 21.9, 22.3, 22.8, 23.9, 24.4, 24.9],
    "Wolf": [20.1, 21.8, 22.6, 23.0, 23.7, 24.4, 25.0, 26.6, 29.5],
}

fig, ax = plt.subplots(figsize=(6.5, 4.5))


def draw(groups, offset, face):
    return ax.boxplot(
        list(groups.values()),
        positions=[i * 2 + offset for i in range(len(groups))],
        widths=0.55,
        patch_artist=True,
        boxprops=dict(facecolor=face, edgecolor="#333333"),
        medianprops=dict(color="black", linewidth=1.5),
        flierprops=dict(marker="o", markerfacecolor=face, markersize=5),
    )


first = draw(before, -0.35, "#bde0fe")
second = draw(after, 0.35, "#ffafcc")
ax.set_xticks([0, 2, 4])
ax.set_xticklabels(before.keys())
ax.set_ylabel("Body mass (g)")
ax.set_xlabel("Island")
ax.set_ylim(12, 32)
ax.legend([first["boxes"][0], second["boxes"][0]], ["2003", "2005"], title="Year", loc="upper left")
ax.yaxis.grid(True, color="#dddddd")
ax.set_axisbelow(True)

plt.tight_layout()
plt.savefig("box_1.pdf", bbox_inches="tight")
