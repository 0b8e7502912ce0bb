import matplotlib.pyplot as plt
import numpy as np

x = np.arange(5)
plt.figure(figsize=(6, 3.8))
plt.errorbar(x - 0.1, [0.62, 0.68, 0.71, 0.75, 0.77], yerr=[0.03, 0.02, 0.03, 0.02, 0.02], fmt="o", capsize=4, label="Prompt A")
plt.errorbar(x + 0.1, [0.58, 0.66, 0.73, 0.78, 0.82], yerr=[0.04, 0.03, 0.02, 0.03, 0.02], fmt="s", capsize=4, label="Prompt B")
plt.xticks(x, ["0", "1", "2", "4", "8"])
plt.xlabel("Examples in the prompt")
plt.ylabel("Exact match")
plt.ylim(0.5, 0.9)
plt.legend(loc="lower right")
plt.tight_layout()
plt.savefig("errorpoint_3.pdf", bbox_inches="tight")
