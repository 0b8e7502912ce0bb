"""Colors that a copied chart gets wrong."""

from __future__ import annotations

import ast
import colorsys
import re
from collections.abc import Iterator
from random import Random

from matplotlib.colors import to_rgb

from corruptors.chart.program.chart_program import ChartProgram, Color
from corruptors.corruption import corruption
from records.edits import Edit, Mutation
from records.taxonomy import ChartCategory

STYLE = ChartCategory.STYLE

_USUAL = (
    "#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f",
    "#bcbd22", "#17becf", "#000000", "#ffd700", "#00008b", "#228b22", "#ff6347", "#87ceeb",
)  # fmt: skip
_MAPS = ("viridis", "plasma", "coolwarm", "Blues", "YlOrRd", "Greys", "jet", "RdYlGn", "magma")
_MAPPED = (
    "imshow", "matshow", "pcolormesh", "contourf", "hexbin", "hist2d", "heatmap", "plot_surface",
)  # fmt: skip


def _far(left: str, right: str) -> bool:
    """True for two colors that nobody takes for one."""
    gaps = [abs(a - b) for a, b in zip(to_rgb(left), to_rgb(right), strict=True)]
    return sum(gaps) > 0.5


def _where(color: Color) -> str:
    return f"{color.word} {color.text.value}"


