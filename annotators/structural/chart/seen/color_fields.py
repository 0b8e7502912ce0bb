"""Heat maps as seen: their values if no scale explains their colors, and lines between their cells."""

from __future__ import annotations

from collections.abc import Sequence

from renderers.scene import Element

OTHER_UNITS = 3.0
"""Ratio of two ranges of values from which they are given in other units."""


def unexplained_colors(one: Element, two: Element) -> Element:
    """The candidate's axes with the values of its heat map on the reference's range of colors.

    For axes without numbers in their cells, in charts without a color bar: only colors are seen.
    """
    fields = [_field(axes) for axes in (one, two)]
    if fields[0] is None or fields[1] is None or any(_written(axes) for axes in (one, two)):
        return two
    ends = [(field.number("low"), field.number("high")) for field in fields if field]
    (low, high), (was, now) = ends
    if low is None or high is None or was is None or now is None:
        return two
    if now == was or (low, high) == (was, now) or "norm" in {*fields[0].data, *fields[1].data}:
        return two
    factor = (high - low) / (now - was)
    if 1 / OTHER_UNITS < factor < OTHER_UNITS:
        return two  # one cell may have moved an end of the range
    read = [
        low + (value - was) * factor if isinstance(value, int | float) else value
        for value in fields[1].column("values")
    ]
    made = fields[1].having(data=fields[1].data | {"values": read, "low": low, "high": high})
    children = tuple(made if part is fields[1] else part for part in two.children)
    return two.having(children=children)


def parted_cells(axes: Element, other: Element) -> Element:
    """An axes whose grid between the cells of a heat map is their outline, if the other axes has that."""
    field, outlined = _field(axes), _field(other)
    if (
        field is None
        or outlined is None
        or field.style.get("edge")
        or not outlined.style.get("edge")
    ):
        return axes
    grids: list[Element] = []
    for name, key in (("x", "columns"), ("y", "rows")):
        count = field.number(key)
        grid = next((part for part in axes.children if _parts(part, name, count)), None)
        if grid is None:
            return axes
        grids.append(grid)
    pen = {"edge": grids[0].style.get("color"), "edge_width": grids[0].style.get("width")}
    made = field.having(style=field.style | pen)
    children = tuple(made if part is field else part for part in axes.children if part not in grids)
    return axes.having(children=children)


def _parts(part: Element, name: str, cells: float | None) -> bool:
    """True for a grid over the marks with a line between any two cells, and perhaps at their ends."""
    count = part.number("count")
    between = part.role == "grid" and part.data.get("axis") == name
    return bool(
        between and count and cells and part.data.get("which") == "minor"
        and part.data.get("layer") != "below" and cells - 1 <= count <= cells + 1
    )  # fmt: skip


def _field(axes: Element) -> Element | None:
    """The only heat map of an axes."""
    fields = axes.parts("heatmap")
    return fields[0] if len(fields) == 1 else None


def _written(axes: Element) -> bool:
    return bool(axes.parts("text"))


def explained(axes: Sequence[Element]) -> bool:
    """True if a chart has a color bar."""
    return any(part.data.get("kind") == "colorbar" for part in axes)
