"""Texts that stand elsewhere or point at something else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from annotators.structural import severity
from annotators.structural.chart_findings import TEXT, Finding, both
from annotators.structural.chart_pair import APART, Pair
from annotators.structural.chart_words import quoted
from renderers.scene import Element

MOVED = 0.035
"""Axes lengths a text may move without being called elsewhere: layouts breathe."""


def middle(part: Element) -> np.ndarray:
    value = part.data.get("at")
    return (
        np.array(value, dtype=float) if isinstance(value, list) and len(value) == 2 else np.zeros(0)
    )


def elsewhere(pair: Pair, one: Element, two: Element) -> bool:
    """True where a text was put elsewhere, not only carried along by limits or layout."""
    same_anchor = all(
        one.data.get(key) == two.data.get(key)
        for key in ("x", "y", "z", "space", "align", "offset")
    )
    if same_anchor:
        return False
    here, there = middle(one), middle(two)
    if len(here) != 2 or len(there) != 2:
        return False
    if one.data.get("align") != two.data.get("align"):
        return bool(np.hypot(*(here - there)) > 3e-3)
    if one.data.get("space") == two.data.get("space") == "data" and one.data.get(
        "align"
    ) == two.data.get("align"):
        gap = _anchor_gap(pair, one, two)
        return gap > 1e-3
    return bool(np.hypot(*(here - there)) > MOVED / 3)


def _anchor_gap(pair: Pair, one: Element, two: Element) -> float:
    gaps = []
    for key, scale in zip(("x", "y"), pair.scales, strict=False):
        values = [part.data.get(key) for part in (one, two)]
        if not all(isinstance(value, int | float) for value in values):
            return 1.0
        first, second = scale.fractions(np.array(values, dtype=float))
        gaps.append(abs(float(np.nan_to_num(second - first, nan=1.0))))
    return max(gaps)


def text_places(pair: Pair, moved: list[tuple[Element, Element]]) -> list[Finding]:
    if not moved:
        return []
    boxes = [box for one, two in moved for box in both(one, two)]
    if len(moved) == 2 and swapped(moved):
        names = " and ".join(quoted(one.text, 30) for one, _ in moved)
        return [
            Finding("text_place", TEXT, 2, pair.at(f"annotations {names}"), "are exchanged", boxes)
        ]
    if len(moved) > APART - 1:
        return [
            Finding(
                "text_place",
                TEXT,
                1,
                pair.at("annotations"),
                f"{len(moved)} stand in other places",
                boxes,
                same="moved",
            )
        ]
    found = []
    for one, two in moved:
        gap = middle(two) - middle(one)
        far = float(np.hypot(*gap))
        ways = [
            name
            for name, yes in (
                ("right", gap[0] > 0.02),
                ("left", gap[0] < -0.02),
                ("up", gap[1] > 0.02),
                ("down", gap[1] < -0.02),
            )
            if yes
        ]
        words = f"moved {' and '.join(ways)}" if ways else "moved a little"
        if tip_moved(pair, one, two) if one.data.get("tip") and two.data.get("tip") else False:
            words = f"{words}; its arrow points elsewhere" if ways else "its arrow points elsewhere"
        found.append(
            Finding(
                "text_place",
                TEXT,
                severity.of_shift(far / 1.4),
                pair.at(f"annotation {quoted(one.text, 40)}"),
                words,
                both(one, two),
                same=words,
            )
        )
    return found


def tip_moved(pair: Pair, one: Element, two: Element) -> bool:
    """True where an annotation points at something else."""
    first, second = one.data["tip"], two.data["tip"]
    if one.data.get("tip_space") != two.data.get("tip_space"):
        return False
    if not isinstance(first, list) or not isinstance(second, list):
        return False
    in_data = one.data.get("tip_space") == "data"
    for axis in (0, 1):
        values = np.array([first[axis], second[axis]], dtype=float)
        if in_data:
            values = pair.scales[axis].fractions(values)
        if abs(float(np.nan_to_num(values[1] - values[0]))) > 0.01:
            return True
    return False


def swapped(moved: Sequence[tuple[Element, Element]]) -> bool:
    """True where two texts stand in each other's place."""
    (one, two), (three, four) = moved
    gaps = [np.hypot(*(middle(one) - middle(four))), np.hypot(*(middle(three) - middle(two)))]
    return bool(max(gaps) < 0.08)
