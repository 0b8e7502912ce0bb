import matplotlib.pyplot as plt
import numpy as np

np.random.seed(7)
reaction_young = np.random.gamma(shape=9.0, scale=28.0, size=420) + 120
reaction_old = np.random.gamma(shape=8.0, scale=38.0, size=420) + 150

bins = np.arange(150, 901, 30)

fig, ax = plt.subplots(figsize=(6.5, 4))
ax.hist(reaction_young, bins=bins, color="#5a189a", alpha=0.6, edgecolor="white", label="18-30 years")
ax.hist(reaction_old, bins=bins, color="#ff9e00", alpha=0.6, edgecolor="white", label="65-80 years")
ax.axvline(np.median(reaction_young), color="#5a189a", lw=2, ls="--")
ax.axvline(np.median(reaction_old), color="#e85d04", lw=2, ls="--")
ax.set_xlabel("Reaction time (ms)")
ax.set_ylabel("Trials")
ax.set_xlim(150, 900)
ax.set_title("Reaction times by age group")
ax.legend(title="Participants")

plt.tight_layout()
plt.savefig("hist_1.pdf", bbox_inches="tight")
