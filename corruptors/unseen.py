"""Invisible changes: hard negatives, whose label is empty.

Other bytes, other pixels, the same picture: a color that is off by a step or two of 255, a shape
that lies a twenty-fifth of a pixel aside. What a viewer could see is bounded twice: each nudge is smaller
than `annotators.structural.pixels.THRESHOLD` by its make, and a pair that is seen to differ after all
(`annotators.structural.visibility`) is rejected as ``not_equivalent``.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

from corruptors.chart.program.chart_program import ChartProgram
from corruptors.rewrite import Rewrite, rewrite
from corruptors.svg.program.colors import hex_of
from corruptors.svg.program.path_data import plain
from corruptors.svg.program.svg_program import SvgProgram
from corruptors.table.program.table_program import TableProgram
from records.edits import Mutation
from records.taxonomy import Modality

STEP = 3
"""Largest change of a color channel, of 255."""
SHIFT = 0.00012
"""Share of the picture's longer side that a shape is moved by: 0.04 pixels of 336, which is 10 of
255 along a black edge."""
VALUE_SHARE = Decimal("1.0004")
"""Factor of a plotted number."""


@rewrite(ChartProgram)
def nudge_chart_colour(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A color is off by three of 255 at the most.

    Example:
        >>> nudge_chart_colour("plt.plot(x, color='#808080')", seed=0)[0]
        "plt.plot(x, color='#838083')"
    """
    for color in chart.colors:
        shade = _shade(tuple(int(color.hex[at : at + 2], 16) for at in (1, 3, 5)), rng)
        edit = chart.replace(color.text.node, repr(shade))
        yield Mutation((edit,), "colour", f"{color.hex} is {shade}")


@rewrite(ChartProgram)
def nudge_value(chart: ChartProgram, rng: Random) -> Iterator[Mutation]:
    """A plotted number is off by a twenty-fifth of a percent.

    Example:
        >>> nudge_value("plt.bar(x, [10, 25.5, 40])", seed=1)[0]
        'plt.bar(x, [10.004, 25.5102, 40.016])'
    """
    for series in chart.series:
        for index, number in enumerate(series.numbers):
            if number.value:
                wrong = f"{number.value * VALUE_SHARE:f}".rstrip("0")
                edit = chart.replace(number.node, wrong)
                yield Mutation((edit,), series.location(index), f"drawn as {wrong}")


@rewrite(TableProgram)
def nudge_cell(table: TableProgram, rng: Random) -> Iterator[Mutation]:
    """A cell lies under a veil of one percent black.

    Example:
        >>> nudge_cell("<table><tr><td>a</td></tr></table>", seed=0)[0]
        '<table><tr><td style="background-image: linear-gradient(#00000003, #00000003)">a</td></tr></table>'
    """
    if table.is_html:
        for cell in table.named("td", "th"):
            if "background" not in cell.attribute("style"):
                veil = "linear-gradient(#00000003, #00000003)"
                edit = table.styled(cell, "background-image", veil)
                yield Mutation((edit,), table.source(cell)[:40], "a shade darker")


@rewrite(TableProgram)
def nudge_ink(table: TableProgram, rng: Random) -> Iterator[Mutation]:
    """The words of a cell are two percent paler.

    Example:
        >>> nudge_ink("<table><tr><td>a</td></tr></table>", seed=0)[0]
        '<table><tr><td style="opacity: 0.98">a</td></tr></table>'
    """
    if table.is_html:
        for cell in table.named("td", "th"):
            if "opacity" not in cell.attribute("style"):
                edit = table.styled(cell, "opacity", "0.98")
                yield Mutation((edit,), table.source(cell)[:40], "a shade paler")


@rewrite(SvgProgram)
def nudge_fill(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A fill is off by three of 255 at the most.

    Example:
        >>> nudge_fill('<svg><circle fill="#808080" r="9"/></svg>', seed=0)[0]
        '<svg><circle fill="#838083" r="9"/></svg>'
    """
    for shape in svg.shapes:
        # A fill that comes from elsewhere may be another one at each place of the shape.
        found = svg.declared(shape, "fill")
        own = found is not None and svg.owns(shape, found) and svg.painted(shape, "fill")
        color = svg.color(shape, "fill") if own else None
        if color is not None and shape.name != "use":
            shade = _shade(tuple(round(255 * part) for part in color), rng)
            yield svg.restyled(shape, f"{hex_of(color)} is {shade}", "fill", shade)


@rewrite(SvgProgram)
def nudge_shape(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape lies a twenty-fifth of a pixel aside.

    Example:
        >>> nudge_shape('<svg viewBox="0 0 100 100"><circle r="9"/></svg>', seed=0)[0]
        '<svg viewBox="0 0 100 100"><circle transform="translate(0.012 0)" r="9"/></svg>'
    """
    for shape in svg.shapes:
        if svg.bounds(shape) is not None:
            step = plain(svg.units(shape, SHIFT))
            edit = svg.moved(shape, f"translate({step} 0)")
            yield svg.error(shape, "a twenty-fifth of a pixel aside", edit)


NUDGES: dict[Modality, tuple[Rewrite[Any], ...]] = {
    Modality.CHART: (nudge_chart_colour, nudge_value),
    Modality.TABLE: (nudge_cell, nudge_ink),
    Modality.SVG: (nudge_fill, nudge_shape),
}


def _shade(channels: tuple[int, ...], rng: Random) -> str:
    """A color that no person can distinguish from this one."""
    off = [rng.randint(-STEP, STEP) for _ in channels]
    if not any(off):
        off[0] = STEP
    return "#" + "".join(
        f"{part + step if 0 <= part + step <= 255 else part - step:02x}"
        for part, step in zip(channels, off, strict=True)
    )
