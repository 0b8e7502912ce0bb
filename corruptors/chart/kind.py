"""Charts drawn as another kind of chart: bars for lines, lines for points, boxes for violins."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from random import Random

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.chart.program.redrawing import (
    LOOKS,
    is_curve,
    is_flat,
    lone_points,
    points_of,
    redrawn,
    replaceable,
)
from corruptors.corruption import corruption
from records.edits import Edit, Mutation
from records.taxonomy import ChartCategory

STRUCTURE = ChartCategory.STRUCTURE

_SIDEWAYS = {
    "width": "height", "height": "width", "bottom": "left", "left": "bottom", "xerr": "yerr",
    "yerr": "xerr", "x": "y", "y": "x",
}  # fmt: skip


@corruption(ChartProgram, STRUCTURE)
def turn_bars_sideways(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Upright bars lie on their side, or the other way round, their axes with them.

    Yields:
        One mutation per axes with bars; all its bars turn, and what is set for x is set for y.

    Example:
        >>> turn_bars_sideways("ax.bar(names, x, width=0.5, yerr=e)", seed=0)[0]
        'ax.barh(names, x, height=0.5, xerr=e)'
    """
    if not is_flat(chart):
        return
    turned: dict[str, list[ast.Call]] = {}
    for call in chart.drawn_by("bar", "barh"):
        turned.setdefault(f"{chart.receiver(call)}.{chart.method(call)}", []).append(call)
    for calls in turned.values():
        edits: list[Edit] = []
        for call in calls:
            upright = chart.method(call) == "bar"
            edits.append(chart.rename_method(call, "barh" if upright else "bar"))
            for word in call.keywords:
                if word.arg in _SIDEWAYS:
                    start, _ = chart.span(word)
                    edits.append(Edit(start, start + len(word.arg), _SIDEWAYS[word.arg]))
        receivers = {chart.receiver(call) for call in calls}
        for what in ("ticks", "ticklabels", "label", "lim"):
            for here, there in (("x", "y"), ("y", "x")):
                for call in chart.calls(f"{here}{what}", f"set_{here}{what}"):
                    if chart.receiver(call) in receivers:
                        other = chart.method(call).replace(f"{here}{what}", f"{there}{what}")
                        edits.append(chart.rename_method(call, other))
        for call in chart.calls("text"):
            placed = chart.receiver(call) in receivers and not chart.keyword(call, "transform")
            if placed and len(call.args) >= 3:
                edits += chart.exchange(*call.args[:2])
        described = "lie on their side" if chart.method(calls[0]) == "bar" else "stand upright"
        yield Mutation(tuple(edits), "bars", described)


