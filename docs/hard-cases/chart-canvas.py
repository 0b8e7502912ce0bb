# Never saved by name: drawn through the canvas into memory, and shown.
import io

import matplotlib.pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

fig = Figure(figsize=(5, 3))
canvas = FigureCanvasAgg(fig)
ax = fig.add_subplot()
ax.step(range(12), [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8], where="mid", label="step")
ax.fill_between(range(12), [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8], step="mid", alpha=0.3)
ax.legend(title="canvas")
buffer = io.BytesIO()
canvas.print_png(buffer)
plt.show()
