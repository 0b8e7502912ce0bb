# Chinese labels and formulas: one font for the words, mathtext for the rest, a hatch in the bars.
import matplotlib.pyplot as plt

plt.rcParams["font.sans-serif"] = ["SimHei", "Arial"]
plt.rcParams["axes.unicode_minus"] = False
fig, ax = plt.subplots(figsize=(5.5, 3.2))
ax.bar(["北京", "上海", "广州", "深圳"], [12.4, -3.1, 8.8, 10.2], hatch="//", edgecolor="white")
ax.axhline(0, color="k", lw=0.8)
ax.set_title(r"年度增长率 ($\Delta_{\mathrm{GDP}}$, %)")
ax.set_ylabel("百分比")
ax.grid(axis="y", ls=":")
fig.savefig("cn.pdf", bbox_inches="tight")
