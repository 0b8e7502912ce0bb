import matplotlib.pyplot as plt
import numpy as np

time = [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24]
load = [31, 28, 27, 35, 52, 58, 60, 57, 55, 61, 66, 48, 36]
forecast = [30, 29, 28, 33, 49, 60, 62, 58, 54, 59, 64, 50, 35]
solar = [0, 0, 0, 1, 8, 17, 22, 20, 12, 3, 0, 0, 0]

fig, (ax1, ax2, ax3) = plt.subplots(3, 1, figsize=(6.5, 6), sharex=True)
ax1.step(time, load, where="mid", color="#14213d", lw=2, label="load")
ax1.plot(time, forecast, "--", color="#fca311", lw=1.8, label="forecast")
ax1.set_ylabel("GW")
ax1.legend(ncol=2, loc="upper left", fontsize=9)
ax1.set_ylim(20, 82)

error = np.array(load) - np.array(forecast)
ax2.bar(time, error, width=1.4, color=np.where(error >= 0, "#2a9d8f", "#e63946"))
ax2.axhline(0, color="black", lw=0.8)
ax2.set_ylabel("Error (GW)")
ax2.set_ylim(-4, 4)

ax3.fill_between(time, solar, color="#ffdd57")
ax3.plot(time, solar, color="#e09f3e")
ax3.set_ylabel("Solar (GW)")
ax3.set_xlabel("Hour")
ax3.set_xlim(-1, 25)
ax3.set_xticks(range(0, 25, 4))
fig.align_ylabels()

plt.tight_layout()
plt.savefig("line_6.pdf", bbox_inches="tight")
