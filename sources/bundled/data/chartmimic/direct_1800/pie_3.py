import matplotlib.pyplot as plt

fig, axes = plt.subplots(1, 2, figsize=(8.5, 4))
languages = ["Python", "C++", "Rust", "Other"]

axes[0].pie([48, 31, 6, 15], labels=languages, autopct="%.0f%%", startangle=140, shadow=True)
axes[0].set_title("2019")
axes[1].pie([61, 17, 14, 8], labels=languages, autopct="%.0f%%", startangle=140, explode=[0, 0, 0.1, 0])
axes[1].set_title("2024")
fig.suptitle("Languages of new projects", fontsize=14, fontweight="bold")

plt.tight_layout()
plt.savefig("pie_3.pdf", bbox_inches="tight")
