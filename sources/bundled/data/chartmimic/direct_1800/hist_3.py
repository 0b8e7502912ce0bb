import matplotlib.pyplot as plt
import numpy as np

np.random.seed(2024)
latency = np.concatenate(
    [np.random.normal(loc=42, scale=6, size=700), np.random.normal(loc=78, scale=9, size=300)]
)

fig, ax = plt.subplots(figsize=(6.2, 4))
ax.hist(latency, bins=40, density=True, color="lightsteelblue", edgecolor="steelblue")
x = np.linspace(15, 115, 300)
mixture = 0.7 * np.exp(-((x - 42) ** 2) / 72) / (6 * np.sqrt(2 * np.pi)) + 0.3 * np.exp(
    -((x - 78) ** 2) / 162
) / (9 * np.sqrt(2 * np.pi))
ax.plot(x, mixture, color="darkorange", lw=2, label="fitted mixture")
ax.annotate("cache hit", xy=(42, 0.047), xytext=(56, 0.043), arrowprops=dict(arrowstyle="->"))
ax.annotate("cache miss", xy=(78, 0.0135), xytext=(88, 0.023), arrowprops=dict(arrowstyle="->"))
ax.set_xlabel("Latency (ms)")
ax.set_ylabel("Density")
ax.set_xlim(15, 115)
ax.legend()

plt.tight_layout()
plt.savefig("hist_3.pdf", bbox_inches="tight")
