"""What scripts for seaborn 0.11 call; see `renderers.chart.compat.shims`."""

# mypy: disable-error-code="method-assign,assignment,misc,import-untyped,attr-defined"
# Reason: this module replaces parts of libraries, which types forbid.

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import seaborn

from renderers.chart.compat.names import put_back, renamed, replace

_BY_AXES = (
    "barplot", "boxplot", "boxenplot", "violinplot", "stripplot", "swarmplot", "pointplot",
    "lineplot", "scatterplot", "kdeplot", "regplot", "residplot", "jointplot", "catplot",
    "relplot", "histplot",
)  # fmt: skip
_DATA_FIRST = ("FacetGrid", "PairGrid", "pairplot")


def install() -> None:
    """Put the names back, for the rest of the process."""
    for name in _BY_AXES:
        replace(seaborn, name, _by_place("x", "y", "hue", "data"))
    replace(seaborn, "lmplot", _by_place("x", "y", "data", "hue"))
    put_back(seaborn, "factorplot", _factor_plot)
    for name in _DATA_FIRST:
        kind = getattr(seaborn, name)
        if isinstance(kind, type):
            replace(kind, "__init__", renamed({"size": "height"}))
        else:
            replace(seaborn, name, renamed({"size": "height"}))


def _by_place(*places: str) -> Callable[[Callable[..., Any]], Any]:
    """``barplot(x, y)``: the first argument is the data today, and a second not allowed."""

    def change(real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def plot(*arguments: Any, **options: Any) -> Any:
            if len(arguments) > 1:
                options.update(zip(places, arguments, strict=False))
                arguments = ()
            return real(*arguments, **options)

        return plot

    return change


def _factor_plot(*arguments: Any, **options: Any) -> Any:
    options.setdefault("kind", "point")
    if "size" in options:
        options["height"] = options.pop("size")
    return seaborn.catplot(*arguments, **options)
