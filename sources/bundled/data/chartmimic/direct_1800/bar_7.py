import matplotlib.pyplot as plt
import pandas as pd

waste = pd.DataFrame(
    {
        "recycled": [241, 198, 305, 167],
        "composted": [112, 87, 143, 61],
        "burnt": [156, 201, 98, 187],
        "landfill": [43, 95, 12, 174],
    },
    index=["Graz", "Bremen", "Ghent", "Leeds"],
)

waste.plot(kind="bar", stacked=True, figsize=(6, 4.2), rot=0, colormap="summer", edgecolor="black", linewidth=0.5)
plt.ylabel("Waste per person (kg per year)")
plt.title("Household waste in four cities")
plt.legend(loc="upper left", bbox_to_anchor=(1, 1), title="Fate")
plt.ylim(0, 650)
plt.tight_layout()
plt.savefig("bar_7.pdf", bbox_inches="tight")
