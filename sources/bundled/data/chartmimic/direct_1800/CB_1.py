import matplotlib.pyplot as plt
import pandas as pd

data = pd.DataFrame(
    {
        "year": [2015, 2016, 2017, 2018, 2019, 2020, 2021, 2022, 2023],
        "papers": [412, 530, 688, 921, 1240, 1695, 2080, 2410, 2955],
        "accepted": [26.1, 25.4, 24.9, 24.7, 25.0, 22.1, 23.7, 25.6, 26.0],
    }
)

fig, ax = plt.subplots(figsize=(7.2, 4.2))
ax.bar(data["year"], data["papers"], color="#b7d3f2", edgecolor="#4a7fb5", label="Submissions")
for year, papers in zip(data["year"], data["papers"]):
    ax.text(year, papers + 40, f"{papers:,}", ha="center", fontsize=8, color="#333333")
ax.set_ylabel("Submissions")
ax.set_ylim(0, 5000)
ax.set_xticks(data["year"])

rate = ax.twinx()
rate.plot(data["year"], data["accepted"], color="#bc4749", marker="D", lw=2, label="Acceptance")
rate.set_ylabel("Acceptance rate (%)")
rate.set_ylim(0, 34)
rate.grid(False)

lines, names = [], []
for axis in (ax, rate):
    handle, label = axis.get_legend_handles_labels()
    lines += handle
    names += label
ax.legend(lines, names, loc="upper left")
plt.title("Growth of a conference")

plt.tight_layout()
plt.savefig("CB_1.pdf", bbox_inches="tight")
