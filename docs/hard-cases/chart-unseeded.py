# No seed anywhere: drawn again it is the same picture, since the contract seeds what the script does not.
import random
from datetime import datetime

import matplotlib.pyplot as plt
import numpy as np

rng = np.random.default_rng()
x, y = rng.normal(size=(2, 160))
plt.figure(figsize=(5, 3))
plt.scatter(x, y, c=[random.random() for _ in x], s=40 * rng.random(160), cmap="plasma", alpha=0.8)
plt.colorbar(label="chance")
plt.title(f"drawn on {datetime.now():%d %B %Y}")
plt.savefig("random.png")
