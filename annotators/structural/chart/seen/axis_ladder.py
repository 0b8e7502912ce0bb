"""Reads an axis of categories beside a logarithmic one that has the same labels at the same places.

Doses of 0.1, 0.3, 1, 3 and 10 stand almost evenly on a logarithmic axis, so a chart that takes them as
names looks the same.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from annotators.structural.chart.marks import AxisScale, Numbers
from renderers.scene import Element, Value

LADDER = 0.015
"""Farthest that equal labels may stand apart, as a share of the axis: limits are noticed from there."""

LEAST = 3
"""Fewest labels that are evidence: two stand at the same places by chance."""


def ladder(one: Element, two: Element) -> Callable[[float], float | None] | None:
    """The conversion of values of an axis to those of another with another scale.

    Args:
        one: The axis that gives the units.
        two: The axis that is read.

    Returns:
        None if the scales are equal, or if not all labels stand at the same places.
    """
    scales = [str(axis.data.get("scale")) for axis in (one, two)]
    if sorted(scales) != ["linear", "log"]:
        return None
    rungs = [_rungs(axis, scale == "log") for axis, scale in zip((one, two), scales, strict=True)]
    if rungs[0] is None or rungs[1] is None:
        return None
    (words, mine, places), (other, theirs, others) = rungs[0], rungs[1]
    if words != other or np.abs(places - others).max() > LADDER:
        return None
    logs = [scale == "log" for scale in scales]

    def moved(value: float) -> float | None:
        if logs[1] and value <= 0:
            return None
        found = _between(float(np.log10(value)) if logs[1] else value, theirs, mine)
        return float(f"{10**found if logs[0] else found:.9g}")

    return moved


def number_by_number(convert: Callable[[float], float | None]) -> Callable[[Value], Value]:
    """The conversion of values and of lists of them; what is no number stays."""

    def converted(value: Value) -> Value:
        if isinstance(value, list):
            return [converted(part) for part in value]  # type: ignore[misc]
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        return convert(value)

    return converted


def _between(value: float, ticks: Numbers, others: Numbers) -> float:
    """A value by the ticks around it; beyond the ticks as between the last two."""
    at = int(np.clip(np.searchsorted(ticks, value) - 1, 0, len(ticks) - 2))
    share = (value - ticks[at]) / (ticks[at + 1] - ticks[at])
    return float(others[at] + share * (others[at + 1] - others[at]))


def _rungs(axis: Element, logarithmic: bool) -> tuple[list[str], Numbers, Numbers] | None:
    """Labels of an axis with their ticks, as drawn evenly, and their places as shares of the axis."""
    ticks, labels = axis.column("ticks"), axis.column("labels")
    low, high = axis.number("low"), axis.number("high")
    if len(ticks) != len(labels) or low is None or high is None or low >= high:
        return None
    rungs = sorted(
        (tick, label) for tick, label in zip(ticks, labels, strict=True)
        if isinstance(tick, int | float) and isinstance(label, str) and label
    )  # fmt: skip
    values = np.array([tick for tick, _ in rungs])
    if len({*values.tolist()}) < max(len(rungs), LEAST):
        return None
    if logarithmic and min(low, *values) <= 0:
        return None
    places = AxisScale(low, high, logarithmic).fractions(values)
    return [label for _, label in rungs], np.log10(values) if logarithmic else values, places
