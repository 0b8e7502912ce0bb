import matplotlib.pyplot as plt
import numpy as np

plt.rcParams["font.family"] = "Arial"
months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
stations = {
    "Coast": [92, 78, 71, 52, 48, 39, 31, 37, 58, 86, 101, 98],
    "Mountain": [64, 58, 69, 83, 112, 128, 135, 121, 90, 72, 70, 66],
}
angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
shades = ["#0081a7", "#f07167"]

fig, axes = plt.subplots(1, 2, figsize=(9, 4.4), subplot_kw={"projection": "polar"})
for ax, (name, rain), shade in zip(axes, stations.items(), shades):
    ax.bar(angle, rain, width=2 * np.pi / 12 * 0.9, color=shade, alpha=0.8, edgecolor="white")
    ax.set_theta_zero_location("N")
    ax.set_theta_direction(-1)
    ax.set_xticks(angle, months)
    ax.set_ylim(0, 150)
    ax.set_yticks([50, 100], ["50", "100 mm"], fontsize=8)
    ax.set_rlabel_position(15)
    ax.set_title(name, pad=18, fontsize=13)

plt.tight_layout()
plt.savefig("radar_2.pdf", bbox_inches="tight")
