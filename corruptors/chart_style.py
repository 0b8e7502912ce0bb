"""The look of the whole that a copied chart gets wrong: grid, frame, fonts, legend, proportions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from random import Random

from corruptors.corruption import corruption
from corruptors.program import ChartProgram
from records.edits import Mutation
from records.taxonomy import ChartCategory

STYLE = ChartCategory.STYLE

_WORDED = (
    "title", "set_title", "suptitle", "xlabel", "ylabel", "set_xlabel", "set_ylabel", "legend",
    "text", "annotate", "set_xticklabels", "set_yticklabels", "xticks", "yticks",
)  # fmt: skip


def _axes(chart: ChartProgram, receiver: str) -> str:
    return f"{receiver}.gca()" if chart.is_pyplot(receiver) else receiver


def _flat(chart: ChartProgram) -> bool:
    """True where the axes have four straight sides."""
    return not re.search(r"3d|polar", chart.text, re.IGNORECASE)


@corruption(ChartProgram, STYLE)
def drop_grid(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The grid is missing.

    Yields:
        One mutation per statement that draws one.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: grid.

    Example:
        >>> drop_grid("ax.plot(x)\\nax.grid(True)\\n", seed=0)[0]
        'ax.plot(x)\\n'
    """
    for call in chart.calls("grid"):
        statement = chart.statement(call)
        off = call.args and chart.source(call.args[0]) in ("False", "None")
        if isinstance(statement, ast.Expr) and not off:
            yield Mutation((chart.drop(statement),), "grid", "is missing")


