import matplotlib.pyplot as plt

delays = [
    [2, 4, 5, 5, 7, 8, 9, 12, 14, 31],
    [0, 1, 2, 3, 3, 4, 6, 7, 9, 11],
    [5, 8, 9, 12, 14, 15, 19, 22, 27, 48],
    [1, 2, 2, 4, 5, 7, 8, 10, 13, 20],
]
plt.figure(figsize=(6, 3.8))
plt.boxplot(delays, orientation="horizontal", tick_labels=["North", "East", "South", "West"], notch=False, showmeans=True)
plt.xlabel("Delay (min)")
plt.title("Train delays by line")
plt.axvline(6, color="tab:red", linestyle=":", linewidth=1.5)
plt.text(6.5, 4.55, "punctual < 6 min", color="tab:red", fontsize=9)
plt.ylim(0.4, 4.9)
plt.grid(axis="x", alpha=0.4)
plt.tight_layout()
plt.savefig("box_3.pdf", bbox_inches="tight")
