import matplotlib.pyplot as plt
import numpy as np

age = np.array([1, 3, 5, 8, 12, 16, 20, 25])
length = np.array([11.2, 24.8, 36.1, 47.9, 58.0, 63.2, 66.9, 69.4])
caught = [38, 64, 91, 77, 49, 30, 17, 9]

t = np.linspace(0, 26, 200)
growth = 72.5 * (1 - np.exp(-0.125 * (t + 0.25)))

fig, (upper, lower) = plt.subplots(
    2, 1, figsize=(6, 5.4), sharex=True, gridspec_kw={"height_ratios": [3, 1], "hspace": 0.08}
)
upper.plot(t, growth, color="#0077b6", lw=2, label="von Bertalanffy fit")
upper.fill_between(t, growth - 3.2, growth + 3.2, color="#0077b6", alpha=0.15)
upper.scatter(age, length, color="#03045e", zorder=3, label="mean length")
upper.axhline(72.5, ls="--", color="gray", lw=1)
upper.text(0.5, 73.6, r"$L_\infty = 72.5$ cm", fontsize=10, color="gray")
upper.set_ylabel("Length (cm)")
upper.set_ylim(0, 82)
upper.legend(loc="lower right", frameon=False)

lower.bar(age, caught, width=1.2, color="#90e0ef", edgecolor="#0077b6")
lower.set_ylabel("Fish")
lower.set_xlabel("Age (years)")
lower.set_xlim(0, 26)

plt.savefig("CB_3.pdf", bbox_inches="tight")
