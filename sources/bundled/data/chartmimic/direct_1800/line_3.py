import matplotlib.pyplot as plt
import numpy as np

compute = np.array([1e18, 3e18, 1e19, 3e19, 1e20, 3e20, 1e21])
losses = {
    "vision": ([3.92, 3.55, 3.18, 2.89, 2.63, 2.41, 2.22], "#7209b7"),
    "text": ([3.41, 3.14, 2.88, 2.66, 2.47, 2.30, 2.15], "#4cc9f0"),
}

fig, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
for ax, (name, (loss, color)) in zip(axes, losses.items()):
    loss = np.array(loss)
    slope, intercept = np.polyfit(np.log10(compute), np.log10(loss), 1)
    fit = 10 ** (intercept + slope * np.log10(compute))
    ax.loglog(compute, loss, "o", color=color, markersize=7, label="runs")
    ax.loglog(compute, fit, "-", color="black", lw=1, label=f"$L \\propto C^{{{slope:.3f}}}$")
    ax.set_title(name)
    ax.set_xlabel("Training compute (FLOP)")
    ax.grid(True, which="both", alpha=0.25)
    ax.legend(loc="upper right")
axes[0].set_ylabel("Validation loss")
axes[0].set_yticks([2, 2.5, 3, 3.5, 4])
axes[0].set_yticklabels(["2.0", "2.5", "3.0", "3.5", "4.0"])
axes[0].minorticks_off()
fig.suptitle("Scaling of two towers", y=1.02)

plt.savefig("line_3.pdf", bbox_inches="tight")
