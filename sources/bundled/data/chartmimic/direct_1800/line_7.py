# ===================
# Part 1: Importing Libraries
# ===================
import matplotlib.pyplot as plt

# ===================
# Part 2: Data Preparation
# ===================
temperature = [300, 400, 500, 600, 700, 800]
steel = [52.1, 48.9, 45.0, 41.2, 37.4, 33.8]
brass = [110.3, 118.6, 124.9, 129.2, 132.0, 133.1]
titanium = [21.9, 20.4, 19.7, 19.4, 19.7, 20.2]

# ===================
# Part 3: Plot Configuration and Rendering
# ===================
plt.figure(figsize=(6, 4))
plt.plot(temperature, steel, "o-", label="Steel 1010")
plt.plot(temperature, brass, "s--", label="Brass")
plt.plot(temperature, titanium, "^:", label="Titanium")
plt.xlabel("Temperature [K]")
plt.ylabel("Thermal conductivity [W/(m K)]")
plt.title("Conductivity of three metals")
plt.xlim(290, 810)
plt.ylim(0, 150)
plt.grid(True)
plt.legend(loc="center right")

# ===================
# Part 4: Saving Output
# ===================
plt.tight_layout()
plt.savefig("line_7.pdf", bbox_inches="tight")
