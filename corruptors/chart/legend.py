"""Legends that a copied chart leaves out, moves or mixes up."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.chart.program.proposals import exchanged, missing
from corruptors.corruption import corruption
from records.edits import Edit, Mutation
from records.taxonomy import ChartCategory

TEXT = ChartCategory.TEXT


_CORNERS = (
    "upper left", "upper right", "lower left", "lower right", "center right", "upper center",
)  # fmt: skip


@corruption(ChartProgram, TEXT)
def swap_legend_entries(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """Two names in the legend have changed places.

    Example:
        >>> swap_legend_entries("plt.plot(a, label='A'); plt.plot(b, label='B')", seed=0)[0]
        "plt.plot(a, label='B'); plt.plot(b, label='A')"
    """
    entries = chart.labels_of("legend entry")
    yield from exchanged(chart, entries, rng, "legend entries", together=False)


@corruption(ChartProgram, TEXT)
def drop_legend(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The legend is missing.

    Example:
        >>> drop_legend("if True:\\n    plt.legend(loc='best')", seed=0)[0]
        'if True:\\n    pass'
    """
    yield from missing(chart, ("legend",), "legend")


@corruption(ChartProgram, TEXT)
def drop_legend_entry(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """One series is missing from the legend.

    Yields:
        One mutation per ``label=`` of a series, where at least two series have one.

    Example:
        >>> drop_legend_entry("ax.plot(a, label='A')\\nax.plot(b, label='B')\\nax.legend()", seed=0)[0]
        "ax.plot(a, label='A')\\nax.plot(b)\\nax.legend()"
    """
    if not chart.calls("legend"):
        return
    words = [word for call in chart.drawings if (word := chart.keyword(call, "label"))]
    for word in words if len(words) > 1 else ():
        name = chart.source(word.value)
        yield Mutation((chart.drop_keyword(word),), f"legend entry {name}", f"{name} is missing")


@corruption(ChartProgram, TEXT)
def move_legend(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The legend stands in another corner.

    Example:
        >>> move_legend("ax.legend(loc='upper right')", seed=0)[0]
        'ax.legend(loc="center right")'
    """
    for call in chart.calls("legend"):
        given = chart.argument(call, None, "loc")
        here = {text.value for end in chart.leaves(given) if (text := chart.string(end))}
        corner = rng.choice([corner for corner in _CORNERS if corner not in here])
        edit = chart.set_keyword(call, "loc", f'"{corner}"')
        if edit is not None:
            yield Mutation((edit,), "legend", f"stands at the {corner}")


@corruption(ChartProgram, TEXT)
def change_legend_columns(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The entries of the legend are arranged in another number of columns.

    Yields:
        One mutation per legend that states its columns, or that has none and two entries.

    Example:
        >>> change_legend_columns("ax.legend(ncol=3)", seed=0)[0]
        'ax.legend(ncol=1)'
    """
    for call in chart.calls("legend"):
        word = chart.keyword(call, "ncol", "ncols")
        if word is not None:
            number = chart.number(word.value)
            count = 2 if number and number.value == 1 else 1
            edit: Edit | None = chart.replace(word.value, str(count))
        elif len(chart.labels_of("legend entry")) > 1:
            count = 2
            edit = chart.set_keyword(call, "ncol", "2")
        else:
            continue
        if edit is not None:
            yield Mutation((edit,), "legend", f"has {count} column{'s' * (count > 1)}")


@corruption(ChartProgram, TEXT)
def drop_legend_title(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """The legend has lost its heading.

    Example:
        >>> drop_legend_title("ax.legend(title='Model', ncol=2)", seed=0)[0]
        'ax.legend(ncol=2)'
    """
    for call in chart.calls("legend"):
        yield from chart.bare(call, ("title",), "legend title", "the heading is missing")
