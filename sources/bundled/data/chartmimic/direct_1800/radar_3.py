import matplotlib.pyplot as plt
import numpy as np

labels = ["Speed", "Power", "Range", "Comfort", "Price"]
city_car = [3, 2, 2, 4, 5]
estate = [4, 4, 5, 5, 2]

angles = np.linspace(0, 2 * np.pi, 5, endpoint=False)
fig = plt.figure(figsize=(5, 5))
ax = fig.add_subplot(111, polar=True)
ax.plot(np.append(angles, angles[0]), city_car + city_car[:1], "o-", linewidth=2, label="City car")
ax.fill(angles, city_car, alpha=0.25)
ax.plot(np.append(angles, angles[0]), estate + estate[:1], "s-", linewidth=2, label="Estate")
ax.fill(angles, estate, alpha=0.25)
ax.set_xticks(angles)
ax.set_xticklabels(labels)
ax.set_yticks([1, 2, 3, 4, 5])
ax.set_ylim(0, 5)
ax.tick_params(axis="x", pad=10)
ax.legend(loc="lower right", bbox_to_anchor=(1.2, -0.05))
ax.set_title("Two cars compared", pad=20)

plt.savefig("radar_3.pdf", bbox_inches="tight")
