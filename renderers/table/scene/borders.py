"""Borders of cells as they are drawn, conflicts of collapsed borders resolved."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from renderers.table.scene.css import color
from renderers.table.styles import AT, SIDES

_WEAKEST_FIRST = "none inset groove outset ridge dotted dashed solid double hidden"
_STRENGTH = {name: rank for rank, name in enumerate(_WEAKEST_FIRST.split())}


@dataclass(frozen=True, slots=True)
class Border:
    """One side of a cell or table."""

    width_px: float
    style: str
    color: str

    @property
    def visible(self) -> bool:
        painted = self.width_px > 0 and not self.color.endswith("00")
        return painted and self.style not in ("none", "hidden")

    @property
    def text(self) -> str:
        """``1px solid #333333ff``, or ``none``.

        >>> border("1px solid rgb(51, 51, 51)").text
        '1px solid #333333ff'
        """
        return f"{self.width_px:g}px {self.style} {self.color}" if self.visible else "none"


@lru_cache(maxsize=4096)
def border(css: str) -> Border:
    """A computed border shorthand."""
    width = re.match(r"[\d.]+", css)
    style = re.search(r"\b(" + "|".join(_STRENGTH) + r")\b", css)
    paint = re.search(r"(?:rgba?|color|lab|lch|oklab|oklch)\(.*\)", css)
    tint = color(paint[0]) if paint else "#000000ff"
    return Border(float(width[0]) if width else 0.0, style[1] if style else "none", tint)


@lru_cache(maxsize=4096)
def borders_of(style: tuple[str, ...]) -> Mapping[str, Border]:
    """The four borders of a node with these values of `STYLES`."""
    return MappingProxyType({side: border(style[AT[side]]) for side in SIDES})


def collapsed(
    cells: Sequence[tuple[int, int, int, int, Mapping[str, Border]]],
    table: Mapping[str, Border],
    lines: Sequence[tuple[int, int, Mapping[str, Border]]] = (),
) -> list[Mapping[str, Border]]:
    """The borders that win, per cell and side.

    Args:
        cells: Row, column, rowspan, colspan and own borders of each cell.
        table: Borders of the table itself, which compete at its outer edge.
        lines: First row, number of rows and own borders of rows and groups of rows.

    Source: CSS 2.2, section 17.6.2.1: hidden wins, then the wider, then the stronger style, then
    the cell before its row, its group of rows and the table.
    """
    # One unit of edge: (row, column, across) is the line above or left of a grid place.
    competing: dict[tuple[int, int, bool], list[Border]] = {}
    rows = max((row + down for row, _, down, _, _ in cells), default=0)
    columns = max((column + across for _, column, _, across, _ in cells), default=0)
    edges: list[dict[str, list[tuple[int, int, bool]]]] = []
    for row, column, down, across, own in cells:
        mine = {
            "border-top": [(row, column + x, True) for x in range(across)],
            "border-bottom": [(row + down, column + x, True) for x in range(across)],
            "border-left": [(row + y, column, False) for y in range(down)],
            "border-right": [(row + y, column + across, False) for y in range(down)],
        }
        edges.append(mine)
        for side, units in mine.items():
            for unit in units:
                competing.setdefault(unit, []).append(own[side])
    for first, count, own in lines:
        units_of = {
            "border-top": [(first, x, True) for x in range(columns)],
            "border-bottom": [(first + count, x, True) for x in range(columns)],
            "border-left": [(first + y, 0, False) for y in range(count)],
            "border-right": [(first + y, columns, False) for y in range(count)],
        }
        for side, units in units_of.items():
            for unit in units:
                if unit in competing:
                    competing[unit].append(own[side])
    for (row, column, across), found in competing.items():
        if across and row in (0, rows):
            found.append(table["border-top" if row == 0 else "border-bottom"])
        if not across and column in (0, columns):
            found.append(table["border-left" if column == 0 else "border-right"])
    winners = {unit: _winner(found) for unit, found in competing.items()}
    return [
        {side: _most_common([winners[unit] for unit in units]) for side, units in mine.items()}
        for mine in edges
    ]


def _winner(found: Sequence[Border]) -> Border:
    """Hidden first, none last, else the wider and then the stronger; of equal ones the first."""

    def rank(one: Border) -> tuple[bool, bool, float, int]:
        drawn = one.style not in ("hidden", "none")
        return one.style == "hidden", drawn, one.width_px if drawn else 0.0, _STRENGTH[one.style]

    return max(found, key=rank)


def _most_common(found: Sequence[Border]) -> Border:
    first = found[0]
    return first if found.count(first) == len(found) else max(found, key=found.count)
