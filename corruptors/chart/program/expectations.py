"""Guesses at what a figure contains (legend, panels, curves), made from the code that draws it."""

from __future__ import annotations

import ast
import re

from corruptors.chart.program.chart_program import ChartProgram

_LIBRARY = frozenset(
    ("lineplot", "scatterplot", "barplot", "heatmap", "relplot", "catplot", "displot", "histplot",
     "kdeplot", "boxplot", "violinplot", "pairplot", "jointplot", "regplot", "countplot",
     "stripplot", "swarmplot")
)  # fmt: skip
"""Functions of seaborn, which draw and then label what they drew."""


def library(chart: ChartProgram, *names: str) -> bool:
    """True if seaborn draws, by one of these functions if any are named."""
    wanted = _LIBRARY & set(names) if names else _LIBRARY
    return any(chart.is_library(chart.receiver(one)) for one in chart.calls(*sorted(wanted)))


def paneled(chart: ChartProgram) -> bool:
    """True if there are several panels, as far as the code says."""
    several = any(
        one.args or chart.keyword(one, "nrows", "ncols") for one in chart.calls("subplots")
    )
    return (
        several
        or bool(chart.calls("FacetGrid", "pairplot"))
        or len(chart.calls("subplot", "add_subplot", "add_axes")) > 1
    )


def titled(chart: ChartProgram, *words: str) -> bool:
    """True if one of these is set, by a method or as a keyword."""
    methods = [name for word in words for name in (word, f"set_{word}")]
    setting = any(chart.keyword(one, *words) for one in chart.calls("set", "plot"))
    return setting or bool(chart.calls(*methods))


def several(chart: ChartProgram) -> bool:
    """True if more than one series is drawn, by several calls or in a loop."""
    looped = any(chart.within(one, ast.For) for one in chart.drawings)
    return len(chart.drawings) > 1 or looped or bool(re.search(r"\.plot\.\w+\(|kind=", chart.text))


def keyed(chart: ChartProgram) -> bool:
    """True if a legend is to be expected."""
    return bool(chart.calls("legend")) or library(chart)


def lined(chart: ChartProgram) -> bool:
    """True if curves are drawn."""
    return bool(chart.drawn_by("plot", "step")) or library(chart, "lineplot", "regplot")


def barred(chart: ChartProgram) -> bool:
    """True if upright bars are drawn."""
    return bool(chart.drawn_by("bar", "hist")) or library(chart, "barplot", "histplot", "countplot")


def mapped(chart: ChartProgram) -> bool:
    """True if a field of numbers is drawn as colored cells."""
    return bool(chart.drawn_by("imshow", "matshow", "pcolormesh", "pcolor", "heatmap"))


def styled(chart: ChartProgram) -> bool:
    """True if a style sheet or a grid is asked for."""
    used = any(chart.receiver(one).endswith("style") for one in chart.calls("use", "context"))
    return used or bool(chart.calls("set_theme", "set_style", "grid"))
