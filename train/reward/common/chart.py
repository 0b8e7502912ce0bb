"""Measures the common share of two charts: marks, words and ticks, panel by panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from annotators.structural.chart.marks import Mark, fractions, marks_of, scales_of
from annotators.structural.chart.panels import axes_of, paired_axes
from annotators.structural.matching import leftover, text_similarity
from annotators.structural.severity import color_distance
from records.boxes import area, common
from records.rows import Box
from renderers.scene import Element, Scene
from train.reward.common.matched import heaviest, matched_share

WEIGHTS = {"marks": 0.6, "words": 0.25, "ticks": 0.15}
"""Weights of the parts; parts that neither chart has are left out."""
WORDS = {
    "title": 2.0,
    "suptitle": 2.0,
    "axis_label": 1.5,
    "supxlabel": 1.5,
    "supylabel": 1.5,
    "legend_entry": 1.0,
    "text": 1.0,
    "cell": 0.5,
}
"""Roles of texts by importance."""
POINTS = 24
"""Number of points by which two lines are compared."""
FAR = 0.25
"""Sets of points with at least this mean distance, as a share of the axes, do not match."""
LEAST_WEIGHT = 0.05
"""Weight of a mark that covers few pixels; one that covers its panel weighs 1 more."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A visible part that can be matched."""

    weight: float
    text: str = ""
    role: str = ""
    place: tuple[float, float] = (0.0, 0.0)
    """Middle of its box in shares of the picture."""


@dataclass(frozen=True)
class _Seen:
    """A visible mark, and its place in its panel."""

    mark: Mark
    weight: float
    places: NDArray[np.float64]
    """N x 2 or, of a bar, its corners: shares of the axes."""

    @cached_property
    def spread(self) -> NDArray[np.float64]:
        """`POINTS` of its places, in the order of x."""
        points = self.places[np.argsort(self.places[:, 0], kind="stable")]
        at = np.linspace(0, len(points) - 1, POINTS)
        known = np.arange(len(points))
        return np.column_stack(
            [np.interp(at, known, np.nan_to_num(column, nan=0.5)) for column in points.T]
        )

    @cached_property
    def values(self) -> NDArray[np.float64]:
        return self.mark.column("values")

    @cached_property
    def corners(self) -> tuple[float, float, float, float]:
        """Of a bar: left, low, right, high."""
        x0, y0, x1, y1 = np.nan_to_num(self.places, nan=0.0, posinf=1.0, neginf=0.0).tolist()
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    @cached_property
    def color(self) -> str:
        for name in ("face", "color", "marker_face", "edge"):
            value = self.mark.element.style.get(name)
            if isinstance(value, str) and value.startswith("#"):
                return value
        return ""


@dataclass(frozen=True)
class Chart:
    """One chart, read once for all that it is compared with."""

    scene: Scene
    marks: list[list[_Seen]]
    """Of each of the axes."""
    words: list[_Part]
    ticks: list[_Part]

    @classmethod
    def of(cls, scene: Scene) -> Chart:
        """Read a scene."""
        marks = [_weighed(one, scene) for one in axes_of(scene)]
        return cls(scene, marks, _words(scene), _ticks(scene))


def share(reference: Chart, candidate: Chart) -> float:
    """The share of both charts' parts that the other chart shows, too, 0 to 1."""
    found = {
        "marks": _of_marks(reference, candidate),
        "words": _of_parts(reference.words, candidate.words, _word_likeness),
        "ticks": _of_parts(reference.ticks, candidate.ticks, _tick_likeness),
    }
    there = {name: value for name, value in found.items() if value is not None}
    total = sum(WEIGHTS[name] for name in there)
    return sum(WEIGHTS[name] * value for name, value in there.items()) / total if total else 0.0


def _of_parts(
    reference: Sequence[_Part],
    candidate: Sequence[_Part],
    alike: Callable[[_Part, _Part], float],
) -> float | None:
    """Common share of a kind of parts; None if neither chart has any."""
    if not reference and not candidate:
        return None
    mine, theirs = (
        [side[at] for at in heaviest([p.weight for p in side])] for side in (reference, candidate)
    )
    table = np.array([[alike(one, two) for two in theirs] for one in mine]).reshape(
        len(mine), len(theirs)
    )
    return matched_share(table, [part.weight for part in mine], [part.weight for part in theirs])


def _words(scene: Scene) -> list[_Part]:
    found = []
    for element in scene.root.walk():
        text = " ".join(element.text.split())
        if element.role in WORDS and text and element.box is not None:
            # Long texts count more, but not by the letter.
            weight = WORDS[element.role] * min(2.0, sqrt(len(text) / 8))
            found.append(_Part(weight, text, element.role, _middle(element.box, scene)))
    return found


def _word_likeness(one: _Part, two: _Part) -> float:
    alike = text_similarity(one.text, two.text)
    # Two texts of one language always share some letters, which is no similarity.
    alike = max(0.0, (alike - 0.4) / 0.6)
    return alike * (1.0 if one.role == two.role else 0.7) * _near(one.place, two.place, 0.4)


def _ticks(scene: Scene) -> list[_Part]:
    found = []
    for element in scene.root.walk():
        labels = element.data.get("labels") if element.role == "axis" else None
        if not isinstance(labels, list) or element.box is None:
            continue
        names = [" ".join(str(label or "").split()) for label in labels]
        names = [label for label in names if label]
        for at, label in enumerate(names):
            # A scale with ten numbers weighs as much as one with five; each category name counts.
            weight = 1.0 if _named(label) else 2.5 / max(2.5, len(names))
            place = _middle(element.box, scene)
            along = (at + 0.5) / len(names)
            x_axis = element.data.get("axis") == "x"
            role = f"{element.data.get('axis')}"
            found.append(
                _Part(weight, label, role, (along, place[1]) if x_axis else (place[0], along))
            )
    return found


