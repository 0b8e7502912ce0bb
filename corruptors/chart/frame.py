"""Grid, frame and ticks that a copied chart gives another look."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from random import Random

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.corruption import corruption
from records.edits import Mutation
from records.taxonomy import ChartCategory

STYLE = ChartCategory.STYLE


def has_straight_axes(chart: ChartProgram) -> bool:
    """True if the axes have four straight sides."""
    return not re.search(r"3d|polar", chart.text, re.IGNORECASE)


@corruption(ChartProgram, STYLE)
def drop_grid(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The grid is missing.

    Example:
        >>> drop_grid("ax.plot(x)\\nax.grid(True)\\n", seed=0)[0]
        'ax.plot(x)\\n'
    """
    for call in chart.calls("grid"):
        if not (call.args and chart.source(call.args[0]) in ("False", "None")):
            yield from chart.dropped(call, "grid", "is missing")


@corruption(ChartProgram, STYLE)
def add_grid(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A grid is drawn that should not be there.

    Yields:
        One mutation per axes, where the script draws no grid, and per grid that is switched off.

    Example:
        >>> add_grid("ax.bar(x, y)\\n", seed=0)[0]
        'ax.bar(x, y)\\nax.grid(True, linestyle="--")\\n'
    """
    for call in chart.calls("grid"):
        if call.args and chart.source(call.args[0]) == "False":
            edit = chart.replace(call.args[0], "True")
            yield Mutation((edit,), "grid", "is drawn")
    if chart.calls("grid") or re.search(r"seaborn|style\.use|axes\.grid", chart.text):
        return
    for receiver, statement in chart.axes():
        options = rng.choice(("True", 'True, linestyle="--"', 'axis="y"'))
        edit = chart.after(statement, f"{receiver}.grid({options})")
        yield Mutation((edit,), "grid", "is drawn")


@corruption(ChartProgram, STYLE)
def show_spines(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Sides of the frame are drawn that should be hidden.

    Example:
        >>> show_spines("ax.plot(x)\\nax.spines['top'].set_visible(False)\\n", seed=0)[0]
        'ax.plot(x)\\n'
    """
    for call in chart.calls("set_visible", "set_color", "set_linewidth", "despine", "set_position"):
        if "spine" in chart.source(call) and isinstance(chart.parent(call), ast.Expr):
            yield from chart.dropped(call, "frame", "is drawn in full")


@corruption(ChartProgram, STYLE)
def hide_spines(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Sides of the frame are missing.

    Example:
        >>> hide_spines("ax.bar(x, y)\\n", seed=0)[0]
        'ax.bar(x, y)\\nax.spines[["left", "bottom"]].set_visible(False)\\n'
    """
    if "spines" in chart.text or "despine" in chart.text or not has_straight_axes(chart):
        return
    for receiver, statement in chart.axes():
        if any(chart.receiver(call) == receiver for call in chart.drawn_by("pie")):
            continue
        sides = rng.choice(('["top", "right"]', '["left", "bottom"]', ":"))
        edit = chart.after(
            statement, f"{chart.axes_of(receiver)}.spines[{sides}].set_visible(False)"
        )
        yield Mutation((edit,), "frame", "is missing in part" if sides != ":" else "is missing")


@corruption(ChartProgram, STYLE)
def change_tick_marks(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Tick marks are missing, long, or point inwards.

    Example:
        >>> change_tick_marks("ax.bar(x, y)\\n", seed=0)[0]
        'ax.bar(x, y)\\nax.tick_params(length=10, width=2)\\n'
    """
    for call in chart.calls("tick_params"):
        yield from chart.dropped(call, "ticks", "have the default look")
    if has_straight_axes(chart):
        for receiver, statement in chart.axes():
            look = rng.choice(("length=0", "length=10, width=2", 'direction="in", length=8'))
            edit = chart.after(statement, f"{receiver}.tick_params({look})")
            yield Mutation((edit,), "ticks", f"are drawn with {look}")


@corruption(ChartProgram, STYLE)
def change_legend_frame(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The legend has lost its frame, or has one too many.

    Example:
        >>> change_legend_frame("ax.legend(frameon=False)", seed=0)[0]
        'ax.legend(frameon=True)'
    """
    for call in chart.calls("legend"):
        word = chart.keyword(call, "frameon")
        framed = word is None or chart.source(word.value) == "True"
        edit = chart.set_keyword(call, "frameon", "False" if framed else "True")
        if edit is not None:
            yield Mutation((edit,), "legend", "has no frame" if framed else "has a frame")


@corruption(ChartProgram, STYLE)
def drop_axis_frame(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Axes are drawn that should be hidden, or hidden that should be drawn.

    Yields:
        One mutation per statement that hides axes, and per axes of a script that hides none.

    Example:
        >>> drop_axis_frame("ax.plot(x)\\nax.axis('off')\\n", seed=0)[0]
        'ax.plot(x)\\n'
    """
    hidden = [call for call in chart.calls("axis", "set_axis_off") if _hides(chart, call)]
    for call in hidden:
        if isinstance(chart.parent(call), ast.Expr):
            yield from chart.dropped(call, "axes", "are drawn")
    if not hidden:
        for receiver, statement in chart.axes():
            if not any(chart.receiver(call) == receiver for call in chart.drawn_by("pie")):
                edit = chart.after(statement, f'{receiver}.axis("off")')
                yield Mutation((edit,), "axes", "are hidden")


def _hides(chart: ChartProgram, call: ast.Call) -> bool:
    text = chart.string(call.args[0]) if call.args else None
    return chart.method(call) == "set_axis_off" or bool(text and text.value == "off")
