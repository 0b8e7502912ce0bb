"""Names that scripts of older libraries still call, each put back as it was.

The chart sources were written for matplotlib 3.8, numpy 1.26, pandas 1.4 and the SciPy of their
day, and models go on writing such code. Only what was removed or renamed since is put back, and
only where it is gone; nothing that still works is changed, so a script for today's libraries draws
what it would draw without.

==============================================  ===========================================
written                                         means today
==============================================  ===========================================
``cm.get_cmap(name, lut)``, ``register_cmap``   ``pyplot.get_cmap``, ``colormaps.register``
``boxplot(x, labels=...)``, positional options  ``tick_labels=``, options by name
``stem(use_line_collection=...)``               without it
``plot_date(x, y)``                             ``plot`` with date axes, markers only
``style.use("seaborn-...")``                    ``seaborn-v0_8-...``
``contour(...).collections``                    a list of the contour set itself
``legend.legendHandles``, ``axes.w_xaxis``      ``legend_handles``, ``xaxis``
``np.float``, ``np.NaN``, ``np.trapz``, ...     ``float``, ``np.nan``, ``np.trapezoid``, ...
``float(np.array([1.5]))``                      ``float(np.array([1.5]).item())``
``DataFrame.applymap``, ``append``, ...         ``map``, ``concat``, ...
``fillna(method="ffill")``                      ``ffill()``
``date_range(freq="M")``, ``resample("H")``     ``"ME"``, ``"h"``
``scipy.integrate.simps``, ``cumtrapz``         ``simpson``, ``cumulative_trapezoid``
==============================================  ===========================================

One setting is refused: ``text.usetex`` stays off, because TeX is a program and none may start;
text between dollar signs is set by matplotlib itself.
"""

# mypy: disable-error-code="method-assign,assignment,misc,import-untyped"
# Reason: this module replaces parts of libraries, which types forbid.

from __future__ import annotations

import ctypes
import functools
import re
from collections.abc import Callable
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import scipy.integrate
from matplotlib import cm, pyplot, style
from matplotlib.axes import Axes
from matplotlib.contour import ContourSet
from matplotlib.legend import Legend
from matplotlib.text import Text
from mpl_toolkits.mplot3d import Axes3D


def install() -> None:
    """Put the names back, for the rest of the process."""
    _matplotlib()
    _numpy()
    _pandas()
    for old, new in (
        ("simps", "simpson"),
        ("trapz", "trapezoid"),
        ("cumtrapz", "cumulative_trapezoid"),
    ):
        _put_back(scipy.integrate, old, getattr(scipy.integrate, new))
    _no_tex()


def _put_back(where: Any, name: str, value: Any) -> None:
    if name not in vars(where):
        setattr(where, name, value)


def _matplotlib() -> None:
    _put_back(cm, "get_cmap", pyplot.get_cmap)
    for module in (cm, pyplot):
        _put_back(module, "register_cmap", _register_cmap)
    Axes.boxplot = _box_plot(Axes.boxplot)
    pyplot.boxplot = _box_plot(pyplot.boxplot)
    Axes.stem, pyplot.stem = _without_option(Axes.stem), _without_option(pyplot.stem)
    _put_back(Axes, "plot_date", _plot_date)
    _put_back(pyplot, "plot_date", lambda *args, **kw: pyplot.gca().plot_date(*args, **kw))
    _put_back(ContourSet, "collections", property(lambda contours: [contours]))
    _put_back(Legend, "legendHandles", property(lambda legend: legend.legend_handles))
    for letter in "xyz":
        axis = property(lambda axes, name=f"{letter}axis": getattr(axes, name))
        _put_back(Axes3D, f"w_{letter}axis", axis)
    for name in list(style.library):
        if name.startswith("seaborn-v0_8"):
            style.library.setdefault(name.replace("-v0_8", ""), style.library[name])


def _register_cmap(name: str | None = None, cmap: Any = None, **_: Any) -> None:
    matplotlib.colormaps.register(cmap, name=name, force=True)


_BOX_PLOT_OPTIONS = (
    "notch", "sym", "vert", "whis", "positions", "widths", "patch_artist", "bootstrap",
    "usermedians", "conf_intervals", "meanline", "showmeans", "showcaps", "showbox",
    "showfliers", "boxprops", "tick_labels",
)  # fmt: skip


def _box_plot(real: Callable[..., Any]) -> Callable[..., Any]:
    # A method has its axes before the data, the function of pyplot has not.
    by_name_from = 1 if real.__module__ == "matplotlib.pyplot" else 2

    @functools.wraps(real)
    def boxplot(*arguments: Any, **options: Any) -> Any:
        options.update(zip(_BOX_PLOT_OPTIONS, arguments[by_name_from:], strict=False))
        if "labels" in options:
            options["tick_labels"] = options.pop("labels")
        return real(*arguments[:by_name_from], **options)

    return boxplot