def _tick_likeness(one: _Part, two: _Part) -> float:
    if one.role != two.role:
        return 0.0
    same = one.text == two.text
    if _named(one.text) and not same:
        return max(0.0, (text_similarity(one.text, two.text) - 0.5) / 0.5) * 0.9
    return float(same) * _near(one.place, two.place, 0.3)


def _named(label: str) -> bool:
    """True for words, false for numbers."""
    return any(letter.isalpha() for letter in label)


def _of_marks(reference: Chart, candidate: Chart) -> float | None:
    pairs = paired_axes(reference.scene, candidate.scene).indices
    shared = total = 0.0
    for first, second in pairs:
        one, two = reference.marks[first], candidate.marks[second]
        weight = sum(mark.weight for mark in one) + sum(mark.weight for mark in two)
        total += weight
        if one and two:
            shared += weight * _marks_alike(one, two)
    for side, place in ((reference, 0), (candidate, 1)):
        for index in leftover(len(side.marks), [pair[place] for pair in pairs]):
            total += sum(mark.weight for mark in side.marks[index])
    return shared / total if total else None


def _weighed(axes: Element, scene: Scene) -> list[_Seen]:
    """Marks that are seen, with their weights; a panel as a whole counts by the room it takes."""
    marks = [mark for mark in marks_of(axes) if mark.element.box is not None]
    if not marks:
        return []
    weights = [LEAST_WEIGHT + sqrt(_area(mark.element.box, axes.box)) for mark in marks]
    room = sqrt(max(0.02, _area(axes.box, (0.0, 0.0, scene.width_px, scene.height_px))))
    kept = heaviest(weights)
    whole = sum(weights[at] for at in kept)
    scales = scales_of(axes)
    return [
        _Seen(marks[at], room * weights[at] / whole, fractions(marks[at], scales)) for at in kept
    ]


def _marks_alike(one: Sequence[_Seen], two: Sequence[_Seen]) -> float:
    table = np.array([[_likeness(a, b) for b in two] for a in one])
    return matched_share(table, [mark.weight for mark in one], [mark.weight for mark in two])


def _likeness(one: _Seen, two: _Seen) -> float:
    """Place and shape first; then color and name."""
    if one.mark.kind != two.mark.kind:
        return 0.0
    place = _same_place(one, two)
    if not place:
        return 0.0
    color = 1.0
    if one.color and two.color:
        color = max(0.0, 1 - color_distance(one.color, two.color) / 50)
    elif one.color or two.color:
        color = 0.5
    texts = [side.mark.element.text for side in (one, two)]
    name = text_similarity(*texts) if all(texts) else 1.0 if not any(texts) else 0.7
    return place * (0.6 + 0.25 * color + 0.15 * name)


def _same_place(mine: _Seen, theirs: _Seen) -> float:
    one, two = mine.mark, theirs.mark
    first, second = mine.places, theirs.places
    if one.role == "bar" and len(one.span) == len(two.span) == 4:
        return _overlap(mine.corners, theirs.corners)
    if one.role == "wedge":
        gaps = sum(abs(one.value(key) - two.value(key)) / 360 for key in ("start", "turn"))
        return max(0.0, 1 - 4 * gaps)
    values = mine.values, theirs.values
    if len(values[0]) and values[0].shape == values[1].shape:
        span = float(np.nanmax(values[0]) - np.nanmin(values[0])) or 1.0
        gap = np.nanmean(np.minimum(1.0, np.abs(values[0] - values[1]) / span))
        return float(max(0.0, 1 - 2 * np.nan_to_num(gap, nan=1.0)))
    if len(first) and len(second) and first.shape[1] == second.shape[1]:
        gap = np.abs(mine.spread - theirs.spread).mean()
        counts = sorted((len(first), len(second)))
        # As many points, to the root: a few dots are no cloud, yet a line may have more corners.
        return float(
            max(0.0, 1 - np.nan_to_num(gap, nan=1.0) / FAR) * (counts[0] / counts[1]) ** 0.25
        )
    box, other = one.element.box, two.element.box
    return 0.6 * _overlap(box, other) if box and other else 0.0


def _overlap(one: Box, two: Box) -> float:
    """Common part of two boxes over all that they cover."""
    shared = area(common(one, two))
    whole = area(one) + area(two) - shared
    return float(shared / whole) if whole > 0 else 0.0


def _area(box: Box | None, of: Box | None) -> float:
    """Share of ``of`` that the box takes, at most 1."""
    if box is None or of is None:
        return 0.0
    whole = max(1.0, (of[2] - of[0]) * (of[3] - of[1]))
    return float(min(1.0, max(0.0, (box[2] - box[0]) * (box[3] - box[1])) / whole))


def _middle(box: Box, scene: Scene) -> tuple[float, float]:
    return (box[0] + box[2]) / 2 / max(1, scene.width_px), (box[1] + box[3]) / 2 / max(
        1, scene.height_px
    )


def _near(one: tuple[float, float], two: tuple[float, float], far: float) -> float:
    """1 at the same place, 0.5 from ``far`` shares of the picture on."""
    gap = float(np.hypot(one[0] - two[0], one[1] - two[1]))
    return 1 - 0.5 * min(1.0, gap / far)