@corruption(ChartProgram, STRUCTURE)
def draw_bars_as_line(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A group of bars is a line.

    Yields:
        One mutation per bar call whose bars nobody uses again.

    Example:
        >>> draw_bars_as_line("ax.bar(x, y, 0.4, color='c', hatch='/')", seed=0)[0]
        "ax.plot(x, y, color='c', marker='o')"
    """
    for call in replaceable(chart, "bar", "barh"):
        values = [chart.source(node) for node in call.args[:2]]
        if len(values) == 2:
            order = values if chart.method(call) == "bar" else values[::-1]
            edit = redrawn(chart, call, "plot", order, LOOKS, ("marker='o'",))
            yield Mutation((edit,), "bars", "are drawn as a line")


@corruption(ChartProgram, STRUCTURE)
def draw_line_as_points(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A line is a cloud of points.

    Example:
        >>> draw_line_as_points("plt.plot(t, y, 'r--', label='y')", seed=0)[0]
        "plt.scatter(t, y, label='y')"
    """
    for call in replaceable(chart, "plot", "semilogy", "semilogx", "step"):
        points = points_of(chart, call)
        if points is not None and is_flat(chart) and is_curve(chart, call):
            edit = redrawn(chart, call, "scatter", list(points), LOOKS)
            yield Mutation((edit,), f"line {points[1][:40]}", "is drawn as points")


@corruption(ChartProgram, STRUCTURE)
def draw_line_as_bars(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A line is a group of bars.

    Example:
        >>> draw_line_as_bars("ax.plot(years, rain, marker='o', color='b')", seed=0)[0]
        "ax.bar(years, rain, color='b')"
    """
    for call in replaceable(chart, "plot", "step"):
        points = points_of(chart, call)
        if points is not None and is_flat(chart) and is_curve(chart, call):
            edit = redrawn(chart, call, "bar", list(points), LOOKS)
            yield Mutation((edit,), f"line {points[1][:40]}", "is drawn as bars")


@corruption(ChartProgram, STRUCTURE)
def draw_points_as_line(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A cloud of points is joined to a line.

    Yields:
        One mutation per scatter call whose points nobody uses again.

    Example:
        >>> draw_points_as_line("ax.scatter(x, y, s=40, label='a')", seed=0)[0]
        "ax.plot(x, y, label='a')"
    """
    for call in replaceable(chart, "scatter"):
        if len(call.args) >= 2 and is_flat(chart) and not lone_points(chart, call):
            values = [chart.source(node) for node in call.args[:2]]
            edit = redrawn(chart, call, "plot", values, LOOKS)
            yield Mutation((edit,), f"points {values[1][:40]}", "are joined to a line")


@corruption(ChartProgram, STRUCTURE)
def draw_pie_as_bars(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A pie is a row of bars.

    Yields:
        One mutation per pie whose slices nobody uses again.

    Example:
        >>> draw_pie_as_bars("ax.pie(shares, labels=names, autopct='%d')", seed=0)[0]
        'ax.bar(range(len(shares)), shares, tick_label=names)'
    """
    for call in replaceable(chart, "pie"):
        if call.args:
            sizes = chart.source(call.args[0])
            more: list[str] = []
            for name, other in (("labels", "tick_label"), ("colors", "color")):
                word = chart.keyword(call, name)
                if word is not None:
                    more.append(f"{other}={chart.source(word.value)}")
            values = [f"range(len({sizes}))", sizes]
            edits = [redrawn(chart, call, "bar", values, (), tuple(more))]
            for fixed in chart.calls("axis", "set_aspect"):
                statement = chart.statement(fixed)
                same = chart.receiver(fixed) == chart.receiver(call)
                if same and isinstance(statement, ast.Expr) and "equal" in chart.source(fixed):
                    edits.append(chart.drop(statement))  # or the bars would be slivers
            yield Mutation(tuple(edits), "pie", "is drawn as bars")


@corruption(ChartProgram, STRUCTURE)
def fill_ring(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A ring chart is a full pie.

    Example:
        >>> fill_ring("ax.pie(s, wedgeprops=dict(width=0.4, ec='w'))", seed=0)[0]
        "ax.pie(s, wedgeprops=dict(width=None, ec='w'))"
    """
    seen: set[ast.expr] = set()
    for call in chart.drawn_by("pie"):
        word = chart.keyword(call, "wedgeprops")
        width = chart.ring_width(word.value) if word is not None else None
        if width is not None and chart.number(width) is not None and width not in seen:
            seen.add(width)
            yield Mutation((chart.replace(width, "None"),), "ring", "is a full pie")


@corruption(ChartProgram, STRUCTURE)
def draw_bars_as_pie(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A row of bars is a pie.

    Yields:
        One mutation per bar call, alone on its axes, over positive literal values.

    Example:
        >>> draw_bars_as_pie("ax.bar(['a', 'b'], [3, 4], width=0.5)", seed=0)[0]
        "ax.pie([3, 4], labels=['a', 'b'])"
    """
    receivers = [chart.receiver(call) for call in chart.drawings]
    if chart.calls("text", "annotate"):
        return  # words placed by value would lie far outside the round axes
    for call in replaceable(chart, "bar", "barh"):
        if len(call.args) < 2 or receivers.count(chart.receiver(call)) != 1:
            continue
        values = [chart.number(end) for end in chart.leaves(call.args[1])]
        named = any(chart.string(end) for end in chart.leaves(call.args[0]))
        if len(values) > 1 and all(number is not None and number.value > 0 for number in values):
            labels = (f"labels={chart.source(call.args[0])}",) if named else ()
            edit = redrawn(chart, call, "pie", [chart.source(call.args[1])], (), labels)
            yield Mutation((edit,), "bars", "are drawn as a pie")


@corruption(ChartProgram, STRUCTURE)
def swap_box_and_violin(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Boxes are violins, or violins are boxes.

    Yields:
        One mutation per box or violin plot whose parts nobody uses again.

    Example:
        >>> swap_box_and_violin("ax.boxplot(data, widths=0.4, notch=True)", seed=0)[0]
        'ax.violinplot(data, widths=0.4)'
    """
    for call in chart.drawn_by("boxplot", "violinplot"):
        other = "violinplot" if chart.method(call) == "boxplot" else "boxplot"
        if chart.receiver(call) in ("sns", "seaborn"):
            edit = chart.rename_method(call, other)
        elif chart.result_unused(call) and call.args:
            keep = ("positions", "widths", "vert", "orientation")
            edit = redrawn(chart, call, other, [chart.source(call.args[0])], keep)
        else:
            continue
        yield Mutation((edit,), chart.method(call), f"is drawn as {other}")


@corruption(ChartProgram, STRUCTURE)
def draw_area_as_line(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A filled area is a line.

    Yields:
        One mutation per filled area, and per stack of areas whose values are one array.

    Example:
        >>> draw_area_as_line("ax.fill_between(x, low, high, alpha=0.3)", seed=0)[0]
        'ax.plot(x, low, alpha=0.3)'
    """
    for call in replaceable(chart, "fill_between", "stackplot", "fill_betweenx"):
        if len(call.args) < 2 or any(isinstance(node, ast.Starred) for node in call.args):
            continue
        x, values = chart.source(call.args[0]), chart.source(call.args[1])
        upper = call.args[2] if len(call.args) > 2 else None
        if isinstance(upper, ast.BinOp) and chart.source(upper).startswith(f"{values} + "):
            values = chart.source(upper)  # what it stands on may be one number
        if chart.method(call) == "fill_betweenx":
            edit = redrawn(chart, call, "plot", [values, x], LOOKS)
        elif chart.method(call) == "fill_between":
            edit = redrawn(chart, call, "plot", [x, values], LOOKS)
        elif "np" in chart.loaded_names:
            stack = f"[{', '.join(chart.source(node) for node in call.args[1:])}]"
            rows = f"np.vstack({stack}).T"
            word = chart.keyword(call, "labels")
            label = (f"label={chart.source(word.value)}",) if word else ()
            edit = redrawn(chart, call, "plot", [x, rows], ("alpha",), label)
        else:
            continue
        yield Mutation((edit,), "area", "is drawn as a line")


def _is_map(chart: ChartProgram, call: ast.Call) -> bool:
    """True if cells may be drawn as contours: two rows of them at least."""
    if not call.args or any(isinstance(node, ast.Starred) for node in call.args):
        return False
    rows = chart.sequences(call.args[-1])
    return not any(len(table.elts) < 2 for table in rows)


@corruption(ChartProgram, STRUCTURE)
def swap_map_and_contours(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A map of colored cells is drawn with contours, or filled contours as lines.

    Example:
        >>> swap_map_and_contours("ax.imshow(z, cmap='hot', origin='lower')", seed=0)[0]
        "ax.contourf(z, cmap='hot')"
    """
    for call in chart.drawn_by("imshow", "matshow", "pcolormesh", "contourf", "contour"):
        method = chart.method(call)
        if chart.calls("clabel"):
            continue  # numbers are put on lines, of which there are others then
        if method in ("contour", "contourf"):
            other = "contour" if method == "contourf" else "contourf"
            edit = chart.rename_method(call, other)
        elif _is_map(chart, call):
            other = "contourf"
            keep = ("cmap", "alpha", "vmin", "vmax", "norm")
            edit = redrawn(chart, call, other, [chart.source(node) for node in call.args], keep)
        else:
            continue
        yield Mutation((edit,), method, f"is drawn as {other}")


@corruption(ChartProgram, STRUCTURE)
def change_pandas_kind(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A data frame is plotted as another kind of chart.

    Yields:
        One mutation per ``kind=`` and per ``df.plot.bar`` and the like.

    Example:
        >>> change_pandas_kind("df.plot(kind='bar', stacked=True)", seed=0)[0]
        "df.plot(kind='line', stacked=True)"
    """
    others = {
        "bar": ("barh", "line"),
        "barh": ("bar",),
        "line": ("bar", "area"),
        "area": ("line",),
        "hist": ("kde", "box"),
        "box": ("bar",),
        "kde": ("hist",),
        "density": ("hist",),
    }
    for text in chart.words_given("kind"):
        if text.value in others:
            other = rng.choice(others[text.value])
            edit = chart.replace(text.node, text.retyped(other))
            yield Mutation((edit,), f"{text.value} chart", f"is drawn as {other}")
    for call in chart.calls(*others):
        if chart.receiver(call).endswith(".plot"):
            other = rng.choice(others[chart.method(call)])
            edit = chart.rename_method(call, other)
            yield Mutation((edit,), f"{chart.method(call)} chart", f"is drawn as {other}")


@corruption(ChartProgram, STRUCTURE)
def unstack_bars(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Stacked bars all start at zero, one in front of the other.

    Example:
        >>> unstack_bars("ax.bar(x, b, bottom=a, color='r')", seed=0)[0]
        "ax.bar(x, b, color='r')"
    """
    for call in chart.drawings:
        names = {"bar": ("bottom",), "barh": ("left",)}.get(chart.method(call), ("stacked",))
        yield from chart.bare(call, names, "stacked bars", "are not stacked")


@corruption(ChartProgram, STRUCTURE)
def pile_up_groups(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Bars, boxes or points that stand side by side in groups stand in one another.

    Example:
        >>> pile_up_groups("ax.bar(x + width, y, width)", seed=0)[0]
        'ax.bar(x, y, width)'
    """
    for call in chart.drawn_by("bar", "barh", "boxplot", "errorbar", "scatter"):
        position = None if chart.method(call) == "boxplot" else 0
        place = chart.argument(call, position, "positions", "x")
        if isinstance(place, ast.BinOp) and isinstance(place.op, (ast.Add, ast.Sub)):
            at = chart.source(place.left)
            where = f"{chart.method(call)} at {chart.source(place)[:40]}"
            yield Mutation((chart.replace(place, at),), where, f"stand at {at}")
