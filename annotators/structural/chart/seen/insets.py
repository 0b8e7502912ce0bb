"""Reads how an inset is tied to the part that it enlarges: a frame and two lines, whoever drew them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from annotators.structural.chart.marks import Numbers, scales_of
from records.rows import Box, box_around
from renderers.scene import Element, Value

AT_LIMITS = 0.01
"""Farthest that a frame may lie from the limits of its inset, as a share of the axes."""


def zooms(every: Sequence[Element]) -> dict[int, Element]:
    """For the identity of an axes, the same with frames of what insets enlarge as `zoom` marks."""
    found: dict[int, Element] = {}
    for inset in every:
        lines = [part for part in inset.children if _leads_out(part)]
        if inset.data.get("kind") != "inset" or len(lines) != 2:
            continue
        holders = ((axes, part) for axes in every for part in axes.children)
        holder = next((pair for pair in holders if _around(*pair, inset)), None)
        if holder is None:
            continue
        axes, frame = holder
        ends = scales_of(inset)[:2]
        boxes: list[Box] = [part.box for part in (frame, inset) if part.box]
        data: dict[str, Value] = {
            "x": [ends[0].low, ends[0].high],
            "y": [ends[1].low, ends[1].high],
            "count": 2,
        }
        zoom = Element("zoom", box_around(boxes), "", frame.style, data | {"space": "data"})
        for one, kept in (
            (
                axes,
                [zoom if part is frame else part for part in found.get(id(axes), axes).children],
            ),
            (inset, [part for part in inset.children if part not in lines]),
        ):
            found[id(one)] = msgspec.structs.replace(one, children=tuple(kept))
    return found


def _leads_out(part: Element) -> bool:
    """True for an outline of two points that begins at a corner of its axes."""
    x, y = part.data.get("x"), part.data.get("y")
    if part.role != "area" or part.data.get("space") != "axes" or part.style.get("face"):
        return False
    corners = isinstance(x, list) and isinstance(y, list) and len(x) == len(y) == 2
    return corners and {x[0], y[0]} <= {0.0, 1.0}  # type: ignore[index]


def _around(axes: Element, frame: Element, inset: Element) -> bool:
    """True if the corners of a frame are the limits of an inset."""
    x, y = frame.data.get("x"), frame.data.get("y")
    if (
        not isinstance(x, list)
        or not isinstance(y, list)
        or None in (*x, *y)
        or len(x) not in (4, 5)
    ):
        return False
    for along, values in enumerate((x, y)):
        scale, ends = scales_of(axes)[along], scales_of(inset)[along]
        places: Numbers = np.array([min(values), max(values)], np.float64)  # type: ignore[type-var]
        places = places if frame.data.get("space") == "axes" else scale.fractions(places)
        wanted = np.sort(scale.fractions(np.array([ends.low, ends.high])))
        if not np.abs(places - wanted).max() <= AT_LIMITS:
            return False
    return True
