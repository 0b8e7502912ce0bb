"""What nobody sees: frames, fillings and outlines in the color of the paper, and where bars begin that
reach the edge of the view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from annotators.structural.chart.marks import MARKS
from annotators.structural.chart.seen.axis_units import limits_of
from records.boxes import common
from records.rows import Box
from renderers.scene import Element, Value


def on_paper(axes: Element, paper: str) -> Element:
    """An axes on paper of a color: where it has no ground, that is seen, and a frame in the color of
    either is not."""
    style = axes.style | {"face": axes.style.get("face") or paper}
    unseen = {str(style["face"])[:7], paper[:7]}
    children = tuple(
        child for child in axes.children
        if child.role != "spine" or str(child.style.get("edge"))[:7] not in unseen
    )  # fmt: skip
    return axes.having(style=style, children=children)


SIDES = {"left": 0, "top": 1, "right": 2, "bottom": 3}
"""Index of each edge of a box."""


def with_lines_of_others(one: Element, two: Element, others: Sequence[Element]) -> Element:
    """An axes with the lines along its edges that only another one has, where one of the ``others``
    beside it draws a line at that edge: nobody sees whose it is."""
    known = {part.data.get("side") for part in two.parts("spine")}
    lent = []
    for spine in one.children:
        side = SIDES.get(str(spine.data.get("side")), -1)
        if spine.role != "spine" or side < 0 or spine.data.get("side") in known or two.box is None:
            continue
        lines = [
            part.box for axes in others if axes is not two
            for part in axes.parts("spine") if part.box
        ]  # fmt: skip
        if any(_runs_along(two.box, side, line) for line in lines):
            lent.append(spine)
    return two.having(children=(*two.children, *lent)) if lent else two


def _runs_along(box: Box, side: int, line: Box) -> bool:
    """True if a line lies on one edge of a box, from end to end."""
    across, along = (0, 1) if side in (0, 2) else (1, 0)
    near = all(abs(line[i] - box[side]) <= ON_EDGE_PX for i in (across, across + 2))
    ends = line[along] - ON_EDGE_PX <= box[along], line[along + 2] + ON_EDGE_PX >= box[along + 2]
    return near and all(ends)


ON_EDGE_PX = 2.5
"""Largest distance in pixels of a line that lies on an edge."""


def without_paper_marks(children: tuple[Element, ...], paper: str) -> tuple[Element, ...]:
    """The parts of an axes without lines, bars and areas in the color of blank paper that lie on nothing."""
    if any(child.role == "grid" for child in children):
        return children  # they cover its lines
    kept: list[Element] = []
    for child in children:
        tints = {str(value)[:7] for value in child.style.values() if str(value).startswith("#")}
        blank = child.role in ("line", "bar", "area") and tints == {paper[:7]} and not child.text
        if not blank or any(_meet(child, part) for part in kept if part.role in MARKS):
            kept.append(child)
    return tuple(kept) if len(kept) < len(children) else children


def _meet(one: Element, two: Element) -> bool:
    """True if the boxes of two parts do not only touch."""
    both = common(one.box, two.box) if one.box and two.box else None
    return both is not None and min(both[2] - both[0], both[3] - both[1]) > BESIDE_PX


def without_paper_fillings(children: tuple[Element, ...], paper: str) -> tuple[Element, ...]:
    """The marks of a histogram on blank paper; bars filled in the color of the paper have no filling."""
    bare = not any(child.role in MARKS - {"bar"} or child.role == "grid" for child in children)
    if not bare:
        return children
    return tuple(
        child.having(style={key: value for key, value in child.style.items() if key != "face"}
        )
        if child.role == "bar" and child.style.get("edge") and str(child.style.get("face"))[:7] == paper[:7]
        else child
        for child in children
    )  # fmt: skip


def without_paper_outlines(children: tuple[Element, ...], paper: str) -> tuple[Element, ...]:
    """The marks; bars that stand apart lose outlines in the color of the paper."""
    framed = [
        child for child in children
        if child.role == "bar" and child.box and str(child.style.get("edge"))[:7] == paper[:7]
    ]  # fmt: skip
    every = np.array([child.box for child in children if child.role == "bar" and child.box])
    if not framed or len(every) > MOST_BARS:
        return children
    low, high = every[:, None, :2] - BESIDE_PX, every[:, None, 2:] + BESIDE_PX
    if ((low < every[None, :, 2:]) & (high > every[None, :, :2])).all(axis=2).sum() > len(every):
        return children  # where bars touch, their outlines part them
    return tuple(
        child.having(style={k: v for k, v in child.style.items() if not k.startswith("edge")})
        if child in framed
        else child
        for child in children
    )


MOST_BARS = 300
BESIDE_PX = 1.5
"""Parts nearer than this, or with no more than this in common, touch, in pixels."""


EDGE = 0.01
"""Share of an axis within which a bar begins at its edge."""


def from_zero(axes: Element) -> Element:
    """An axes whose bars begin at 0 if all of a direction begin at or beyond an edge that is not 0:
    nobody sees where they begin."""
    changed: dict[int, Element] = {}
    for upright, direction, at in (("vertical", "y", 1), ("horizontal", "x", 0)):
        limits = limits_of(axes, direction)
        bars = [
            part for part in axes.parts("bar") if part.data.get("orientation") == upright
            and part.data.get("space") == "data" and isinstance(part.data.get("span"), list)
        ]  # fmt: skip
        if limits is None or len(bars) < 2 or min(limits) <= 0:
            continue
        edge = min(limits) + EDGE * (max(limits) - min(limits))
        spans = [cast(list[float], bar.data["span"]) for bar in bars]
        if all(len(span) == 4 and span[at] <= edge for span in spans):
            for bar, span in zip(bars, spans, strict=True):
                whole = [0.0 if i == at else value for i, value in enumerate(span)]
                data: dict[str, Value] = bar.data | {"span": [*whole]}
                changed[id(bar)] = bar.having(data=data)
    children = tuple(changed.get(id(part), part) for part in axes.children)
    return axes.having(children=children) if changed else axes
