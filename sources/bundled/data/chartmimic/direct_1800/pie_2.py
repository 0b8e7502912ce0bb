import matplotlib.pyplot as plt

outer = {"Energy": 73.2, "Agriculture": 18.4, "Industry": 5.2, "Waste": 3.2}
inner = [24.2, 17.5, 16.2, 15.3, 5.8, 12.6, 5.2, 3.2]
inner_names = ["industry", "buildings", "transport", "other", "livestock", "land", "", ""]
cmap = plt.colormaps["tab20c"]

fig, ax = plt.subplots(figsize=(6, 6))
ax.pie(
    list(outer.values()), radius=1.0, colors=cmap([0, 4, 8, 12]), startangle=0, labels=list(outer),
    wedgeprops=dict(width=0.32, edgecolor="w"), labeldistance=1.06, textprops=dict(fontsize=12, weight="bold"),
)
ax.pie(
    inner, radius=0.66, colors=cmap([1, 2, 3, 3, 5, 6, 9, 13]), startangle=0, labels=inner_names,
    labeldistance=0.62, textprops=dict(fontsize=8, ha="center"), wedgeprops=dict(width=0.42, edgecolor="w"),
)
ax.set_title("Greenhouse gas emissions by sector (%)", y=1.02)

plt.savefig("pie_2.pdf", bbox_inches="tight")
