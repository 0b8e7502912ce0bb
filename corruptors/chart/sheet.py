"""The look of the whole that a copied chart gets wrong: proportions, view, style sheet."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from random import Random

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.corruption import corruption
from records.edits import Mutation
from records.taxonomy import ChartCategory

STYLE = ChartCategory.STYLE


@corruption(ChartProgram, STYLE)
def change_figure_size(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The picture is wider, flatter or on end, and everything in it stretched.

    Example:
        >>> change_figure_size("plt.figure(figsize=(8, 6))", seed=0)[0]
        'plt.figure(figsize=(5.2, 6))'
    """
    sizes = [end for given in chart.given("figsize") for end in chart.sequences(given)]
    for size in dict.fromkeys(sizes):
        numbers = [chart.number(node) for node in size.elts]
        if len(numbers) == 2 and numbers[0] and numbers[1]:
            width, height = numbers[0].value, numbers[1].value
            ways = [(width, height * Decimal("0.65")), (width * Decimal("0.65"), height)]
            if width != height:
                ways.append((height, width))
            wide, high = rng.choice(ways)
            wrong = f"({wide.normalize():f}, {high.normalize():f})"
            edit = chart.replace(size, wrong)
            yield Mutation((edit,), "figure", f"measures {wrong} inches, not ({width}, {height})")


@corruption(ChartProgram, STYLE)
def change_aspect(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Squares are oblong or circles are ovals, or the other way round.

    Example:
        >>> change_aspect("ax.imshow(z, aspect='equal')", seed=0)[0]
        "ax.imshow(z, aspect='auto')"
    """
    for text in chart.words_given("aspect"):
        other = "equal" if text.value == "auto" else "auto"
        edit = chart.replace(text.node, text.retyped(other))
        yield Mutation((edit,), "axes", f"have {other} scales")
    for call in chart.calls("set_aspect", "axis", "set_box_aspect"):
        word = chart.string(call.args[0]) if call.args else None
        equal = word is not None and word.value in ("equal", "square", "scaled")
        if (equal or chart.method(call) != "axis") and isinstance(chart.parent(call), ast.Expr):
            yield from chart.dropped(call, "axes", "have no fixed ratio")
    for call in chart.drawn_by("imshow", "matshow"):
        if chart.takes(call, "aspect"):
            edit = chart.add_keyword(call, 'aspect="auto"')
            yield Mutation((edit,), "image", "fills the axes, its cells not square")


@corruption(ChartProgram, STYLE)
def change_style_sheet(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The whole chart is drawn in another style.

    Yields:
        One mutation per statement that sets a style, or one for a script that sets none.

    Example:
        >>> change_style_sheet("import matplotlib.pyplot as plt\\nplt.plot(x)", seed=0)[0]
        'import matplotlib.pyplot as plt\\nplt.style.use("grayscale")\\nplt.plot(x)'
    """
    styles = ("ggplot", "bmh", "fivethirtyeight", "grayscale", "seaborn-v0_8-darkgrid")
    named = False
    for call in chart.calls("use", "set_theme", "set_style"):
        if chart.receiver(call) in ("plt.style", "sns", "seaborn", "style"):
            named = True
            yield from chart.dropped(call, "style", "is the default")
    for line in chart.all(ast.Import):
        if not named and chart.source(line).endswith("matplotlib.pyplot as plt"):
            style = rng.choice(styles)
            edit = chart.after(line, f'plt.style.use("{style}")')
            yield Mutation((edit,), "style", f"is {style}")


@corruption(ChartProgram, STYLE)
def change_view_angle(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A chart in three dimensions is seen from another side.

    Example:
        >>> change_view_angle("ax.view_init(elev=20, azim=45)", seed=0)[0]
        'ax.view_init(elev=55, azim=45)'
    """
    calls = chart.calls("view_init")
    for call in calls:
        for node in [*call.args[:2], *(word.value for word in call.keywords)]:
            number = chart.number(node)
            if number is not None:
                wrong = int(number.value) + rng.choice((-40, 35, 60))
                edit = chart.replace(node, str(wrong))
                yield Mutation((edit,), "view", f"stands at {wrong} instead of {number.value:f}")
    if not calls and re.search(r"projection\s*=\s*[\"']3d[\"']", chart.text):
        for receiver, statement in chart.axes():
            if not chart.is_pyplot(receiver):
                angles = rng.choice(("60, 20", "10, -20", "35, 120"))
                edit = chart.after(statement, f"{receiver}.view_init({angles})")
                yield Mutation((edit,), "view", "stands elsewhere")


@corruption(ChartProgram, STYLE)
def change_spacing(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Panels stand closer together or further apart.

    Example:
        >>> change_spacing("plt.subplots_adjust(wspace=0.2)", seed=0)[0]
        'plt.subplots_adjust(wspace=1.2)'
    """
    for number in chart.numbers_given("wspace", "hspace", "w_pad", "h_pad"):
        wrong = rng.choice(("0.8", "1.2")) if number.value < Decimal("0.5") else "0.05"
        edit = chart.replace(number.node, wrong)
        yield Mutation((edit,), "gap", f"is {wrong} instead of {number.value:f}")
