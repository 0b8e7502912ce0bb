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
            _SAVES.sub("", code) + f"\nimport matplotlib.pyplot as plt\nplt.savefig({str(png)!r})\n"
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
programs = json.load(open(sys.argv[1]))
def draw(code):
    plt.rcdefaults()
    random.seed(0); numpy.random.seed(0)
    exec(compile(code, "chart.py", "exec"), {"__name__": "__main__"})
    plt.savefig(sys.argv[2])
    plt.close("all")
for code in programs:
    draw(code)
seconds = []
for _ in range(int(sys.argv[3])):
    start = time.process_time()
    for code in programs:
        draw(code)
    seconds.append((time.process_time() - start) / len(programs))
print(json.dumps(seconds))
"""
"""Every script by `exec` in one warm process: nothing contained, nothing checked, no scene."""
