import matplotlib.pyplot as plt
import pandas as pd

dates = pd.date_range("2022-01-01", periods=24, freq="MS")
index = pd.DataFrame(
    {
        "wheat": [100, 104, 131, 128, 133, 119, 107, 103, 105, 110, 108, 104,
                  101, 99, 95, 93, 89, 90, 92, 86, 84, 85, 83, 84],
        "oil": [100, 111, 128, 124, 134, 139, 124, 117, 106, 109, 106, 95,
                96, 96, 91, 97, 88, 87, 93, 100, 109, 105, 96, 90],
        "copper": [100, 102, 105, 104, 96, 93, 77, 82, 79, 78, 82, 86,
                   92, 91, 90, 90, 84, 86, 87, 85, 84, 81, 83, 86],
    },
    index=dates,
)

ax = index.plot(figsize=(7, 4), linewidth=2, color=["#e9a03b", "#333333", "#b5651d"], legend=False)
for column, shift in [("wheat", -2), ("oil", 3), ("copper", 0)]:
    ax.text(dates[-1] + pd.Timedelta(days=20), index[column].iloc[-1] + shift, column, fontsize=11, va="center")
ax.axhline(100, color="0.7", lw=1)
ax.axvspan(dates[2], dates[6], color="0.9", zorder=0)
ax.text(dates[4], 143, "supply shock", ha="center", fontsize=9)
ax.set_ylim(70, 148)
ax.set_ylabel("January 2022 = 100")
ax.set_title("Commodity prices", fontsize=13)
ax.spines[["top", "right"]].set_visible(False)

plt.tight_layout()
plt.savefig("line_5.pdf", bbox_inches="tight")
