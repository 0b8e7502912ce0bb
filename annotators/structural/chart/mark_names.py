"""The names that a person would use for the marks of a chart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from annotators.structural.chart.attached_texts import is_drawn_on, number_in
from annotators.structural.chart.data.areas import side_by_side, upright
from annotators.structural.chart.marks import (
    FINE,
    Mark,
    MarkMatch,
    Scales,
    fractions,
    marks_of,
    points_of,
    scales_of,
)
from annotators.structural.chart.matching import match_marks
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.seen.axis_units import axis_of
from annotators.structural.chart.words import Name, mark_name
from annotators.structural.matching import grouped
from renderers.scene import Element


def matched_marks(pair: PanelPair) -> MarkMatch:
    """The marks of two axes, named and paired."""
    one, two = marks_of(pair.reference), marks_of(pair.candidate)
    name_marks(one, pair.reference)
    name_marks(two, pair.candidate)
    return match_marks(one, two, pair.scales)


def name_marks(marks: Sequence[Mark], axes: Element) -> None:
    """Set the name of each mark."""
    ranks: dict[tuple[str, Name], int] = defaultdict(int)
    counts: dict[tuple[str, Name], int] = defaultdict(int)
    plain = _plain_names(marks)
    for mark in marks:
        counts[mark.role, plain[mark]] += 1
    labels = _labels_at(axes)
    held = _held_lines(marks, scales_of(axes)) | _violins(marks)
    for mark in marks:
        mark.held = held.get(id(mark), "")
        category = ""
        if plain[mark].kind == "bar" and len(mark.span) == 4:
            direction = "y" if mark.along == 0 else "x"
            category = _category(axes, direction, mark.middle, mark.thickness)
            category = category or ("" if mark.element.text else _inscribed(mark, axes))
        elif mark.role == "box":
            direction = "x" if mark.orientation == "vertical" else "y"
            category = _category(axes, direction, mark.value("at"), mark.value("width"))
        elif mark.role == "wedge":
            category = _slice_label(mark, axes)
        elif mark.held == "violin":
            ends = mark.column("yx"[upright(mark) or 0])
            direction, thickness = "yx"[upright(mark) or 0], float(np.ptp(ends))
            category = _category(axes, direction, float(ends.min()) + thickness / 2, thickness)
        repeated = counts[mark.role, plain[mark]] > 1
        rank = ranks[mark.role, plain[mark]] + 1 if repeated and not category else 0
        ranks[mark.role, plain[mark]] += 1
        mark.name = _edge(mark, labels) or mark_name(
            mark.element, category, rank, HELD.get(mark.held, mark.held) or plain[mark].kind
        )


def _plain_names(marks: Sequence[Mark]) -> dict[Mark, Name]:
    """Names by kind and color; a line from edge to edge among other lines is named by its direction."""
    plain = {mark: mark_name(mark.element) for mark in marks}
    for group in grouped(plain, plain.__getitem__).values():
        across = {mark: str(mark.element.data.get("space", "data")) for mark in group}
        if group[0].role == "line" and not group[0].element.text and len({*across.values()}) > 1:
            plain |= {
                mark: replace(plain[mark], kind=EDGE_TO_EDGE[way])
                for mark, way in across.items() if way in EDGE_TO_EDGE
            }  # fmt: skip
    return plain


EDGE_TO_EDGE = {"x": "vertical line", "y": "horizontal line"}
"""Lines from edge to edge, by the axis that says where they are."""


HELD = {"link": "connecting line"}


def _violins(marks: Sequence[Mark]) -> dict[int, str]:
    """Areas without names that stand side by side as violins do, by the identity of their marks."""
    areas = [mark for mark in marks if mark.role == "area" and not mark.element.text]
    return {id(mark): "violin" for mark in areas} if side_by_side(areas) else {}


LOOP = 3
"""At least so many lines on points or bars were drawn by a loop."""


def _held_lines(marks: Sequence[Mark], scales: Scales) -> dict[int, str]:
    """What a level or upright line of two points is, by the identity of its mark: a stem that ends at
    a point, a link between two points, or a wick of a bar."""
    tips = {
        tip for mark in marks if mark.role == "markers" or mark.element.style.get("marker")
        for tip in points_of(mark, scales)
    }  # fmt: skip
    bars = set()
    for mark in marks:
        if mark.role == "bar" and len(mark.span) == 4:
            middle = fractions(mark, scales).reshape(2, 2).mean(axis=0)
            bars.add((mark.along, round(float(middle[1 - mark.along]), FINE)))
    found: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        ends = points_of(mark, scales) if mark.role == "line" and not mark.element.text else []
        if len(ends) != 2 or mark.element.data.get("space", "data") != "data":
            continue
        level = [one == two for one, two in zip(*ends, strict=True)]
        if all(level) or not any(level):
            continue
        on_points, along = sum(end in tips for end in ends), int(level[0])
        if on_points:
            found["stem" if on_points == 1 else "link"].append(mark)
        elif (along, ends[0][1 - along]) in bars:
            found["wick"].append(mark)
    return {id(mark): kind for kind, lines in found.items() if len(lines) >= LOOP for mark in lines}


def _category(axes: Element, direction: str, middle: float, thickness: float) -> str:
    """The tick label below a bar; empty if there is none."""
    axis = axis_of(axes, direction)
    places, labels = axis.numbers("ticks"), axis.column("labels")
    named = axis.data.get("fixed") or axis.data.get("placed")
    named = named or any(WORD_OR_DATE.search(str(label)) for label in labels)
    if not named or not labels or not np.isfinite(places).any():
        return ""
    nearest = int(np.nanargmin(np.abs(places - middle)))
    spacing = float(np.min(np.diff(np.sort(places)))) if len(places) > 1 else thickness * 2
    # A number on a tick names a bar only if the bar is exactly at the tick.
    reach = 0.5 * max(spacing, thickness) if axis.data.get("fixed") else 0.01 * thickness
    if abs(places[nearest] - middle) > reach:
        return ""
    return str(labels[nearest] or "")


WORD_OR_DATE = re.compile(r"[^\W\d_]{3}|\d[-/:]\d")
"""What tells a name or a date from a number."""


def _inscribed(mark: Mark, axes: Element) -> str:
    """The first line of the only words on a bar, as on a tile; empty if there are none."""
    words = [
        child.text.partition("\n")[0] for child in axes.parts("text") if any(map(str.isalpha, child.text)) and is_drawn_on(child, mark)
    ]  # fmt: skip
    return words[0] if len(words) == 1 else ""


def _slice_label(mark: Mark, axes: Element) -> str:
    """The text at a slice of a pie."""
    center = mark.column("center")
    if len(center) != 2:
        return ""
    middle = np.radians(mark.value("start") + mark.value("turn") / 2)
    best, found = 0.35, ""
    for child in axes.children:
        if child.role != "text" or number_in(child.text) is not None:
            continue
        x, y = child.number("x"), child.number("y")
        if x is not None and y is not None:
            angle = np.arctan2(y - center[1], x - center[0])
            gap = abs((angle - middle + np.pi) % (2 * np.pi) - np.pi)
            if gap < best:
                best, found = float(gap), child.text
    return found


def _labels_at(axes: Element) -> dict[tuple[float, float], str]:
    """Texts by their places in the data."""
    return {
        (float(f"{x:.4g}"), float(f"{y:.4g}")): text.text
        for text in axes.parts("text")
        if (x := text.number("x")) is not None and (y := text.number("y")) is not None
    }


def _edge(mark: Mark, labels: Mapping[tuple[float, float], str]) -> Name | None:
    """The name of a line between two texts, as an edge of a graph; None for any other mark."""
    in_data = mark.element.data.get("space", "data") == "data"  # not a line from edge to edge
    if mark.role != "line" or not in_data or mark.element.text or len(mark.column("x")) != 2:
        return None
    ends = zip(mark.column("x").tolist(), mark.column("y").tolist(), strict=True)
    texts = [labels.get((float(f"{x:.4g}"), float(f"{y:.4g}")), "") for x, y in ends]
    return Name("edge", " - ".join(texts)) if all(texts) else None
