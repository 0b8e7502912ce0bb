"""Draws scripts in a sandboxed child: the target of the chart renderer's `ForkServer`."""

from __future__ import annotations

import builtins
import importlib
import linecache
import struct
import sys
import types
from pathlib import Path

from renderers.contract import RenderStatus
from renderers.sandbox.refusal import Refused, last_lines, verdict

SCRIPT = "chart.py"
HEADER = struct.Struct("<III")
"""Before the pixels and the scene: width, height, bytes of scene."""
JOB = struct.Struct("<Q")
"""Before the code: the largest number of pixels."""
_LIBRARIES = (
    "pandas", "scipy.stats", "scipy.interpolate", "scipy.ndimage", "scipy.optimize", "seaborn",
    "networkx", "squarify", "matplotlib_venn",
    "matplotlib.animation", "matplotlib.gridspec", "matplotlib.sankey", "matplotlib.table",
    "matplotlib.backends.backend_pdf", "matplotlib.backends.backend_svg",
    "mpl_toolkits.mplot3d", "mpl_toolkits.mplot3d.art3d",
    "mpl_toolkits.axes_grid1", "mpl_toolkits.axes_grid1.inset_locator", "mpl_toolkits.axisartist",
    "PIL.PngImagePlugin",
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


def warm() -> None:
    """Load the libraries that charts use, settle what varies, and draw once."""
    import matplotlib

    matplotlib.use("Agg")
    for name in _LIBRARIES:
        importlib.import_module(name)
    from renderers import chart_fonts, chart_repeat, chart_shims
    from renderers.chart_capture import Capture
    from renderers.chart_scene import extract

    chart_fonts.settle()
    _CAPTURE.append(Capture(extract))
    _CAPTURE[0].install()
    chart_shims.install()
    _CAPTURE[0].pixels = 2**30
    exec(compile(_WARMING, "warm.py", "exec"), {"__name__": "__main__"})
    _CAPTURE[0].forget()
    matplotlib.rcdefaults()
    chart_repeat.settle()


def facts() -> dict[str, str | int | list[str]]:
    """Versions that decide how a chart looks."""
    import matplotlib
    import numpy
    import pandas
    import scipy
    import seaborn
    from matplotlib import ft2font

    from renderers import chart_fonts

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


_CAPTURE: list = []


def run(job: bytes, scratch: Path) -> bytes:
    """Run a script; its picture as header, ``height x width x 3`` bytes and scene JSON.

    Raises:
        Refused: the script fails, or draws nothing or too much.
    """
    capture = _CAPTURE[0]
    (capture.pixels,) = JOB.unpack_from(job)
    code = job[JOB.size :].decode("utf-8", "surrogatepass")
    linecache.cache[SCRIPT] = (len(code), None, code.splitlines(keepends=True), SCRIPT)
    module = types.ModuleType("__main__")
    module.__dict__.update(__file__=SCRIPT, __builtins__=builtins)
    sys.modules["__main__"] = module
    sys.argv = [SCRIPT]
    try:
        exec(compile(code, SCRIPT, "exec"), module.__dict__)
    except SystemExit as end:
        if end.code not in (None, 0):
            raise Refused(RenderStatus.CODE_CRASHED, f"exits with {end.code!r}"[:500]) from None
    except Refused:
        raise
    except BaseException as error:
        status, _ = verdict(error, (str(scratch), *_own_paths()))
        raise Refused(status, last_lines(error, SCRIPT)) from None
    drawn = capture.drawn()
    scene = drawn.scene.to_json()
    return b"".join((HEADER.pack(drawn.width_px, drawn.height_px, len(scene)), drawn.rgb, scene))


def _own_paths() -> tuple[str, ...]:
    return (sys.prefix, sys.base_prefix)
