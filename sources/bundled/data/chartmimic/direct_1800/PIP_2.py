import matplotlib.pyplot as plt
import numpy as np

latency = np.array([12, 18, 25, 31, 44, 58, 75, 96, 120, 163])
quality = np.array([48.2, 55.9, 60.3, 63.8, 67.0, 69.9, 71.2, 72.6, 73.1, 73.4])
share = {"vision": 46, "language": 38, "render": 16}

fig, ax = plt.subplots(figsize=(6.4, 4.4))
ax.plot(latency, quality, "-o", color="#2b9348", markerfacecolor="#bfd200", markersize=8)
ax.fill_between(latency, quality, 40, color="#2b9348", alpha=0.08)
ax.set_xscale("log")
ax.set_xticks([10, 20, 50, 100, 200], ["10", "20", "50", "100", "200"])
ax.minorticks_off()
ax.set_xlabel("Latency per sample (ms)")
ax.set_ylabel("Quality")
ax.set_ylim(40, 78)
ax.set_title("Where the time goes")

inset = ax.inset_axes([0.52, 0.17, 0.42, 0.42])
inset.barh(range(3), list(share.values()), color=["#55a630", "#80b918", "#d4d700"])
inset.set_yticks(range(3), list(share))
inset.set_xlim(0, 60)
inset.set_xlabel("% of 96 ms", fontsize=8)
inset.tick_params(labelsize=8)
for row, value in enumerate(share.values()):
    inset.text(value + 1.5, row, str(value), va="center", fontsize=8)

plt.savefig("PIP_2.pdf", bbox_inches="tight")
