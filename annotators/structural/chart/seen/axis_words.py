"""Names a place on an axis as a person does: by its label, its date or its number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from annotators.structural.chart.seen.axis_units import axis_of, labeled, limits_of
from annotators.structural.chart.words import figure, quoted
from renderers.scene import Element


def place_on(axes: Element, direction: str, value: float) -> str:
    """The place of a label, a date or a number on an axis.

    >>> place_on(Element("axes"), "x", 2.5)
    'x = 2.5'
    """
    axis, limits = axis_of(axes, direction), limits_of(axes, direction)
    if axis is not None and limits is not None:
        known = labeled(axis)
        for (label, _), tick in known.items():
            near = abs(tick - value) <= 2e-3 * abs(limits[1] - limits[0])
            if near and any(sign.isalpha() for sign in label):
                return quoted(label, 30)
        dated = [label for (label, _), tick in known.items() if _is_date(label, tick)]
        if dated and 2 * len(dated) >= len(known):
            return f"{EPOCH + timedelta(days=value):%Y-%m-%d}"
    span = abs(limits[1] - limits[0]) if limits is not None else 0.0
    return f"{direction} = {figure(0.0 if abs(value) < 1e-9 * span else value)}"


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The date from which matplotlib counts days."""


def _is_date(label: str, days: float) -> bool:
    """True if a label shows the date that is ``days`` after `EPOCH`."""
    if not 0 < days < 1e5:
        return False
    when = EPOCH + timedelta(days=days)
    return any(f"{when:{form}}" in label for form in ("%Y", "%b", "%m-%d", "%d.%m", "%m/%d"))
