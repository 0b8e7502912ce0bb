"""Corruptions that edit the finished figure, for scripts whose code offers no place for them.

Titles that are put together, colors that a library chose, values that were computed: no literal
says them, but the figure has them. So does what a script leaves to the layout: room around a title,
the size of all text, the length of a color bar. Each row of the table below edits the figure right
before it is saved, through lines put into the script, and only where its twins among the ordinary
corruptions find no site. A candidate made so is *image-only*: it draws the error, but nobody would
write it so, and it must not be taught as code. See decision 11.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
    mapped,
    paneled,
    several,
    styled,
    titled,
)
from corruptors.chart.scales import change_limits, stretch_axis
from corruptors.chart.series import drop_looped_series, drop_series, drop_shape
from corruptors.chart.titles import drop_axis_label
from corruptors.chart.values import misjudge_value, rescale_series
from corruptors.chart.words import misspell_title
from corruptors.corruption import Corruption
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
_PLAIN = (
    f"[_part for _part in ({_SHAPES}) if getattr(_part[0], 'get_array', lambda: None)() is None]"
)
_LINES = (
    "[_line for _line in _axes.lines if len(_line.get_xdata()) > 2 and _axes.name != '3d'"
    " and _line.get_marker() not in ('|', '_')]"  # caps of error bars
)
_LEGEND = "[_axes.get_legend()] if _axes.get_legend() else []"
_NUMBERED = (
    "[_axis for _axis in (_axes.xaxis, _axes.yaxis) if _axes.name == 'rectilinear' and _axes.axison"
    " and _axis.get_scale() == 'linear' and len(_axis.get_ticklocs()) > 3 and any(_tick.label1.get_visible()"
    " for _tick in _axis.get_major_ticks()) and hasattr(_axis.get_major_formatter(), 'get_useOffset')]"
)
"""Axes of plain numbers."""
_INSIDE = "[_at for _at in _part.get_ticklocs() if min(_part.get_view_interval()) <= _at <= max(_part.get_view_interval())]"


@dataclass(frozen=True, slots=True)
class FigureEdit:
    """One kind of edit of the finished figure, as a row of a table.

    `parts` and `action` are Python that runs in the corrupted script.
    """

    name: str
    category: ChartCategory
    seen: str
    """What one sees, in one sentence."""
    twins: tuple[Corruption[Any], ...]
    """Corruptions that make the same error in the code; where one of them can, the figure stays."""
    there: Callable[[ChartProgram], bool]
    """True for a script whose figure can be expected to hold such a part."""
    parts: str
    """Expression for the parts of `_axes` that may be edited, a list."""
    action: str
    """Statement that edits `_part`; ``{}`` stands for one of `choices`."""
    where: str
    """Location, as a viewer names it."""
    what: str
    """What is wrong then."""
    example: str
    """A script that it applies to."""
    choices: tuple[str, ...] = ("",)
    least: int = 1
    """Parts that there must be: with one of one gone, nothing is left."""

    def propose(self, chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
        """One mutation that edits one part of the figure, where no twin has a site."""
        if not self.there(chart):
            return
        if any(True for twin in self.twins for _ in twin.propose(chart, Random(0))):
            return
        choice = rng.choice(self.choices)
        lines = (
            "# The finished figure is edited; not code to learn from.",
            f"_figure = {chart.finished_figure}",
            "_panels = [_axes for _axes in _figure.axes if not hasattr(_axes, '_colorbar')]",
            f"_parts = [_part for _axes in _panels for _part in ({self.parts})]",
            f"if len(_parts) >= {self.least}:",
            f"    _part = _parts[{rng.randrange(1000)} % len(_parts)]",
            f"    {self.action.replace('{}', choice)}",
        )
        edit = chart.at_the_end(lines)
        if edit is not None:
            yield Mutation((edit,), self.where, self.what.replace("{}", choice))

    def corruption(self) -> Corruption[ChartProgram]:
        """The corruption that this row describes."""

        def propose(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
            return self.propose(chart, rng)

        propose.__name__ = propose.__qualname__ = self.name
        propose.__doc__ = (
            f"{self.seen}\n\nYields:\n    One mutation, where the figure may have such a part and the code "
            f"offers no place for the error.\n\nExample:\n"
            f"    >>> {self.name}({self.example!r}, seed=0) is None\n    False\n"
        )
        return Corruption(ChartProgram, self.category, propose, image_only=True)


def _cropped(chart: ChartProgram) -> bool:
    """True if the picture is cropped to its content, so that what the crop forgets is cut off."""
    return bool(re.search(r"bbox_inches|savefig\.bbox", chart.text))


def _numbered(chart: ChartProgram) -> bool:
    """True if axes of plain numbers are to be expected."""
    return bool(
        chart.drawn_by("plot", "bar", "barh", "hist", "scatter", "errorbar", "step")
    ) and not re.search(r"polar|3d", chart.text)


# fmt: off
FIGURE_EDITS = (
    FigureEdit(
        "live_drop_subplot", STRUCTURE, "One of several panels is missing.", (drop_subplot,), paneled,
        "[_axes]", "_part.set_visible(False)", "a subplot", "is missing",
        "f, a = plt.subplots(n, 2)", least=2),
    FigureEdit(
        "live_drop_series", DATA, "One of several series is missing.",
        (drop_series, drop_looped_series, drop_shape), several,
        _SHAPES, "[_shape.set_visible(False) for _shape in _part]", "a series", "is missing",
        "a = f.plot(x); b = f.plot(y); print(a, b)", least=2),
    FigureEdit(
        "live_rescale_series", DATA, "A curve of computed values runs too low.", (rescale_series,), lined,
        _LINES, "_part.set_ydata([_value * 0.7 for _value in _part.get_ydata(orig=False)])",
        "a line", "shows values that are 0.7 times as large", "ax.plot(x, f(x))"),
    FigureEdit(
        "live_shift_series", DATA, "A curve runs slightly too high or too low.", (), lined,
        _LINES, "_part.set_ydata([_value + {} * (_part.axes.get_ylim()[1] - _part.axes.get_ylim()[0])"
        " for _value in _part.get_ydata(orig=False)])",
        "a line", "is moved by {} of the axis", "ax.plot(x, f(x))", choices=("0.05", "0.08", "-0.05", "-0.08")),
    FigureEdit(
        "live_misjudge_value", DATA, "One bar of computed length is too long.", (misjudge_value,), barred,
        "[_bar for _bars in _axes.containers for _bar in getattr(_bars, 'patches', ())"
        " if _bar.get_height() and _bars.orientation == 'vertical']",
        "_part.set_height(_part.get_height() * 1.4)", "a bar", "is 1.4 times as long",
        "ax.bar(names, count(x))"),
    FigureEdit(
        "live_coarsen_mesh", DATA, "A map has a coarser mesh: four cells have become one.", (), mapped,
        "[_mesh for _mesh in (*_axes.images, *_axes.collections) if getattr(_mesh.get_array(), 'ndim', 0) == 2"
        " and min(_mesh.get_array().shape) > 3]",
        "_part.set_array(_part.get_array()[[_row // 2 * 2 for _row in range(_part.get_array().shape[0])]]"
        "[:, [_column // 2 * 2 for _column in range(_part.get_array().shape[1])]])",
        "a map", "has cells that are twice as large", "ax.imshow(z)"),
    FigureEdit(
        "live_change_limits", DATA, "An axis reaches further than it should.", (change_limits, stretch_axis), library,
        "[_axes] if _axes.name == 'rectilinear' and _axes.axison else []",
        "_part.set_ylim(_part.get_ylim()[0], 1.6 * _part.get_ylim()[1] - 0.6 * _part.get_ylim()[0])",
        "y axis", "reaches further", "sns.heatmap(z)"),
    FigureEdit(
        "live_misspell_title", TEXT, "A title that was put together lacks a letter.", (misspell_title,),
        lambda chart: titled(chart, "title"),
        "[_axes.title] if len(_axes.get_title()) > 4 and '$' not in _axes.get_title() else []",
        "_part.set_text(_part.get_text()[:2] + _part.get_text()[3:])", "title", "lacks a letter",
        "ax.plot(x); ax.set_title(n)"),
    FigureEdit(
        "live_lower_title", TEXT, "The title stands in the plot, over what is drawn there.", (),
        lambda chart: titled(chart, "title"),
        "[_axes] if _axes.get_title() and _axes.name == 'rectilinear' else []",
        "_part.title.set(y=0.93, va='center'); _part._autotitlepos = False; _part._set_title_offset_trans(0)",
        "title", "stands in the plot", "ax.plot(x); ax.set_title('Rain')"),
    FigureEdit(
        "live_cut_off_title", TEXT, "The upper edge of the picture cuts the title of axes off.", (),
        lambda chart: titled(chart, "title") and _cropped(chart),
        "[_axes.title] if _axes.get_title() and _axes.name == 'rectilinear' and not _figure.get_suptitle()"
        " and _axes.get_position().y1 == max(_one.get_position().y1 for _one in _panels) else []",
        "_axes, _fit = _part.axes, _part.axes.get_tightbbox; _axes.get_tightbbox = lambda *_a, **_k: "
        "(_part.set_visible(False), _fit(*_a, **_k), _part.set_visible(True))[1];"
        " _top = _figure.dpi * (_figure.get_tightbbox().y1 + 0.1); _axes._set_title_offset_trans(0); _axes._autotitlepos = False;"
        " _part.set(va='center', y=_axes.transAxes.inverted().transform((0, _top))[1])",
        "title", "is cut off by the upper edge", "ax.set_title('Rain')\nplt.savefig('a', bbox_inches='tight')"),
    FigureEdit(
        "live_cut_off_legend", TEXT, "The edge of the picture cuts the legend off.", (),
        lambda chart: bool(chart.calls("legend")) and _cropped(chart),
        "[_axes.get_legend()] if _axes.get_legend() and _axes.get_position().x1 == max(_one.get_position().x1 for _one in _panels) else []",
        "_part.set_in_layout(False); _part.set_bbox_to_anchor((1, 0.5), _part.axes.transAxes); _part.set_loc('center')",
        "legend", "is cut off by the right edge", "ax.legend()\nplt.savefig('a', bbox_inches='tight')"),
    FigureEdit(
        "live_drop_end_tick", TEXT, "The last tick of an axis is missing.", (), _numbered,
        _NUMBERED, f"_part.set_ticks([_at for _at in {_INSIDE} if _at < max({_INSIDE})])",
        "an axis", "has lost its last tick", "ax.plot(x)"),
    FigureEdit(
        "live_add_end_tick", DATA, "An axis ends one tick later.", (), _numbered,
        _NUMBERED, f"_ticks = sorted({_INSIDE}); _part.set_ticks([*_ticks, 2 * _ticks[-1] - _ticks[-2]])",
        "an axis", "has one tick more at its end", "ax.plot(x)"),
    FigureEdit(
        "live_drop_axis_label", TEXT, "An axis label that a library wrote is missing.", (drop_axis_label,),
        lambda chart: titled(chart, "xlabel", "ylabel") or library(chart),
        "[_axis for _axis in (_axes.xaxis, _axes.yaxis) if _axis.get_label_text()]",
        "_part.label.set_visible(False)", "axis label", "is missing", "sns.lineplot(data=d)"),
    FigureEdit(
        "live_drop_annotation", TEXT, "A text that a library wrote into the chart is missing.", (drop_annotation,),
        lambda chart: bool(chart.calls("text", "annotate", "bar_label", "heatmap", "pie", "draw_networkx_labels")),
        "[_text for _text in _axes.texts if _text.get_text()]", "_part.set_visible(False)",
        "annotation", "is missing", "sns.heatmap(z, annot=True)"),
    FigureEdit(
        "live_drop_legend", TEXT, "A legend that a library made is missing.", (drop_legend,), keyed,
        _LEGEND, "_part.set_visible(False)", "legend", "is missing", "sns.lineplot(data=d)"),
    FigureEdit(
        "live_move_legend", TEXT, "A legend that a library placed stands somewhere else.", (move_legend,), keyed,
        _LEGEND, "_part.set_loc('{}')", "legend", "stands at the {}", "sns.lineplot(data=d)",
        choices=("upper left", "lower left", "upper right", "lower right", "center")),
    FigureEdit(
        "live_change_colour", STYLE, "A series whose color a library chose has another one.",
        (change_colour, change_default_colours), several, _PLAIN,
        "[_shape.set_color('{}') for _shape in _part]", "a series", "is {}",
        "ax.plot(x, y, **how); ax.plot(x, z, **how)",
        choices=("#d62728", "#9467bd", "#17becf", "#111111", "#e0a100")),
    FigureEdit(
        "live_change_line_style", STYLE,
        "A line that a library drew is dashed instead of solid, or the other way round.", (change_line_style,), lined,
        "[_line for _line in _axes.lines if _line.get_linestyle() in ('-', '--')]",
        "_part.set_linestyle('--' if _part.get_linestyle() == '-' else '-')",
        "a line", "is of another line style", "sns.lineplot(data=d)"),
    FigureEdit(
        "live_change_marker_size", STYLE, "Points that a library drew are far larger.", (change_marker_size,),
        lambda chart: bool(chart.calls("scatter")) or library(chart, "scatterplot", "stripplot", "swarmplot"),
        "[_dots for _dots in _axes.collections if len(getattr(_dots, 'get_sizes', list)())]",
        "_part.set_sizes(_part.get_sizes() * 3)", "points", "are larger", "sns.scatterplot(data=d)"),
    FigureEdit(
        "live_drop_grid", STYLE, "The grid that a style sheet asked for is missing.", (drop_grid,), styled,
        "[_axes] if any(_tick.get_visible() for _tick in _axes.get_xgridlines() + _axes.get_ygridlines()) else []",
        "_part.grid(False)", "grid", "is missing", "sns.set_theme(); sns.lineplot(data=d)"),
    FigureEdit(
        "live_scale_texts", STYLE, "All text is smaller or larger against the rest of the picture.", (),
        lambda chart: bool(chart.drawings), "[_figure]",
        "[_text.set_fontsize(_text.get_fontsize() * {}) for _text in _part.findobj(lambda _one: hasattr(_one, 'get_fontsize'))]",
        "all text", "is {} times as large", "ax.plot(x)", choices=("0.75", "0.85", "1.2", "1.35")),
    FigureEdit(
        "live_stretch_colour_bar", STYLE, "A color bar is taller than the axes beside it.", (),
        lambda chart: bool(chart.calls("colorbar")),
        "[_bar.ax for _bar in (_one.colorbar for _one in (*_axes.images, *_axes.collections))"
        " if _bar is not None and _bar.orientation == 'vertical']",
        "_figure.draw_without_rendering(); _box = _part.get_position(); _part.set_axes_locator(None); _part.set_box_aspect(None);"
        " _part.set_position((_box.x0, _box.y0 - 0.1 * _box.height, _box.width, 1.2 * _box.height))",
        "color bar", "is 1.2 times as tall", "plt.colorbar(ax.imshow(z))"),
    FigureEdit(
        "live_scale_legend_markers", STYLE, "The samples in the legend have larger or smaller markers.", (), keyed,
        "[_one for _one in (_axes.get_legend(),) if _one and any(_line.get_marker() not in"
        " ('None', None, '', ' ') for _line in _one.get_lines())]",
        "[_line.set_markersize(_line.get_markersize() * {}) for _line in _part.get_lines()]",
        "legend", "has markers {} times as large", "ax.plot(x, 'o', label='a'); ax.legend()", choices=("0.5", "1.8")),
)
# fmt: on
LIVE = tuple(edit.corruption() for edit in FIGURE_EDITS)
"""The rows as corruptions."""
