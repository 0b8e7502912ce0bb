import matplotlib.pyplot as plt

algorithms = ["Bubble sort", "Insertion sort", "Shell sort", "Heap sort", "Merge sort", "Quick sort", "Radix sort"]
seconds = [84.0, 31.5, 0.92, 0.41, 0.33, 0.24, 0.11]
stable = [True, True, False, False, True, False, True]

plt.style.use("dark_background")
fig, ax = plt.subplots(figsize=(7, 3.8))
bars = ax.barh(algorithms, seconds, color=["#00bbf9" if s else "#fee440" for s in stable])
ax.set_xscale("log")
ax.set_xlim(0.05, 400)
ax.bar_label(bars, labels=[f"{s:g} s" for s in seconds], padding=4)
ax.invert_yaxis()
ax.set_xlabel("Time to sort 200,000 numbers (s, log scale)")
ax.plot([], [], "s", color="#00bbf9", label="stable")
ax.plot([], [], "s", color="#fee440", label="not stable")
ax.legend(loc="lower right")
ax.spines[["top", "right"]].set_visible(False)

plt.tight_layout()
plt.savefig("bar_6.pdf", bbox_inches="tight")
