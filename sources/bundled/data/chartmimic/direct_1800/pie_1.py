import matplotlib.pyplot as plt

labels = ["Data error", "Style error", "Text error", "Structure error"]
counts = [462, 619, 231, 62]
colors = ["#264653", "#2a9d8f", "#e9c46a", "#e76f51"]

fig, ax = plt.subplots(figsize=(5.5, 5))
wedges, texts, autotexts = ax.pie(
    counts,
    labels=labels,
    colors=colors,
    autopct="%1.1f%%",
    startangle=90,
    counterclock=False,
    explode=(0, 0, 0, 0.12),
    pctdistance=0.78,
    wedgeprops={"width": 0.45, "edgecolor": "white", "linewidth": 2},
    textprops={"fontsize": 11},
)
for autotext in autotexts:
    autotext.set_color("white")
    autotext.set_fontsize(9)
    autotext.set_weight("bold")
ax.text(0, 0, "1,374\nerrors", ha="center", va="center", fontsize=15)
ax.set_title("What goes wrong in redrawn charts", pad=22)

plt.savefig("pie_1.pdf", bbox_inches="tight")
