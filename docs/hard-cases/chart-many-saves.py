# Saved many times: the last call counts, be it in a helper, over many lines or behind an `if`.
import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(5, 3), facecolor="#eef3f8")


def save(name, **how):
    if how:
        fig.savefig(
            name,
            **how,
        )


ax.bar(["draft", "review"], [3, 5], color="#8fb8de")
plt.savefig("draft.png"); save("draft.pdf", dpi=50)
ax.bar(["final"], [7], color="#c8553d")
ax.set_title("Only the last state is the chart")
if ax.patches: save("final.svg", dpi=110, bbox_inches="tight")
