"""Runs scripts in a sandboxed child: the target of the chart renderer's `ForkServer`.

Importing this module loads everything that chart scripts usually import, once, before the first fork.
"""

from __future__ import annotations

import builtins
import errno
import gc
import importlib
import linecache
import os
import random  # noqa: F401 - has its own reason to act after a fork, see below
import sys
import threading  # noqa: F401 - likewise
import types
from pathlib import Path
from unittest import mock

import matplotlib

# Matplotlib closes its fonts in every fork, which costs each child some hundred copied pages and
# reloading the fonts. Here only one child at a time reads them, so they stay open.
with mock.patch.object(os, "register_at_fork", lambda **_: None):
    import matplotlib.font_manager

import numpy
import pandas
import scipy
import seaborn  # type: ignore[import-untyped]
from matplotlib import ft2font

from renderers.chart import fonts as chart_fonts
from renderers.chart import repeatable as chart_repeat
from renderers.chart.capture import Capture
from renderers.chart.compat import shims as chart_shims
from renderers.chart.layouts import lay_out_each_text_once, place_ticks_once
from renderers.chart.message import pack_drawn, unpack_job
from renderers.chart.scene.figure import extract
from sandbox.status import RenderStatus
from sandbox.verdict import Refused, last_lines, verdict

SCRIPT = "chart.py"
_LIBRARIES = (
    "scipy.stats", "scipy.interpolate", "scipy.ndimage", "scipy.optimize", "scipy.cluster.hierarchy",
    "networkx", "squarify", "matplotlib_venn", "statistics", "textwrap",
    "matplotlib.animation", "matplotlib.dates", "matplotlib.sankey", "matplotlib.patheffects",
    "mpl_toolkits.mplot3d.art3d", "mpl_toolkits.axes_grid1.inset_locator",
    "mpl_toolkits.axisartist", "PIL.PngImagePlugin", "PIL.JpegImagePlugin",
)  # fmt: skip
_WARMING = r"""
import matplotlib.pyplot as plt
figure, axes = plt.subplots(2, 2)
axes[0, 0].plot([1, 2, 3], [1, 4, 9], "o--", label="warm $x^2_\mathrm{a}$ \u2212")
axes[0, 0].legend(title="warm")
axes[0, 0].set_title("warm", fontweight="bold", fontstyle="italic")
axes[0, 1].bar(["a", "b"], [1, 2], hatch="/")
axes[0, 1].set_yscale("log")
axes[1, 0].imshow([[1, 2], [3, 4]], cmap="viridis")
axes[1, 1].pie([1, 2], labels=["a", "b"], autopct="%1.1f%%")
for number, font in enumerate(("Arial", "Times New Roman", "DejaVu Serif", "monospace")):
    figure.text(0.1, 0.1 * number, "warm", fontfamily=font)
figure.add_axes([0, 0, 0.3, 0.3], projection="3d").plot([0, 1], [0, 1], [0, 1])
figure.add_axes([0, 0, 0.3, 0.3], projection="polar").plot([0, 1], [0, 1])
plt.savefig("warm.pdf", bbox_inches="tight")
plt.close("all")
"""
_WARMING_PIXELS = 2**22
_NEW_OBJECTS = 50_000
"""New objects after which Python looks for garbage: most scripts end before."""

capture = Capture(extract)


def warm() -> None:
    """Load the remaining modules, fix what varies between runs and machines, and draw once."""
    for name in _LIBRARIES:
        importlib.import_module(name)
    chart_fonts.use_pinned_fonts()
    chart_fonts.find_each_font_once()
    lay_out_each_text_once()
    place_ticks_once()
    capture.fonts = chart_fonts.files()
    chart_shims.install()
    capture.install()
    _deny_processes()
    capture.begin(_WARMING_PIXELS)
    exec(compile(_WARMING, "warm.py", "exec"), {"__name__": "__main__"})
    capture.drawn()
    capture.begin(0)  # Else each child would free this drawing, which copies its pages.
    matplotlib.rcdefaults()
    chart_repeat.make_repeatable()
    gc.set_threshold(_NEW_OBJECTS)


def _deny_processes() -> None:
    """Make locks between processes fail with a clear error."""
    from multiprocessing import synchronize

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "a chart may not start processes", "multiprocessing")

    synchronize.SemLock.__init__ = refuse  # type: ignore[method-assign]


def facts() -> dict[str, str | list[str]]:
    """Versions that affect how a chart looks."""
    return {
        "python": ".".join(map(str, sys.version_info[:2])),
        "matplotlib": matplotlib.__version__,
        "freetype": ft2font.__freetype_version__,
        "numpy": numpy.__version__,
        "pandas": pandas.__version__,
        "scipy": scipy.__version__,
        "seaborn": seaborn.__version__,
        "fonts": list(chart_fonts.versions()),
    }


def _advice(error: BaseException, status: RenderStatus) -> str:
    """What a script that wants something from outside can do instead; empty for other errors."""
    if isinstance(error, EOFError):
        return " (nobody answers here: write the values into the script)"
    if status is RenderStatus.DENIED or isinstance(error, FileNotFoundError):
        return " (a script has no network, no files and no other programs here: write the data into it)"
    return ""


def run(job: bytes, scratch: Path) -> bytes:
    """Run a script and return the message with its display list and scene.

    Raises:
        Refused: the script fails, or draws nothing or too much.
    """
    code, pixels = unpack_job(job)
    linecache.cache[SCRIPT] = (len(code), None, code.splitlines(keepends=True), SCRIPT)
    module = types.ModuleType("__main__")
    module.__dict__.update(__file__=SCRIPT, __builtins__=builtins)
    sys.modules["__main__"] = module
    sys.argv = [SCRIPT]
    chart_repeat.seed()
    capture.begin(pixels)
    try:
        exec(compile(code, SCRIPT, "exec"), module.__dict__)
    except SystemExit as end:
        if end.code not in (None, 0):
            where = last_lines(end, SCRIPT).rpartition("\n")[0]
            detail = f"{where}\nexits with {end.code!r}"[:500].strip()
            raise Refused(RenderStatus.CODE_CRASHED, detail) from None
    except Refused:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a script raises is its verdict
        status, _ = verdict(error, (str(scratch), sys.prefix, sys.base_prefix))
        raise Refused(status, last_lines(error, SCRIPT) + _advice(error, status)) from None
    drawn = capture.drawn()
    return pack_drawn(drawn.shown, drawn.scene)
