import matplotlib.pyplot as plt
import squarify

labels = ["Web pages", "Code", "Papers", "Books", "Forums", "Encyclopedia", "Subtitles"]
tokens = [412, 187, 96, 71, 58, 24, 12]
colors = ["#355070", "#6d597a", "#b56576", "#e56b6f", "#eaac8b", "#f2cc8f", "#f4f1de"]

fig, ax = plt.subplots(figsize=(7.5, 4.6))
squarify.plot(
    sizes=tokens,
    label=[f"{name}\n{count} B" for name, count in zip(labels, tokens)],
    color=colors,
    alpha=0.95,
    pad=True,
    ax=ax,
    text_kwargs={"fontsize": 10, "color": "#1b1b1e"},
)
for text in ax.texts[:2]:
    text.set_color("white")
    text.set_fontsize(13)
ax.axis("off")
ax.set_title("Pre-training tokens by origin (billions)", fontsize=13)

plt.savefig("tree_1.pdf", bbox_inches="tight")
