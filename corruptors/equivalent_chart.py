"""Charts in other words: rewrites of a script that change no pixel."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from matplotlib.colors import CSS4_COLORS, TABLEAU_COLORS

from corruptors.equivalent import Rewrite, rewrite
from corruptors.program import ChartProgram
from records.edits import Mutation

_LETTERS = {
    "k": "black",
    "w": "white",
}
_LINES = {"-": "solid", "--": "dashed", ":": "dotted", "-.": "dashdot"}


@rewrite(ChartProgram)
def swap_quotes(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Strings stand in the other kind of quotes.

    Yields:
        One mutation per string on one line.

    Example:
        >>> swap_quotes("plt.title('Rain')", seed=0)[0]
        'plt.title("Rain")'
    """
    for node in chart.nodes:
        text = chart.string(node)
        if text is None or not text.constant or text.quote not in ("'", '"'):
            continue
        if any(mark in text.value for mark in "'\"\\\n\r") or not text.value.isprintable():
            continue
        source = chart.source(text.node)
        other = '"' if text.quote == "'" else "'"
        if source == f"{text.quote}{text.value}{text.quote}":
            edit = chart.replace(text.node, f"{other}{text.value}{other}")
            yield Mutation((edit,), f"line {text.node.lineno}", "other quotes")


@rewrite(ChartProgram)
def spell_out_colours(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Named colours are written as the same colours in hexadecimal.

    Yields:
        One mutation per named colour that is exactly one.

    Example:
        >>> spell_out_colours("plt.plot(x, color='navy')", seed=0)[0]
        "plt.plot(x, color='#000080')"
    """
    names = {
        **CSS4_COLORS,
        **TABLEAU_COLORS,
        **{key: CSS4_COLORS[word] for key, word in _LETTERS.items()},
    }
    for colour in chart.colours:
        exact = names.get(colour.text.value)
        if exact is not None and exact.lower() == colour.hex:
            edit = chart.replace(colour.text.node, colour.text.retyped(colour.hex))
            yield Mutation(
                (edit,), f"line {colour.text.node.lineno}", f"{colour.text.value} in hex"
            )


@rewrite(ChartProgram)
def spell_out_line_styles(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Line styles are written as words.

    Yields:
        One mutation per ``linestyle`` given by a sign.

    Example:
        >>> spell_out_line_styles("plt.plot(x, linestyle='--')", seed=0)[0]
        "plt.plot(x, linestyle='dashed')"
    """
    for text in chart.words_given("linestyle", "ls"):
        if text.value in _LINES:
            edit = chart.replace(text.node, text.retyped(_LINES[text.value]))
            yield Mutation((edit,), f"line {text.node.lineno}", "line style in words")


ALL = tuple(value for value in tuple(vars().values()) if isinstance(value, Rewrite))