def _without_option(real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def stem(*arguments: Any, **options: Any) -> Any:
        options.pop("use_line_collection", None)
        return real(*arguments, **options)

    return stem


def _plot_date(
    axes: Axes, x: Any, y: Any, fmt: str = "o", tz: Any = None, xdate: bool = True,
    ydate: bool = False, **options: Any,
) -> Any:  # fmt: skip
    if xdate:
        axes.xaxis_date(tz)
    if ydate:
        axes.yaxis_date(tz)
    return axes.plot(x, y, fmt, **options)


_NUMPY: dict[str, Any] = {
    "float": float, "int": int, "object": object, "complex": complex, "str": str,
    "unicode": str, "bool8": np.bool_, "float_": np.float64, "complex_": np.complex128,
    "string_": np.bytes_, "unicode_": np.str_, "int0": np.intp, "uint0": np.uintp,
    "NaN": np.nan, "NAN": np.nan, "Inf": np.inf, "PINF": np.inf, "NINF": -np.inf,
    "infty": np.inf, "Infinity": np.inf, "in1d": np.isin, "product": np.prod,
    "cumproduct": np.cumprod, "alltrue": np.all, "sometrue": np.any, "round_": np.round,
    "row_stack": np.vstack, "trapz": np.trapezoid, "mat": np.asmatrix,
    "asfarray": lambda a, dtype=np.float64: np.asarray(a, dtype=dtype),
    "msort": lambda a: np.sort(a, axis=0),
    "asscalar": lambda a: a.item(),
}  # fmt: skip


def _numpy() -> None:
    for name, value in _NUMPY.items():
        _put_back(np, name, value)
    _one_element_is_a_number()


def _one_element_is_a_number() -> None:
    """``float``, ``int``, ``math`` and ``%`` take an array of one element, as before NumPy 2.4.

    Python code cannot add a conversion to an array, so the slots of its type are changed.
    Where the type does not look as expected in memory, nothing is done.
    """
    pointer, at_name, at_size, at_numbers = 8, 24, 32, 96
    nb_int, nb_float = 16, 18
    array = id(np.ndarray)
    name = ctypes.c_char_p.from_address(array + at_name).value
    size = ctypes.c_ssize_t.from_address(array + at_size).value
    if name != b"numpy.ndarray" or size != np.ndarray.__basicsize__:
        return
    numbers = ctypes.c_void_p.from_address(array + at_numbers).value
    if numbers is None:
        return
    for slot, kind in ((nb_int, int), (nb_float, float)):
        conversion = _CONVERSION(functools.partial(_number, kind))
        _KEPT.append(conversion)
        address = ctypes.cast(conversion, ctypes.c_void_p)
        ctypes.c_void_p.from_address(numbers + slot * pointer).value = address.value


_CONVERSION = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object)
_KEPT: list[Any] = []
"""The type points at these, so they must live as long as it."""


def _number(kind: type, array: Any) -> Any:
    if array.size == 1:
        try:
            return kind(array.item())
        except (TypeError, ValueError, OverflowError):
            pass
    return array  # Not a number, which Python reports as TypeError; raising here would be lost.


_FREQUENCIES = {
    "M": "ME", "Q": "QE", "A": "YE", "Y": "YE", "AS": "YS", "BM": "BME", "BQ": "BQE",
    "BA": "BYE", "BY": "BYE", "SM": "SME", "CBM": "CBME", "H": "h", "BH": "bh", "T": "min",
    "S": "s", "L": "ms", "U": "us", "N": "ns",
}  # fmt: skip


def _pandas() -> None:
    frame, series = pd.DataFrame, pd.Series
    _put_back(frame, "applymap", frame.map)
    for kind in (frame, series):
        _put_back(kind, "append", _append)
        _put_back(kind, "iteritems", kind.items)
        kind.fillna = _fill_method(kind.fillna)
        kind.resample = _old_frequency(kind.resample)
        kind.asfreq = _old_frequency(kind.asfreq)
    pd.date_range = _old_frequency(pd.date_range)


def _append(self: Any, other: Any, ignore_index: bool = False, **_: Any) -> Any:
    if isinstance(self, pd.DataFrame):
        if isinstance(other, dict):
            other = pd.DataFrame([other])
        elif isinstance(other, pd.Series):
            other = other.to_frame().T
    others = other if isinstance(other, (list, tuple)) else [other]
    return pd.concat([self, *others], ignore_index=ignore_index)


def _fill_method(real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def fillna(self: Any, *arguments: Any, method: str | None = None, **options: Any) -> Any:
        if method is None:
            return real(self, *arguments, **options)
        return self.ffill() if method in ("ffill", "pad") else self.bfill()

    return fillna


def _old_frequency(real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def taking_old_names(*arguments: Any, **options: Any) -> Any:
        try:
            return real(*arguments, **options)
        except ValueError as error:
            if "frequency" not in str(error) and "offset" not in str(error):
                raise
            renamed = [_renamed(argument) for argument in arguments]
            return real(*renamed, **{name: _renamed(value) for name, value in options.items()})

    return taking_old_names


def _renamed(value: Any) -> Any:
    """``3H`` -> ``3h``, ``A-DEC`` -> ``YE-DEC``; all else as it is."""
    if not isinstance(value, str):
        return value
    parts = re.fullmatch(r"(-?\d*)([A-Z]+)(-[A-Z]{3})?", value)
    if parts is None or parts[2] not in _FREQUENCIES:
        return value
    return f"{parts[1]}{_FREQUENCIES[parts[2]]}{parts[3] or ''}"


def _no_tex() -> None:
    matplotlib.RcParams.validate["text.usetex"] = lambda value: False
    Text.set_usetex = lambda text, usetex: setattr(text, "_usetex", False)
