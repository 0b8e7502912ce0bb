"""Reads how an inset is tied to the part that it enlarges: a frame and two lines, whoever drew them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from annotators.structural.chart.marks import Numbers, plain_points, scales_of
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
        held = found.get(id(axes), axes).children
        kept = tuple(zoom if part is frame else part for part in held)
        found[id(axes)] = axes.having(children=kept)
        kept = tuple(part for part in inset.children if part not in lines)
        found[id(inset)] = inset.having(children=kept)
    return found


def _leads_out(part: Element) -> bool:
    """True for an outline of two points that begins at a corner of its axes."""
    points = plain_points(part.data) or ()
    if part.role != "area" or part.data.get("space") != "axes" or part.style.get("face"):
        return False
    return len(points) == 2 and {*points[0]} <= {0.0, 1.0}


def _around(axes: Element, frame: Element, inset: Element) -> bool:
    """True if the corners of a frame are the limits of an inset."""
    points = plain_points(frame.data) or ()
    if len(points) not in (4, 5) or any(None in point for point in points):
        return False
    for along, values in enumerate(zip(*points, strict=True)):
        scale, ends = scales_of(axes)[along], scales_of(inset)[along]
        places: Numbers = np.array([min(values), max(values)], np.float64)
        places = places if frame.data.get("space") == "axes" else scale.fractions(places)
        wanted = np.sort(scale.fractions(np.array([ends.low, ends.high])))
        if not np.abs(places - wanted).max() <= AT_LIMITS:
            return False
    return True
