import matplotlib.pyplot as plt

wines = {
    "Riesling": [10.1, 10.8, 11.0, 11.2, 11.4, 11.5, 11.9, 12.3],
    "Merlot": [12.4, 12.9, 13.1, 13.3, 13.4, 13.6, 13.8, 14.5],
    "Malbec": [12.9, 13.4, 13.7, 13.9, 14.0, 14.1, 14.3, 14.9],
}

fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.6), sharey=True)
left.violinplot(list(wines.values()), showmeans=True)
left.set_title("Violin plot")
right.boxplot(list(wines.values()), widths=0.4)
right.set_title("Box plot")
for ax in (left, right):
    ax.yaxis.grid(True)
    ax.set_xticks([1, 2, 3], labels=list(wines))
left.set_ylabel("Alcohol (% vol.)")

plt.tight_layout()
plt.savefig("violin_3.pdf", bbox_inches="tight")
