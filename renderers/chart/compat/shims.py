"""Names that scripts of older libraries still call, each put back as it was.

The chart sources were written for matplotlib 3.8, numpy 1.26, pandas 1.4 and the SciPy of their
day, and models go on writing code of ten years. Only what was removed or renamed since is put
back, and only where it is gone; nothing that still works is changed, so a script for today's
libraries draws what it would draw without.

==============================================  ===========================================
written                                         means today
==============================================  ===========================================
``cm.get_cmap(name, lut)``, ``register_cmap``   ``pyplot.get_cmap``, ``colormaps.register``
``boxplot(x, labels=...)``, positional options  ``tick_labels=``, options by name
``stem(x, y, "r-", "ro")``, ``Ellipse(p, w, h,  the same options by name
30)``, ``imshow(a, "jet", None, "auto")``, ...
``hist(normed=True)``, ``grid(b=True)``         ``density=``, ``visible=``
``annotate(s=...)``, ``bar(left=...)``          ``text=``, ``x=``
``colorbar(ScalarMappable(...))``               ``colorbar(..., ax=gca())``
``yscale("log", basey=2, nonposy="clip")``      ``base=``, ``nonpositive=``
``gca(projection="3d")``, ``Axes3D(figure)``    ``add_subplot(projection="3d")``
``stem(use_line_collection=...)``               without it
``plot_date(x, y)``                             ``plot`` with date axes, markers only
``style.use("seaborn-...")``                    ``seaborn-v0_8-...``
``contour(...).collections``                    a list of the contour set itself
``legend.legendHandles``, ``axes.w_xaxis``      ``legend_handles``, ``xaxis``
``tick.label``, ``DivergingNorm``               ``label1``, ``TwoSlopeNorm``
``get_shared_x_axes().join(a, b)``              the axes share their limits
``canvas.set_window_title``, ``hold``           nothing: no window, and always held
``np.float``, ``np.NaN``, ``np.trapz``, ...     ``float``, ``np.nan``, ``np.trapezoid``, ...
``array.ptp()``, ``np.math``                    ``np.ptp(array)``, ``math``
``float(np.array([1.5]))``                      ``float(np.array([1.5]).item())``
``DataFrame.applymap``, ``append``, ``mad`` ..  ``map``, ``concat``, ...
``frame.corr()`` with columns of words          ``frame.corr(numeric_only=True)``
``series[0]`` where the index holds words       ``series.iloc[0]``
``fillna(method="ffill")``                      ``ffill()``
``date_range(freq="M")``, ``resample("H")``     ``"ME"``, ``"h"``
``seaborn.barplot(x, y)``, ``factorplot``       ``barplot(x=x, y=y)``, ``catplot``
``scipy.integrate.simps``, ``cumtrapz``         ``simpson``, ``cumulative_trapezoid``
``scipy.signal.gaussian``, ``special.sph_harm``  ``signal.windows.gaussian``, ``sph_harm_y``
``networkx.from_numpy_matrix``, ...             ``from_numpy_array``, ...
==============================================  ===========================================

Behind each line stands a test that draws both columns and finds the same pixels. One setting is
refused: ``text.usetex`` stays off, because TeX is a program and none may start; text between
dollar signs is set by matplotlib itself.
"""

# mypy: disable-error-code="method-assign,assignment,misc,import-untyped,attr-defined"
# Reason: this module replaces parts of libraries, which types forbid.

from __future__ import annotations

from typing import Any

import matplotlib
import networkx
import numpy as np
import scipy.integrate
import scipy.signal
import scipy.special
import scipy.stats
from matplotlib.text import Text

from renderers.chart.compat import matplotlib_shims, numpy_shims, pandas_shims, seaborn_shims
from renderers.chart.compat.names import put_back


def install() -> None:
    """Put the names back, for the rest of the process."""
    matplotlib_shims.install()
    numpy_shims.install()
    pandas_shims.install()
    seaborn_shims.install()
    _scipy()
    _networkx()
    _no_tex()


def _scipy() -> None:
    for old, new in (
        ("simps", "simpson"),
        ("trapz", "trapezoid"),
        ("cumtrapz", "cumulative_trapezoid"),
    ):
        put_back(scipy.integrate, old, getattr(scipy.integrate, new))
    for name in (
        "gaussian",
        "hann",
        "hamming",
        "blackman",
        "boxcar",
        "triang",
        "bartlett",
        "kaiser",
    ):
        put_back(scipy.signal, name, getattr(scipy.signal.windows, name))
    put_back(scipy.signal, "ricker", _ricker)
    put_back(scipy, "interp", np.interp)
    put_back(scipy.stats, "median_absolute_deviation", scipy.stats.median_abs_deviation)
    put_back(scipy.special, "sph_harm", _sph_harm)


def _ricker(points: int, a: float) -> Any:
    at = np.arange(points) - (points - 1.0) / 2
    height = 2 / (np.sqrt(3 * a) * np.pi**0.25)
    return height * (1 - at**2 / a**2) * np.exp(-(at**2) / (2 * a**2))


def _sph_harm(m: Any, n: Any, theta: Any, phi: Any) -> Any:
    # Both the order of the numbers and the names of the angles were turned round.
    return scipy.special.sph_harm_y(n, m, phi, theta)


def _networkx() -> None:
    for kind in ("numpy", "scipy_sparse"):
        for way in ("from", "to"):
            new = getattr(networkx, f"{way}_{kind}_array")
            put_back(networkx, f"{way}_{kind}_matrix", new)
    put_back(networkx, "info", lambda graph, *_: str(graph))


def _no_tex() -> None:
    matplotlib.RcParams.validate["text.usetex"] = lambda value: False
    Text.set_usetex = lambda text, usetex: setattr(text, "_usetex", False)
