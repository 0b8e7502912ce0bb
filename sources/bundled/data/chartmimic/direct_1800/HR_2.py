import matplotlib.patches as mpatches
import matplotlib.pyplot as plt

# (task, start month, duration in months, team)
tasks = [
    ("Requirements", 0.0, 1.5, "Design"),
    ("Data collection", 1.0, 3.0, "Data"),
    ("Annotation guide", 1.5, 1.5, "Design"),
    ("Annotation", 3.0, 3.5, "Data"),
    ("Reward model", 5.0, 3.0, "Modelling"),
    ("Policy training", 7.5, 2.5, "Modelling"),
    ("Evaluation", 8.5, 2.5, "Evaluation"),
    ("Report", 10.0, 2.0, "Evaluation"),
]
team_color = {
    "Design": "#ffb4a2",
    "Data": "#b5838d",
    "Modelling": "#6d6875",
    "Evaluation": "#e5989b",
}

fig, ax = plt.subplots(figsize=(8, 4))
for row, (name, start, duration, team) in enumerate(tasks):
    ax.broken_barh([(start, duration)], (row - 0.35, 0.7), facecolors=team_color[team])
    ax.text(start + duration / 2, row, f"{duration:g} mo", ha="center", va="center", fontsize=8)
ax.scatter([3.0, 10.0, 12.0], [2, 5, 7], marker="D", color="black", s=40, zorder=3)

ax.set_yticks(range(len(tasks)), [task[0] for task in tasks])
ax.invert_yaxis()
ax.set_xticks(range(0, 13))
ax.set_xticklabels(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", ""])
ax.set_xlim(0, 12.3)
ax.grid(axis="x", color="#eeeeee")
ax.set_axisbelow(True)
handles = [mpatches.Patch(color=color, label=team) for team, color in team_color.items()]
ax.legend(handles=handles, loc="lower left", fontsize=9)
ax.set_title("Project plan; diamonds mark deliverables")

plt.tight_layout()
plt.savefig("HR_2.pdf", bbox_inches="tight")
