import matplotlib.pyplot as plt

plt.rcParams["font.family"] = "Arial"

elements = ["Fe", "Mn", "Cu", "Zn", "Pb"]
soil = [38.1, 0.85, 0.041, 0.092, 0.023]
plant = [0.21, 0.064, 0.0092, 0.041, 0.0011]
ph = [4.5, 5.0, 5.5, 6.0, 6.5, 7.0, 7.5]
uptake = [[9.1, 8.2, 6.6, 5.1, 3.9, 3.0, 2.6], [5.5, 5.2, 4.4, 3.3, 2.4, 1.9, 1.5]]

fig, (a, b, c) = plt.subplots(1, 3, figsize=(12, 3.6))

positions = range(len(elements))
a.bar([p - 0.2 for p in positions], soil, 0.4, color="#774936", label="soil")
a.bar([p + 0.2 for p in positions], plant, 0.4, color="#70a37f", label="plant")
a.set_yscale("log")
a.set_ylim(0.0005, 100)
a.set_xticks(list(positions), elements)
a.set_ylabel("Content (g/kg)")
a.legend(loc="upper right")
a.set_title("A", loc="left", fontweight="bold")

for values, name, color in zip(uptake, ["Zn", "Cu"], ["#41729f", "#c9784a"]):
    b.plot(ph, values, marker="o", color=color, label=name)
b.set_xlabel("Soil pH")
b.set_ylabel("Uptake (mg/kg/d)")
b.set_ylim(0, 10)
b.legend(frameon=False)
b.set_title("B", loc="left", fontweight="bold")

c.boxplot([[2.1, 2.6, 2.9, 3.3, 3.8], [2.9, 3.4, 3.5, 4.1, 4.6], [1.0, 1.6, 1.7, 2.0, 2.9]], widths=0.5)
c.set_xticks([1, 2, 3], ["root", "stem", "leaf"])
c.set_ylabel("Zn (mg/kg)")
c.set_ylim(0, 5)
c.set_title("C", loc="left", fontweight="bold")

plt.tight_layout()
plt.savefig("multidiff_2.pdf", bbox_inches="tight")
