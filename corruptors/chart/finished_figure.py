"""Errors of a finished figure, for scripts whose code offers no place to make them.

Titles that are put together, colors that a library chose, values that were computed: no literal
says them, but the figure has them. Each corruption here edits the figure right before it is saved,
through lines put into the script, and only where its twins among the ordinary ones find no site. A
candidate made so is *image-only*: it draws the error, but nobody would write it so, and it must not
be taught as code. Its name says so: `live_`. See decision 11.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from corruptors.chart.annotations import drop_annotation
from corruptors.chart.colors import change_colour, change_default_colours
from corruptors.chart.frame import drop_grid
from corruptors.chart.legend import drop_legend, move_legend
from corruptors.chart.lines import change_line_style
from corruptors.chart.markers import change_marker_size
from corruptors.chart.panels import drop_subplot
from corruptors.chart.program.chart_program import ChartProgram
from corruptors.chart.program.expectations import (
    barred,
    keyed,
    library,
    lined,
    panelled,
    several,
    styled,
    titled,
)
from corruptors.chart.scales import change_limits, stretch_axis
from corruptors.chart.series import drop_looped_series, drop_series, drop_shape
from corruptors.chart.titles import drop_axis_label
from corruptors.chart.values import misjudge_value, rescale_series
from corruptors.chart.words import misspell_title
from corruptors.corruption import Corruption, corruption
from records.edits import Mutation
from records.taxonomy import ChartCategory

STRUCTURE, DATA = ChartCategory.STRUCTURE, ChartCategory.DATA
TEXT, STYLE = ChartCategory.TEXT, ChartCategory.STYLE

_SHAPES = (
    "[[_line] for _line in _axes.lines if len(_line.get_xdata()) > 1]"
    " + [[_shape] for _shape in _axes.collections]"
    " + [list(_bars.patches) for _bars in _axes.containers if getattr(_bars, 'patches', None)]"
)
"""Lines, collections and groups of bars of an axes: what a viewer calls a series."""


def _edited(
    chart: ChartProgram,
    rng: Random,
    twins: tuple[Corruption[Any], ...],
    there: bool,
    parts: str,
    action: str,
    where: str,
    what: str,
    least: int = 1,
) -> Iterator[Mutation]:
    """One mutation that edits one part of the figure, where no twin has a site.

    Args:
        chart: The script.
        rng: Chooses which part, by a number that is taken modulo how many there are.
        twins: Corruptions that make the same error in the code.
        there: Whether such parts are to be expected of the figure.
        parts: Expression for the parts of `_axes` that may be edited, a list.
        action: Statement that edits `_part`.
        where: Location, as a viewer names it.
        what: What is wrong then.
        least: Parts that there must be; with one of one gone, nothing is left.
    """
    if not there:
        return
    if any(True for twin in twins for _ in twin.propose(chart, Random(0))):
        return
    lines = (
        "# The finished figure is edited; not code to learn from.",
        f"_figure = {chart.finished_figure}",
        "_panels = [_axes for _axes in _figure.axes if not hasattr(_axes, '_colorbar')]",
        f"_parts = [_part for _axes in _panels for _part in ({parts})]",
        f"if len(_parts) >= {least}:",
        f"    _part = _parts[{rng.randrange(1000)} % len(_parts)]",
        f"    {action}",
    )
    edit = chart.at_the_end(lines)
    if edit is not None:
        yield Mutation((edit,), where, what)


@corruption(ChartProgram, STRUCTURE)
def live_drop_subplot(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """One of several panels is missing.

    Yields:
        One mutation, where no panel can be dropped in the code.

    Example:
        >>> live_drop_subplot("f, a = plt.subplots(n, 2)", seed=0)[0].splitlines()[-1].strip()
        '_part.set_visible(False)'
    """
    yield from _edited(
        chart, rng, (drop_subplot,), panelled(chart),
        "[_axes]", "_part.set_visible(False)",
        "a subplot", "is missing", least=2,
    )  # fmt: skip


@corruption(ChartProgram, DATA)
def live_drop_series(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """One of several series is missing.

    Yields:
        One mutation, where no drawing call can be dropped.

    Example:
        >>> live_drop_series("a = f.plot(x); b = f.plot(y); print(a, b)", seed=0)[0].splitlines()[-1].strip()
        '[_shape.set_visible(False) for _shape in _part]'
    """
    yield from _edited(
        chart, rng, (drop_series, drop_looped_series, drop_shape), several(chart), _SHAPES,
        "[_shape.set_visible(False) for _shape in _part]", "a series", "is missing", least=2,
    )  # fmt: skip


@corruption(ChartProgram, DATA)
def live_rescale_series(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A curve of computed values runs too low.

    Yields:
        One mutation, where no literal series can be rescaled.

    Example:
        >>> live_rescale_series("ax.plot(x, f(x))", seed=0)[0].splitlines()[-1].strip()
        '_part.set_ydata([_value * 0.7 for _value in _part.get_ydata(orig=False)])'
    """
    yield from _edited(
        chart, rng, (rescale_series,), lined(chart),
        "[_line for _line in _axes.lines if len(_line.get_xdata()) > 2 and _axes.name != '3d']",
        "_part.set_ydata([_value * 0.7 for _value in _part.get_ydata(orig=False)])",
        "a line", "shows values that are 0.7 times as large",
    )  # fmt: skip