@corruption(ChartProgram, STYLE)
def change_colour(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Something has another color.

    Example:
        >>> change_colour("ax.plot(x, y, color='navy')", seed=0)[0]
        "ax.plot(x, y, color='#ff6347')"
    """
    for color in chart.colors:
        wrong = rng.choice([other for other in _USUAL if _far(other, color.hex)])
        edit = chart.replace(color.text.node, color.text.retyped(wrong))
        yield Mutation((edit,), _where(color), f"is {wrong} instead of {color.text.value}")


@corruption(ChartProgram, STYLE)
def shade_colour(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Something is of the right hue, but lighter or darker.

    Example:
        >>> shade_colour("ax.plot(x, y, color='#4c72b0')", seed=0)[0]
        "ax.plot(x, y, color='#2f476d')"
    """
    for color in chart.colors:
        hue, light, strength = colorsys.rgb_to_hls(*to_rgb(color.hex))
        up = light < 0.35 or (light < 0.7 and rng.random() < 0.5)
        moved = light + (1 - light) * 0.45 if up else light * 0.62
        shade = colorsys.hls_to_rgb(hue, moved, strength)
        wrong = "#" + "".join(f"{round(255 * part):02x}" for part in shade)
        edit = chart.replace(color.text.node, color.text.retyped(wrong))
        yield Mutation((edit,), _where(color), f"is {'lighter' if up else 'darker'}: {wrong}")


@corruption(ChartProgram, STYLE)
def swap_colours(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Two things have changed colors.

    Yields:
        One mutation per literal color that has a clearly different one to change with.

    Example:
        >>> swap_colours("plt.bar(x, y, color=['red', 'blue'])", seed=0)[0]
        "plt.bar(x, y, color=['blue', 'red'])"
    """
    for color in chart.colors:
        others = [
            other
            for other in chart.colors
            if other.word == color.word and _far(other.hex, color.hex)
        ]
        if others:
            other = rng.choice(others)
            edits = chart.exchange(color.text.node, other.text.node)
            names = f"{color.text.value} and {other.text.value}"
            yield Mutation(edits, f"colours {names}", "have changed places")


@corruption(ChartProgram, STYLE)
def lose_colour(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A series or slice falls back to the default colors.

    Example:
        >>> lose_colour("ax.bar(x, y, color='#c44e52', width=0.5)", seed=0)[0]
        'ax.bar(x, y, width=0.5)'
    """
    for call in chart.drawings:
        word = chart.keyword(call, "color", "colors", "palette", "facecolor", "facecolors")
        if word is not None:
            given = chart.source(word.value)[:40]
            edit = chart.drop_keyword(word)
            yield Mutation((edit,), f"colour of {chart.method(call)}", f"is not {given}")


@corruption(ChartProgram, STYLE)
def change_default_colours(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Series that have the default colors get others.

    Example:
        >>> change_default_colours("ax.plot(x, y, label='a')", seed=0)[0]
        'ax.plot(x, y, label=\\'a\\', color="#ff6347")'
    """
    for call in chart.drawn_by("plot", "bar", "barh", "scatter", "fill_between", "step"):
        formatted = any(chart.string(node) for node in call.args[1:])
        if formatted or chart.is_library(chart.receiver(call)) or chart.keyword(call, "kind"):
            continue
        if chart.takes(call, "color", "c", "facecolor", "facecolors", "edgecolors", "cmap"):
            wrong = rng.choice(_USUAL[1:])
            edit = chart.add_keyword(call, f'color="{wrong}"')
            yield Mutation((edit,), f"colour of {chart.method(call)}", f"is {wrong}")


def _map_names(chart: ChartProgram) -> Iterator[tuple[str, int, int]]:
    """Names of color maps and the characters they stand at, quotes excluded."""
    texts = [*chart.words_given("cmap", "colormap")]
    named = [*chart.calls("get_cmap", "color_palette", "set_cmap", "set_palette")]
    given = [call.args[0] for call in named if call.args]
    given += [
        node.slice
        for node in chart.all(ast.Subscript)
        if chart.source(node.value).endswith("colormaps")
    ]
    texts += [text for node in given for end in chart.resolve(node) if (text := chart.string(end))]
    for node, text in {text.node: text for text in texts if text.constant}.items():
        start, end = chart.span(node)
        yield text.value, start + 1, end - 1
    for attribute in chart.all(ast.Attribute):
        library = chart.source(attribute.value) in ("plt.cm", "cm", "matplotlib.cm", "mpl.cm")
        if library and attribute.attr not in ("ScalarMappable", "get_cmap", "register_cmap"):
            _, end = chart.span(attribute)
            yield attribute.attr, end - len(attribute.attr), end


@corruption(ChartProgram, STYLE)
def change_colour_map(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A map of colors runs through other colors.

    Yields:
        One mutation per named color map, and per colored map that names none.

    Example:
        >>> change_colour_map("ax.imshow(z, cmap='Greens')", seed=0)[0]
        "ax.imshow(z, cmap='jet')"
    """
    for name, start, end in _map_names(chart):
        wrong = rng.choice([other for other in _MAPS if other != name])
        edit = Edit(start, end, wrong)
        yield Mutation((edit,), "colour map", f"is {wrong} instead of {name}")
    for call in chart.drawn_by(*_MAPPED):
        if chart.takes(call, "cmap", "color", "colors"):
            wrong = rng.choice(_MAPS[1:])
            edit = chart.add_keyword(call, f'cmap="{wrong}"')
            yield Mutation((edit,), "colour map", f"is {wrong} instead of the default")


@corruption(ChartProgram, STYLE)
def reverse_colour_map(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A map of colors runs backwards.

    Example:
        >>> reverse_colour_map("ax.imshow(z, cmap='Blues')", seed=0)[0]
        "ax.imshow(z, cmap='Blues_r')"
    """
    for name, start, end in _map_names(chart):
        if re.fullmatch(r"\w+", name):
            wrong = name.removesuffix("_r") if name.endswith("_r") else f"{name}_r"
            yield Mutation((Edit(start, end, wrong),), "colour map", f"{name} runs backwards")


@corruption(ChartProgram, STYLE)
def change_background(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The background of the axes is tinted, or a tinted one is white.

    Example:
        >>> change_background("ax.plot(x)\\nax.legend()", seed=0)[0]
        'ax.plot(x)\\nax.legend()\\nax.set_facecolor("#dddddd")'
    """
    for call in chart.calls("set_facecolor"):
        yield from chart.dropped(call, "background", "is not tinted")
    for receiver, statement in chart.axes():
        tint = rng.choice(("#eaeaf2", "#f5f5dc", "#e8f4ea", "#dddddd", "#fff3e0"))
        axes = chart.axes_of(receiver)
        edit = chart.after(statement, f'{axes}.set_facecolor("{tint}")')
        yield Mutation((edit,), "background", f"is tinted {tint}")


@corruption(ChartProgram, STYLE)
def change_edge_colour(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Bars, points or boxes have lost their outline, or have one too many.

    Example:
        >>> change_edge_colour("ax.bar(x, y, edgecolor='black', width=0.5)", seed=0)[0]
        'ax.bar(x, y, width=0.5)'
    """
    for call in chart.drawn_by("bar", "barh", "hist", "scatter", "fill_between"):
        names = ("edgecolor", "edgecolors", "ec")
        where = f"outline of {chart.method(call)}"
        yield from chart.bare(call, names, where, "is missing")
        if not chart.is_library(chart.receiver(call)) and chart.takes(call, *names, "kind"):
            edit = chart.add_keyword(call, 'edgecolor="black"')
            yield Mutation((edit,), where, "is black")
