"""Reads letter-value plots: tiles on each other that are widest in the middle are one box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from annotators.structural.chart.marks import Numbers
from records.rows import box_around
from renderers.scene import Element, Value

LEAST_TILES = 5
"""Fewest tiles of such a box; a stacked bar of fewer may be widest in the middle by chance."""

MOST_TILES = 41
"""Most tiles of such a box."""

SAME = 1e-3
"""Largest gap between two tiles, and between their middles, as a share of the widest tile or of all."""


def letter_values(every: Sequence[Element]) -> dict[int, Element]:
    """For the identity of an axes, the same with such boxes as `box` marks that count their `tiles`."""
    found: dict[int, Element] = {}
    for axes in every:
        runs = list(_runs([(part, _rectangle(part)) for part in axes.children]))
        if not runs:
            continue
        made = {id(tiles[0]): _box(axes, tiles, across) for tiles, across in runs}
        parts = {id(part) for tiles, _ in runs for part in tiles}
        parts |= {part for _, inner in made.values() for part in inner}
        children = [
            made[id(part)][0] if id(part) in made else part for part in axes.children
            if id(part) in made or id(part) not in parts
        ]  # fmt: skip
        found[id(axes)] = axes.having(children=tuple(children))
    return found


def _rectangle(part: Element) -> Numbers | None:
    """The lowest and the highest corner of a rectangle without a name; None for anything else."""
    if part.role not in ("area", "bar") or part.text or part.data.get("space") != "data":
        return None
    span, x, y = (part.numbers(key) for key in ("span", "x", "y"))
    if len(span) == 4:
        corners = span.reshape(2, 2)
    elif len(x) == len(y) in (4, 5):
        corners = np.array([x, y]).T
        if any(len(set(column.tolist())) != 2 for column in corners.T):
            return None
    else:
        return None
    return np.stack([corners.min(axis=0), corners.max(axis=0)])


def _runs(
    parts: Sequence[tuple[Element, Numbers | None]],
) -> Iterator[tuple[list[Element], int]]:
    """Tiles that follow each other and make a box, and the direction across it: 0 is x, 1 is y."""
    for across in (0, 1):
        group: list[tuple[Element, Numbers]] = []
        for part, corners in [*parts, (None, None)]:
            if part is not None and corners is None:
                continue  # outliers of the same box
            if group and (corners is None or not _in_line(group[0][1], corners, across)):
                if LEAST_TILES <= len(group) <= MOST_TILES and (tiles := _stack(group, across)):
                    yield tiles, across
                group = []
            if part is not None and corners is not None:
                group.append((part, corners))


def _in_line(one: Numbers, two: Numbers, across: int) -> bool:
    """True if two rectangles have one middle."""
    widest = max(float(np.ptp(corners[:, across])) for corners in (one, two))
    return abs(float(one[:, across].mean() - two[:, across].mean())) <= SAME * widest


def _stack(group: Sequence[tuple[Element, Numbers]], across: int) -> list[Element]:
    """Tiles of one middle from the lowest to the highest, in whatever order they were drawn; none if they
    leave gaps or are not widest in the middle."""
    along = 1 - across
    tiles = sorted(group, key=lambda tile: float(tile[1][0, along]))
    spans = np.array([corners for _, corners in tiles])
    length = spans[-1, 1, along] - spans[0, 0, along]
    widths = np.ptp(spans[:, :, across], axis=1)
    close = np.abs(spans[1:, 0, along] - spans[:-1, 1, along]).max() <= SAME * length
    even = len(tiles) % 2 and np.allclose(widths, widths[::-1], rtol=0.02)
    if not close or not even or not (np.diff(widths[: len(tiles) // 2 + 1]) > 0).all():
        return []
    return [part for part, _ in tiles]


def _box(axes: Element, tiles: Sequence[Element], across: int) -> tuple[Element, set[int]]:
    """The tiles as one box, and the identities of the parts that belong to it: its median and outliers."""
    spans = np.array([_rectangle(part) for part in tiles])
    core = spans[len(tiles) // 2]
    middle, width = float(core[:, across].mean()), float(np.ptp(core[:, across]))
    names = "xy"[across], "xy"[1 - across]
    inner: set[int] = set()
    medians: list[float] = []
    outliers: list[float] = []
    boxes = [part.box for part in tiles if part.box]
    for part in axes.children:
        here, along = (part.numbers(name) for name in names)
        if part.role not in ("line", "markers") or not len(here) or here.shape != along.shape:
            continue
        if part.role == "markers" and np.abs(here - middle).max() <= SAME * width:
            outliers += along.tolist()
        elif len(here) == 2 and np.abs(np.sort(here) - core[:, across]).max() <= 0.1 * width \
                and not np.ptp(along) and core[0, 1 - across] <= along[0] <= core[1, 1 - across]:  # fmt: skip
            medians.append(float(along[0]))
        else:
            continue
        inner.add(id(part))
        boxes += [part.box] if part.box else []
    data: dict[str, Value] = {
        "orientation": "vertical" if across == 0 else "horizontal", "at": middle, "width": width,
        "low": float(spans[:, 0, 1 - across].min()), "q1": float(core[0, 1 - across]),
        "median": medians[0] if medians else None, "q3": float(core[1, 1 - across]),
        "high": float(spans[:, 1, 1 - across].max()), "fliers": [*sorted(outliers)[:64]],
        "flier_count": len(outliers), "tiles": len(tiles),
    }  # fmt: skip
    style = tiles[len(tiles) // 2].style
    return Element("box", box_around(boxes), "", style, data), inner
