"""What scripts for older matplotlib call; see `renderers.chart.compat.shims`."""

# mypy: disable-error-code="method-assign,assignment,misc,import-untyped,attr-defined"
# Reason: this module replaces parts of libraries, which types forbid.

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import matplotlib
from matplotlib import cm, colors, mlab, patches, pyplot, style
from matplotlib.axes import Axes
from matplotlib.axis import Tick
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.cbook import GrouperView
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.scale import FuncScale, LogScale, SymmetricalLogScale
from mpl_toolkits.mplot3d import Axes3D
from scipy.stats import norm

from renderers.chart.compat.names import by_name, put_back, renamed, replace

_BOX_PLOT = (
    "notch", "sym", "vert", "whis", "positions", "widths", "patch_artist", "bootstrap",
    "usermedians", "conf_intervals", "meanline", "showmeans", "showcaps", "showbox",
    "showfliers", "boxprops", "tick_labels",
)  # fmt: skip
_IMAGE = (
    "norm", "aspect", "interpolation", "alpha", "vmin", "vmax", "origin", "extent",
)  # fmt: skip


def install() -> None:
    """Put the names back, for the rest of the process."""
    _names()
    _options()
    _places()
    _three_dimensions()


def _names() -> None:
    put_back(cm, "get_cmap", pyplot.get_cmap)
    for module in (cm, pyplot):
        put_back(module, "register_cmap", _register_cmap)
    put_back(Axes, "plot_date", _plot_date)
    put_back(pyplot, "plot_date", lambda *args, **kw: pyplot.gca().plot_date(*args, **kw))
    put_back(ContourSet, "collections", property(lambda contours: [contours]))
    put_back(Legend, "legendHandles", property(lambda legend: legend.legend_handles))
    put_back(Tick, "label", property(lambda tick: tick.label1))
    put_back(GrouperView, "join", lambda view, *axes: view._grouper.join(*axes))
    put_back(FigureCanvasBase, "set_window_title", lambda canvas, title: None)
    put_back(Axes, "set_axis_bgcolor", Axes.set_facecolor)
    put_back(Axes, "hold", lambda axes, b=None: None)
    put_back(pyplot, "hold", lambda b=None: None)
    put_back(colors, "DivergingNorm", colors.TwoSlopeNorm)
    put_back(mlab, "normpdf", lambda x, mu, sigma: norm.pdf(x, mu, sigma))
    for name in list(style.library):
        if name.startswith("seaborn-v0_8"):
            style.library.setdefault(name.replace("-v0_8", ""), style.library[name])


def _options() -> None:
    for where in (Axes, pyplot):
        replace(where, "boxplot", renamed({"labels": "tick_labels"}))
        replace(where, "stem", renamed({"use_line_collection": None}))
        replace(where, "hist", renamed({"normed": "density"}))
        replace(where, "grid", renamed({"b": "visible"}))
        replace(where, "annotate", renamed({"s": "text"}))
        replace(where, "bar", renamed({"left": "x"}))
    for name in ("add_subplot", "add_axes"):
        replace(Figure, name, renamed({"axisbg": "facecolor"}))
    replace(Figure, "colorbar", _bar_for_no_axes)
    scales = {
        f"{old}{letter}": new
        for letter in "xy"
        for old, new in (
            ("base", "base"),
            ("nonpos", "nonpositive"),
            ("subs", "subs"),
            ("linthresh", "linthresh"),
            ("linscale", "linscale"),
        )
    }
    for scale in (LogScale, SymmetricalLogScale, FuncScale):
        replace(scale, "__init__", renamed(scales))


def _places() -> None:
    # A method has its axes before the data, the function of pyplot has not.
    for where, own in ((Axes, 1), (pyplot, 0)):
        replace(where, "boxplot", by_name(1 + own, _BOX_PLOT))
        replace(where, "imshow", by_name(2 + own, _IMAGE))
        replace(where, "stem", by_name(2 + own, ("linefmt", "markerfmt", "basefmt", "bottom")))
    for where, own in ((Figure, 1), (pyplot, 0)):
        replace(where, "tight_layout", by_name(own, ("pad", "h_pad", "w_pad", "rect")))
    for letter in "xy":
        replace(Axes, f"set_{letter}ticklabels", by_name(2, ("fontdict", "minor")))
        replace(Axes, f"set_{letter}ticks", by_name(3, ("minor",)))
    for kind in (patches.Ellipse, patches.Rectangle, patches.Arc):
        replace(kind, "__init__", by_name(4, ("angle", "theta1", "theta2")))
    replace(patches.RegularPolygon, "__init__", by_name(3, ("radius", "orientation")))


def _three_dimensions() -> None:
    for letter in "xyz":
        axis = property(lambda axes, name=f"{letter}axis": getattr(axes, name))
        put_back(Axes3D, f"w_{letter}axis", axis)
    gca = Figure.gca

    def gca_of_a_kind(figure: Figure, **options: Any) -> Any:
        if not options:
            return gca(figure)
        current = figure.axes[-1] if figure.axes else None
        if current is not None and current.name == options.get("projection", "rectilinear"):
            return gca(figure)
        return figure.add_subplot(**options)

    Figure.gca = gca_of_a_kind
    pyplot.gca = lambda **options: pyplot.gcf().gca(**options)
    made = Axes3D.__init__

    def in_its_figure(axes: Axes3D, figure: Figure, *arguments: Any, **options: Any) -> None:
        adding = options.pop("auto_add_to_figure", True)
        made(axes, figure, *arguments, **options)
        # A figure that makes axes adds them itself; a script that does must add its own today.
        if adding and sys._getframe(1).f_globals.get("__name__") != "matplotlib.figure":
            figure.add_axes(axes)

    Axes3D.__init__ = in_its_figure


def _bar_for_no_axes(real: Callable[..., Any]) -> Callable[..., Any]:
    """Colors that are on no axes take their bar's room from the current ones."""

    @functools.wraps(real)
    def colorbar(
        figure: Figure, mappable: Any, cax: Any = None, ax: Any = None, **more: Any
    ) -> Any:
        if cax is None and ax is None and getattr(mappable, "axes", None) is None:
            ax = figure.gca()
        return real(figure, mappable, cax=cax, ax=ax, **more)

    return colorbar


def _register_cmap(name: str | None = None, cmap: Any = None, **_: Any) -> None:
    matplotlib.colormaps.register(cmap, name=name, force=True)


def _plot_date(
    axes: Axes, x: Any, y: Any, fmt: str = "o", tz: Any = None, xdate: bool = True,
    ydate: bool = False, **options: Any,
) -> Any:  # fmt: skip
    if xdate:
        axes.xaxis_date(tz)
    if ydate:
        axes.yaxis_date(tz)
    return axes.plot(x, y, fmt, **options)
