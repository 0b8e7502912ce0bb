import matplotlib.pyplot as plt

steps = [0, 1, 2, 4, 6, 8, 10, 12, 16, 20]
ours = [31.2, 44.8, 52.1, 58.9, 62.7, 65.0, 66.8, 67.9, 69.4, 70.1]
sft = [31.2, 40.3, 45.9, 50.6, 53.2, 54.1, 54.9, 55.0, 54.6, 54.2]
dpo = [31.2, 41.7, 48.8, 54.0, 56.9, 58.8, 59.6, 60.2, 60.5, 60.1]
no_reward = [31.2, 37.0, 40.1, 43.5, 44.2, 43.9, 42.8, 41.5, 39.0, 36.7]

fig, ax = plt.subplots(figsize=(6.4, 4.2))
ax.plot(steps, ours, color="#c1121f", marker="o", lw=2.2, label="GRPO + visual reward")
ax.plot(steps, dpo, color="#003049", marker="s", lw=1.8, label="DPO")
ax.plot(steps, sft, color="#669bbc", marker="^", lw=1.8, label="SFT")
ax.plot(steps, no_reward, color="#8d99ae", marker="x", lw=1.5, ls="--", label="GRPO + text reward")

ax.axvline(10, color="black", lw=0.8, ls=":")
ax.annotate(
    "learning rate\nhalved",
    xy=(10, 49),
    xytext=(11.2, 47.5),
    fontsize=9,
    arrowprops=dict(arrowstyle="->", lw=0.9),
)
ax.set_xlabel("Training steps (thousands)")
ax.set_ylabel("Chart-to-code score")
ax.set_xlim(-0.5, 20.5)
ax.set_ylim(28, 74)
ax.grid(alpha=0.3)
ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.16), ncol=2, fontsize=9, frameon=False)

plt.tight_layout()
plt.savefig("line_1.pdf", bbox_inches="tight")
