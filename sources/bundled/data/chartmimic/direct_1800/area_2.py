import matplotlib.pyplot as plt
import numpy as np

week = np.arange(1, 21)
cases = np.array([12, 19, 31, 48, 77, 118, 171, 236, 301, 352, 378, 371, 340, 296, 247, 198, 154, 117, 88, 65])
low = cases * 0.82 - 4
high = cases * 1.2 + 6

fig, ax = plt.subplots(figsize=(6.6, 4))
ax.fill_between(week, low, high, color="#ffcad4", label="95 % interval")
ax.plot(week, cases, color="#9d0208", lw=2.4, label="model")
ax.fill_between(week, 0, cases, where=(week >= 9) & (week <= 13), color="#9d0208", alpha=0.18)
ax.annotate("peak: week 11", xy=(11, 378), xytext=(14, 425), arrowprops={"arrowstyle": "-|>"})
ax.set_xlim(1, 20)
ax.set_ylim(0, 500)
ax.set_xticks([1, 5, 10, 15, 20])
ax.set_xlabel("Week of the season")
ax.set_ylabel("Cases per 100,000")
ax.legend(loc="upper left", frameon=False)
ax.spines[["top", "right"]].set_visible(False)

plt.tight_layout()
plt.savefig("area_2.pdf", bbox_inches="tight")