@corruption(ChartProgram, DATA)
def live_misjudge_value(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """One bar of computed length is too long.

    Yields:
        One mutation, where no literal value can be misjudged.

    Example:
        >>> live_misjudge_value("ax.bar(names, count(x))", seed=0)[0].splitlines()[-1].strip()
        '_part.set_height(_part.get_height() * 1.4)'
    """
    yield from _edited(
        chart, rng, (misjudge_value,), barred(chart),
        "[_bar for _bars in _axes.containers for _bar in getattr(_bars, 'patches', ())"
        " if _bar.get_height() and _bars.orientation == 'vertical']",
        "_part.set_height(_part.get_height() * 1.4)", "a bar", "is 1.4 times as long",
    )  # fmt: skip


@corruption(ChartProgram, DATA)
def live_change_limits(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """An axis reaches further than it should.

    Yields:
        One mutation, where no axes are known by name in the code.

    Example:
        >>> live_change_limits("plt.bar(x, y)", seed=0) is None
        True
    """
    yield from _edited(
        chart, rng, (change_limits, stretch_axis), library(chart),
        "[_axes] if _axes.name == 'rectilinear' and _axes.axison else []",
        "_part.set_ylim(_part.get_ylim()[0], 1.6 * _part.get_ylim()[1] - 0.6 * _part.get_ylim()[0])",
        "y axis", "reaches further",
    )  # fmt: skip


@corruption(ChartProgram, TEXT)
def live_misspell_title(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A title that was put together lacks a letter.

    Yields:
        One mutation, where no literal title can be misspelt.

    Example:
        >>> live_misspell_title("ax.plot(x); ax.set_title(n)", seed=0)[0].splitlines()[-1].strip()
        '_part.set_text(_part.get_text()[:2] + _part.get_text()[3:])'
    """
    yield from _edited(
        chart, rng, (misspell_title,), titled(chart, "title"),
        "[_axes.title] if len(_axes.get_title()) > 4 and '$' not in _axes.get_title() else []",
        "_part.set_text(_part.get_text()[:2] + _part.get_text()[3:])", "title", "lacks a letter",
    )  # fmt: skip


@corruption(ChartProgram, TEXT)
def live_drop_axis_label(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """An axis label that a library wrote is missing.

    Yields:
        One mutation, where no axis label is set by a statement of its own.

    Example:
        >>> live_drop_axis_label("sns.lineplot(data=d)", seed=0)[0].splitlines()[-1].strip()
        '_part.label.set_visible(False)'
    """
    yield from _edited(
        chart, rng, (drop_axis_label,), titled(chart, "xlabel", "ylabel") or library(chart),
        "[_axis for _axis in (_axes.xaxis, _axes.yaxis) if _axis.get_label_text()]",
        "_part.label.set_visible(False)", "axis label", "is missing",
    )  # fmt: skip


@corruption(ChartProgram, TEXT)
def live_drop_annotation(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A text that a library wrote into the chart is missing.

    Yields:
        One mutation, where no annotation can be dropped in the code.

    Example:
        >>> live_drop_annotation("sns.heatmap(z, annot=True)", seed=0)[0].splitlines()[-1].strip()
        '_part.set_visible(False)'
    """
    yield from _edited(
        chart, rng, (drop_annotation,), bool(chart.calls("text", "annotate", "bar_label", "heatmap", "pie", "draw_networkx_labels")), "[_text for _text in _axes.texts if _text.get_text()]",
        "_part.set_visible(False)", "annotation", "is missing",
    )  # fmt: skip


@corruption(ChartProgram, TEXT)
def live_drop_legend(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A legend that a library made is missing.

    Yields:
        One mutation, where no legend can be dropped in the code.

    Example:
        >>> live_drop_legend("sns.lineplot(data=d)", seed=0)[0].splitlines()[-1].strip()
        '_part.set_visible(False)'
    """
    yield from _edited(
        chart, rng, (drop_legend,), keyed(chart), "[_axes.get_legend()] if _axes.get_legend() else []",
        "_part.set_visible(False)", "legend", "is missing",
    )  # fmt: skip


@corruption(ChartProgram, TEXT)
def live_move_legend(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A legend that a library placed stands somewhere else.

    Yields:
        One mutation, where no legend can be moved in the code.

    Example:
        >>> live_move_legend("sns.lineplot(data=d)", seed=0)[0].splitlines()[-1].strip()
        "_part.set_loc('lower right')"
    """
    place = rng.choice(("upper left", "lower left", "upper right", "lower right", "center"))
    yield from _edited(
        chart, rng, (move_legend,), keyed(chart), "[_axes.get_legend()] if _axes.get_legend() else []",
        f"_part.set_loc('{place}')", "legend", f"stands at the {place}",
    )  # fmt: skip


@corruption(ChartProgram, STYLE)
def live_change_colour(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A series whose colour a library chose has another one.

    Yields:
        One mutation, where the code names no colour and leaves no default to change.

    Example:
        >>> live_change_colour("ax.plot(x, y, **how); ax.plot(x, z, **how)", seed=0)[0].splitlines()[-1].strip()
        "[_shape.set_color('#111111') for _shape in _part]"
    """
    colour = rng.choice(("#d62728", "#9467bd", "#17becf", "#111111", "#e0a100"))
    plain = "[_part for _part in (" + _SHAPES + ") if _part[0].get_array() is None]"
    plain = plain.replace("_part[0].get_array()", "getattr(_part[0], 'get_array', lambda: None)()")
    yield from _edited(
        chart, rng, (change_colour, change_default_colours), several(chart), plain,
        f"[_shape.set_color('{colour}') for _shape in _part]", "a series", f"is {colour}",
    )  # fmt: skip


@corruption(ChartProgram, STYLE)
def live_change_line_style(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A line that a library drew is dashed instead of solid, or the other way round.

    Yields:
        One mutation, where the code has no line style to change.

    Example:
        >>> live_change_line_style("sns.lineplot(data=d)", seed=0)[0].splitlines()[-1].strip()
        "_part.set_linestyle('--' if _part.get_linestyle() == '-' else '-')"
    """
    yield from _edited(
        chart, rng, (change_line_style,), lined(chart),
        "[_line for _line in _axes.lines if _line.get_linestyle() in ('-', '--')]",
        "_part.set_linestyle('--' if _part.get_linestyle() == '-' else '-')",
        "a line", "is of another line style",
    )  # fmt: skip


@corruption(ChartProgram, STYLE)
def live_change_marker_size(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Points that a library drew are far larger.

    Yields:
        One mutation, where the code has no marker size to change.

    Example:
        >>> live_change_marker_size("sns.scatterplot(data=d)", seed=0)[0].splitlines()[-1].strip()
        '_part.set_sizes(_part.get_sizes() * 3)'
    """
    yield from _edited(
        chart, rng, (change_marker_size,), bool(chart.calls("scatter")) or library(chart, "scatterplot", "stripplot", "swarmplot"),
        "[_dots for _dots in _axes.collections if len(getattr(_dots, 'get_sizes', list)())]",
        "_part.set_sizes(_part.get_sizes() * 3)", "points", "are larger",
    )  # fmt: skip


@corruption(ChartProgram, STYLE)
def live_drop_grid(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The grid that a style sheet asked for is missing.

    Yields:
        One mutation, where no grid is set in the code.

    Example:
        >>> live_drop_grid("sns.set_theme(); sns.lineplot(data=d)", seed=0)[0].splitlines()[-1].strip()
        '_part.grid(False)'
    """
    yield from _edited(
        chart, rng, (drop_grid,), styled(chart),
        "[_axes] if any(_tick.get_visible() for _tick in"
        " _axes.get_xgridlines() + _axes.get_ygridlines()) else []",
        "_part.grid(False)", "grid", "is missing",
    )  # fmt: skip
