"""Charts the reference way, and the bound: the same work in one process, unsafe."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

_SAVES = re.compile(r"^.*\b(?:savefig|plt\.show)\(.*\)\s*$", re.MULTILINE)


def render_fresh(code: str, png: Path) -> None:
    """A fresh interpreter for one script; savefig and show are stripped line by line.

    Raises:
        subprocess.CalledProcessError: the script failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "chart.py")
        script.write_text(
            _SAVES.sub("", code)
            + f"\nimport matplotlib.pyplot as plt\nplt.savefig({str(png)!r})\n",
            encoding="utf-8",
        )
        subprocess.run(
            [sys.executable, str(script)],
            cwd=folder,
            env={**os.environ, "MPLBACKEND": "Agg"},
            check=True,
            capture_output=True,
            timeout=60,
        )


BARE = """
import json, random, sys, time
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy, pandas, scipy.stats, seaborn, networkx
from matplotlib.figure import Figure
programs = json.load(open(sys.argv[1]))
really, saved = Figure.savefig, []
def save(figure, *_, **looks):
    looks.pop("format", None)
    saved.append(really(figure, sys.argv[2], **looks))
Figure.savefig = save
plt.show = lambda *_, **__: None
def draw(code):
    plt.rcdefaults()
    random.seed(0); numpy.random.seed(0)
    saved.clear()
    exec(compile(code, "chart.py", "exec"), {"__name__": "__main__"})
    if not saved:
        plt.savefig(sys.argv[2])
    plt.close("all")
for code in programs:
    draw(code)
spent, start = [], time.time()
for _ in range(int(sys.argv[3])):
    before = time.process_time()
    for code in programs:
        draw(code)
    spent.append((time.process_time() - before) / len(programs))
print(json.dumps({"cpu_s": spent, "start": start, "end": time.time()}))
"""
"""Every script by `exec` in one warm process, saved once as a PNG in the looks that it asks for:
nothing contained, nothing checked, no scene. The bound of any way to draw it with matplotlib."""
