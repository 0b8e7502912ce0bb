"""Finds categories that are missing, extra or reordered, together with their marks.

If one category of five is missing, the others move up, and a comparison place by place would report
every bar. So the reference's categories are first moved to their places in the candidate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.findings import DATA, Finding, shown
from annotators.structural.chart.marks import marks_of, with_points
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.seen.axis_ladder import number_by_number
from annotators.structural.chart.seen.axis_units import axis_of, with_numbers
from annotators.structural.chart.words import listed, quoted
from renderers.scene import Element


@dataclass(frozen=True, slots=True)
class Realigned:
    """Both axes after the reference's categories are moved to their places in the candidate."""

    reference: Element
    """The reference axes, without marks of categories that the candidate lacks."""
    candidate: Element
    """The candidate axes, without marks of categories that only it has."""
    finding: Finding
    direction: str
    """The axis of the categories, x or y."""
    names: tuple[str, ...] = ()
    """Categories that are in one chart only."""


def realign(pair: PanelPair, others: Sequence[PanelPair] = ()) -> Realigned | None:
    """Align the categories of a pair of axes; None if that explains no difference.

    Args:
        others: All axes of the chart; a twin axes may hold the category names.
    """
    for direction in "xy":
        found = _along(pair, direction, others)
        if found is not None:
            return found
    return None


def _labels(axes: Element, direction: str) -> dict[str, float]:
    """Label -> place on a category axis; empty if labels repeat or are automatic."""
    axis = axis_of(axes, direction)
    if not axis.data.get("fixed"):
        return {}
    named = [
        (str(label), float(tick))
        for label, tick in zip(axis.column("labels"), axis.column("ticks"), strict=False)
        if label and isinstance(tick, int | float)
    ]
    known = dict(named)
    return known if len(known) == len(named) else {}


def _named_along(pair: PanelPair, other: PanelPair, direction: str) -> bool:
    """True if two axes share a direction, like twin and shared axes."""
    at, edges = "xy".index(direction), (0, 2) if direction == "x" else (1, 3)
    if pair.scales[at] != other.scales[at] or (
        pair.candidate_scales[at] != other.candidate_scales[at]
    ):
        return False
    boxes = pair.reference.box, other.reference.box
    return all(
        box is not None and boxes[0] is not None and abs(box[edge] - boxes[0][edge]) < 1
        for box in boxes for edge in edges
    )  # fmt: skip


def _along(pair: PanelPair, direction: str, others: Sequence[PanelPair]) -> Realigned | None:
    mine, theirs = _labels(pair.reference, direction), _labels(pair.candidate, direction)
    for other in others:
        if not mine and not theirs and _named_along(pair, other, direction):
            mine, theirs = _labels(other.reference, direction), _labels(other.candidate, direction)
    common = [label for label in mine if label in theirs]
    alike = len(common) == len(mine) == len(theirs) and all(
        abs(mine[label] - theirs[label]) < 1e-6 for label in common
    )
    if alike or len(common) < max(1, len(mine) // 3) or len(mine) < 2:
        return None
    lost = [label for label in mine if label not in theirs]
    new = [label for label in theirs if label not in mine]
    if lost and new and len(lost) == len(new):
        return None  # renamed, not left out
    moves = {mine[label]: theirs[label] for label in common}
    reference = _moved(pair.reference, direction, moves, set(mine.values()))
    keep = {theirs[label]: theirs[label] for label in common}
    candidate = _moved(pair.candidate, direction, keep, set(theirs.values()))
    if _unequal(reference, candidate) >= _unequal(pair.reference, pair.candidate):
        return None
    if lost or new:
        names = listed([quoted(label, 30) for label in lost or new])
        several = len(lost or new) > 1
        word = "missing" if lost else "not in the reference"
        words = (
            f"{'categories' if several else 'category'} {names} {'are' if several else 'is'} {word}"
        )
        grade = severity.of_missing_share(len(lost or new), len(mine))
    else:
        words, grade = "categories are in another order, with their values", 2
    # All other categories move, so the box is the whole axes.
    finding = Finding(
        "categories", DATA, grade, pair.at(f"{direction} axis"), words, shown(*pair.sides)
    )
    return Realigned(reference, candidate, finding, direction, (*lost, *new))


def _unequal(reference: Element, candidate: Element) -> int:
    """Number of marks that are in one axes only."""
    mine = {mark.key for mark in marks_of(reference)}
    theirs = {mark.key for mark in marks_of(candidate)}
    return len(mine ^ theirs)


def _moved(axes: Element, direction: str, moves: dict[float, float], places: set[float]) -> Element:
    """An axes with its marks moved to new places; marks without a new place are left out."""
    spots = np.array(sorted(places))
    reach = 0.5 * (float(np.diff(spots).min()) if len(spots) > 1 else 1.0) + 1e-9

    def delta(value: float) -> float | None:
        nearest = float(spots[np.abs(spots - value).argmin()])
        if abs(nearest - value) > reach:
            return 0.0
        return moves[nearest] - nearest if nearest in moves else None

    moved = (_part(part, direction, delta) for part in axes.children)
    return axes.having(children=tuple(part for part in moved if part is not None))


Delta = Callable[[float], float | None]
"""How far a value moves; None if its category is gone."""


def _part(part: Element, direction: str, delta: Delta) -> Element | None:
    """A mark moved with its category, or each of its points with theirs; None if they are gone."""
    data = part.data
    if data.get("space", "data") not in ("data", direction) or "hash" in data:
        return part
    if part.role == "errorbars" and data.get("direction") != direction:
        return _columns(part, "at", delta)
    if part.role in ("line", "markers"):
        return _columns(part, direction, delta)
    steps = {delta(place) for place in _places(part, direction)}
    if len(steps) != 1:
        return part
    step = steps.pop()
    if step is None:
        return None
    return with_numbers(part, direction, number_by_number(lambda value: _round(value + step)))


def _places(part: Element, direction: str) -> list[float]:
    """Where a mark of one category stands: an area, such as a violin, may lie around several."""
    if part.role == "bar":
        ends = part.numbers("span")["xy".index(direction) :: 2]
        return [float(ends.mean())] if len(ends) == 2 and np.isfinite(ends).all() else []
    if part.role == "area":
        values = part.numbers(direction)
        return values.tolist() if np.isfinite(values).all() else []
    upright = part.data.get("orientation") == "vertical"
    if part.role == "text" or (part.role == "box" and upright == (direction == "x")):
        at = part.number("at" if part.role == "box" else direction)
        return [] if at is None else [at]
    return []


def _columns(part: Element, key: str, delta: Delta) -> Element | None:
    """A mark with many points, each moved with its category."""
    column = part.column(key)
    if not column:
        return part
    moved: dict[int, float | None] = {}
    for index, value in enumerate(column):
        number = float(value) if isinstance(value, int | float) else None
        step = 0.0 if number is None else delta(number)
        if step is not None:
            moved[index] = None if number is None else _round(number + step)
    if not moved:
        return None
    order = sorted(moved, key=lambda index: (moved[index] is None, moved[index] or 0.0))
    data = with_points(part.data, order, len(column)) | {key: [moved[index] for index in order]}
    return part.having(data=data)


def _round(value: float) -> float:
    return float(f"{value:.9g}")
