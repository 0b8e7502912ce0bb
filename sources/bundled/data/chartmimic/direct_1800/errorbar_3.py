import matplotlib.pyplot as plt

temperature = [4, 10, 20, 40, 77, 120, 180, 240, 300]
resistivity = [0.4, 0.4, 0.5, 0.9, 2.3, 5.1, 8.9, 12.7, 16.8]
error_t = [0.2, 0.3, 0.5, 0.8, 1.5, 2.5, 4.0, 5.0, 6.0]
error_r = [0.1, 0.1, 0.1, 0.15, 0.3, 0.5, 0.7, 0.9, 1.1]

plt.style.use("ggplot")
fig, ax = plt.subplots(figsize=(6, 4))
ax.errorbar(
    temperature, resistivity, xerr=error_t, yerr=error_r, fmt="o", color="#348abd",
    ecolor="#7a68a6", elinewidth=1.2, capsize=3, label="measured",
)
ax.plot([60, 300], [1.0, 16.8], "--", color="#e24a33", label=r"$\rho \propto T$")
ax.axhline(0.4, color="#467821", lw=1.2, ls="-.", label="residual resistivity")
ax.set_xlabel("Temperature (K)")
ax.set_ylabel(r"Resistivity ($\mathrm{n\Omega\,m}$)")
ax.set_xlim(0, 320)
ax.set_ylim(0, 19)
ax.legend(loc="upper left")
ax.set_title("Copper wire, 0.1 mm")

plt.tight_layout()
plt.savefig("errorbar_3.pdf", bbox_inches="tight")