@corruption(ChartProgram, STYLE)
def add_grid(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A grid is drawn that should not be there.

    Yields:
        One mutation per axes, where the script draws no grid, and per grid that is switched off.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: grid.

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

    Yields:
        One mutation per statement that hides or colours them.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: frame.

    Example:
        >>> show_spines("ax.plot(x)\\nax.spines['top'].set_visible(False)\\n", seed=0)[0]
        'ax.plot(x)\\n'
    """
    for call in chart.calls("set_visible", "set_color", "set_linewidth", "despine", "set_position"):
        statement = chart.statement(call)
        framed = "spine" in chart.source(call)
        if framed and chart.parent(call) is statement and isinstance(statement, ast.Expr):
            yield Mutation((chart.drop(statement),), "frame", "is drawn in full")


@corruption(ChartProgram, STYLE)
def hide_spines(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Sides of the frame are missing.

    Yields:
        One mutation per axes whose frame the script leaves as it is.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: frame.

    Example:
        >>> hide_spines("ax.bar(x, y)\\n", seed=0)[0]
        'ax.bar(x, y)\\nax.spines[["left", "bottom"]].set_visible(False)\\n'
    """
    if "spines" in chart.text or "despine" in chart.text or not _flat(chart):
        return
    for receiver, statement in chart.axes():
        if any(chart.receiver(call) == receiver for call in chart.drawn_by("pie")):
            continue
        sides = rng.choice(('["top", "right"]', '["left", "bottom"]', ":"))
        edit = chart.after(
            statement, f"{_axes(chart, receiver)}.spines[{sides}].set_visible(False)"
        )
        yield Mutation((edit,), "frame", "is missing in part" if sides != ":" else "is missing")


@corruption(ChartProgram, STYLE)
def change_tick_marks(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Tick marks are missing, long, or point inwards.

    Yields:
        One mutation per statement that styles ticks, and per axes.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: frame.

    Example:
        >>> change_tick_marks("ax.bar(x, y)\\n", seed=0)[0]
        'ax.bar(x, y)\\nax.tick_params(length=10, width=2)\\n'
    """
    for call in chart.calls("tick_params"):
        statement = chart.statement(call)
        if isinstance(statement, ast.Expr):
            yield Mutation((chart.drop(statement),), "ticks", "have the default look")
    if _flat(chart):
        for receiver, statement in chart.axes():
            look = rng.choice(("length=0", "length=10, width=2", 'direction="in", length=8'))
            edit = chart.after(statement, f"{receiver}.tick_params({look})")
            yield Mutation((edit,), "ticks", f"are drawn with {look}")


@corruption(ChartProgram, STYLE)
def change_text_size(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Words are written far larger or smaller.

    Yields:
        One mutation per literal size of text, and per title or label that gives none.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: other appearance.

    Example:
        >>> change_text_size("ax.set_title('Rain', fontsize=14)", seed=0)[0]
        "ax.set_title('Rain', fontsize=21)"
    """
    words = ("fontsize", "labelsize", "titlesize", "title_fontsize", "font.size", "axes.titlesize")
    for number in chart.numbers_given(*words):
        wrong = f"{(number.value * Decimal(rng.choice(('0.6', '1.5', '1.8')))).normalize():f}"
        edit = chart.replace(number.node, wrong)
        yield Mutation((edit,), "text", f"is {wrong} points high instead of {number.value:f}")
    for call in chart.calls(*_WORDED):
        if chart.takes(call, "fontsize", "size", "fontdict", "prop", "font") and (
            call.args or call.keywords
        ):
            wrong = rng.choice(("6", "16", "20"))
            edit = chart.add_keyword(call, f"fontsize={wrong}")
            yield Mutation((edit,), f"text of {chart.method(call)}", f"is {wrong} points high")


@corruption(ChartProgram, STYLE)
def change_text_weight(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Plain words are bold, or bold words plain.

    Yields:
        One mutation per literal weight, and per title or label that gives none.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: other appearance.

    Example:
        >>> change_text_weight("ax.set_title('Rain', fontweight='bold')", seed=0)[0]
        "ax.set_title('Rain', fontweight='normal')"
    """
    for text in chart.words_given("fontweight", "weight"):
        other = "normal" if text.value in ("bold", "heavy", "semibold", "black") else "bold"
        edit = chart.replace(text.node, text.retyped(other))
        yield Mutation((edit,), "text", f"is {other} instead of {text.value}")
    for call in chart.calls(
        "title", "set_title", "suptitle", "xlabel", "ylabel", "set_xlabel", "set_ylabel", "text"
    ):
        if call.args and chart.takes(
            call, "fontweight", "weight", "fontdict", "font", "fontproperties"
        ):
            edit = chart.add_keyword(call, 'fontweight="bold"')
            yield Mutation((edit,), f"text of {chart.method(call)}", "is bold")


@corruption(ChartProgram, STYLE)
def change_font(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """All words are set in another family of type.

    Yields:
        One mutation per literal family, or one for a script that names none.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: other appearance.

    Example:
        >>> change_font("import matplotlib.pyplot as plt\\nplt.plot(x)", seed=0)[0]
        'import matplotlib.pyplot as plt\\nplt.rcParams["font.family"] = "monospace"\\nplt.plot(x)'
    """
    families = ("serif", "monospace")
    named = chart.words_given("fontname", "fontfamily", "family", "font.family")
    for text in named:
        here = (
            "serif"
            if re.search(r"times|(?<!sans-)(?<!sans )serif", text.value, re.IGNORECASE)
            else ""
        )
        other = rng.choice([family for family in families if family != here])
        edit = chart.replace(text.node, text.retyped(other))
        yield Mutation((edit,), f"text in {text.value}", f"is set in {other}")
    if named or "font.family" in chart.text:
        return
    for line in chart.all(ast.Import):
        if chart.source(line).endswith("matplotlib.pyplot as plt"):
            other = rng.choice(families)
            edit = chart.after(line, f'plt.rcParams["font.family"] = "{other}"')
            yield Mutation((edit,), "all text", f"is set in {other}")


@corruption(ChartProgram, STYLE)
def change_figure_size(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The picture is wider, flatter or on end, and everything in it stretched.

    Yields:
        One mutation per literal figure size.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: other appearance.

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

    Yields:
        One mutation per place that fixes the ratio of the axes, and per image.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: other appearance.

    Example:
        >>> change_aspect("ax.imshow(z, aspect='equal')", seed=0)[0]
        "ax.imshow(z, aspect='auto')"
    """
    for text in chart.words_given("aspect"):
        other = "equal" if text.value == "auto" else "auto"
        edit = chart.replace(text.node, text.retyped(other))
        yield Mutation((edit,), "axes", f"have {other} scales")
    for call in chart.calls("set_aspect", "axis", "set_box_aspect"):
        statement = chart.statement(call)
        word = chart.string(call.args[0]) if call.args else None
        fixed = chart.method(call) != "axis" or (
            word and word.value in ("equal", "square", "scaled")
        )
        if fixed and isinstance(statement, ast.Expr) and chart.parent(call) is statement:
            yield Mutation((chart.drop(statement),), "axes", "have no fixed ratio")
    for call in chart.drawn_by("imshow", "matshow"):
        if chart.takes(call, "aspect"):
            edit = chart.add_keyword(call, 'aspect="auto"')
            yield Mutation((edit,), "image", "fills the axes, its cells not square")


@corruption(ChartProgram, STYLE)
def change_legend_frame(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The legend has lost its frame, or has one too many.

    Yields:
        One mutation per legend.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: frame.

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
def change_style_sheet(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The whole chart is drawn in another style.

    Yields:
        One mutation per statement that sets a style, or one for a script that sets none.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: background, grid.

    Example:
        >>> change_style_sheet("import matplotlib.pyplot as plt\\nplt.plot(x)", seed=0)[0]
        'import matplotlib.pyplot as plt\\nplt.style.use("grayscale")\\nplt.plot(x)'
    """
    styles = ("ggplot", "bmh", "fivethirtyeight", "grayscale", "seaborn-v0_8-darkgrid")
    set_by = [*chart.calls("use", "set_theme", "set_style")]
    named = False
    for call in set_by:
        statement = chart.statement(call)
        if chart.receiver(call) in ("plt.style", "sns", "seaborn", "style"):
            named = True
            if isinstance(statement, ast.Expr):
                yield Mutation((chart.drop(statement),), "style", "is the default")
    for line in chart.all(ast.Import):
        if not named and chart.source(line).endswith("matplotlib.pyplot as plt"):
            style = rng.choice(styles)
            edit = chart.after(line, f'plt.style.use("{style}")')
            yield Mutation((edit,), "style", f"is {style}")


@corruption(ChartProgram, STYLE)
def change_view_angle(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A chart in three dimensions is seen from another side.

    Yields:
        One mutation per angle given, or per axes in three dimensions.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: other appearance.

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
                edit = chart.after(
                    statement,
                    f"{receiver}.view_init({rng.choice(('60, 20', '10, -20', '35, 120'))})",
                )
                yield Mutation((edit,), "view", "stands elsewhere")


@corruption(ChartProgram, STYLE)
def change_spacing(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Panels stand closer together or further apart.

    Yields:
        One mutation per literal gap.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: other appearance.

    Example:
        >>> change_spacing("plt.subplots_adjust(wspace=0.2)", seed=0)[0]
        'plt.subplots_adjust(wspace=1.2)'
    """
    for number in chart.numbers_given("wspace", "hspace", "w_pad", "h_pad"):
        wrong = rng.choice(("0.8", "1.2")) if number.value < Decimal("0.5") else "0.05"
        edit = chart.replace(number.node, wrong)
        yield Mutation((edit,), "gap", f"is {wrong} instead of {number.value:f}")


@corruption(ChartProgram, STYLE)
def drop_axis_frame(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Axes are drawn that should be hidden, or hidden that should be drawn.

    Yields:
        One mutation per statement that hides axes, and per axes of a script that hides none.

    Source: Visual-ERM (arXiv:2603.13224), chart category ``style_error``: frame.

    Example:
        >>> drop_axis_frame("ax.plot(x)\\nax.axis('off')\\n", seed=0)[0]
        'ax.plot(x)\\n'
    """
    hidden = [call for call in chart.calls("axis", "set_axis_off") if _hides(chart, call)]
    for call in hidden:
        statement = chart.statement(call)
        if isinstance(statement, ast.Expr) and chart.parent(call) is statement:
            yield Mutation((chart.drop(statement),), "axes", "are drawn")
    if not hidden:
        for receiver, statement in chart.axes():
            if not any(chart.receiver(call) == receiver for call in chart.drawn_by("pie")):
                edit = chart.after(statement, f'{receiver}.axis("off")')
                yield Mutation((edit,), "axes", "are hidden")


def _hides(chart: ChartProgram, call: ast.Call) -> bool:
    text = chart.string(call.args[0]) if call.args else None
    return chart.method(call) == "set_axis_off" or bool(text and text.value == "off")
