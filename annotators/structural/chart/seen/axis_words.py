"""Names a place on an axis as a person does: by its label, its date or its number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from annotators.structural.chart.seen.axis_units import axis_of, in_line, labeled, limits_of
from annotators.structural.chart.words import figure, quoted
from renderers.scene import Element


def place_on(axes: Element, direction: str, value: float) -> str:
    """The place of a label, a date or a number on an axis.

    >>> place_on(Element("axes"), "x", 2.5)
    'x = 2.5'
    """
    limits = limits_of(axes, direction)
    if limits is not None:
        for (label, _), tick in labeled(axis_of(axes, direction)).items():
            near = abs(tick - value) <= 2e-3 * abs(limits[1] - limits[0])
            if near and any(sign.isalpha() for sign in label):
                return quoted(label, 30)
        if date := date_on(axes, direction, value):
            return date
    span = abs(limits[1] - limits[0]) if limits is not None else 0.0
    return f"{direction} = {figure(0.0 if abs(value) < 1e-9 * span else value)}"


def date_on(axes: Element, direction: str, value: float) -> str:
    """The date at a place of an axis, with the time if it shows a few days; empty if its labels are no
    dates."""
    known = labeled(axis_of(axes, direction))
    dated = [label for (label, _), tick in known.items() if _is_date(label, tick)]
    if not dated or 2 * len(dated) < len(known):
        return ""
    minutes = round(value * 24 * 60)
    limits = limits_of(axes, direction) or (0.0, 0.0)
    timed = minutes % (24 * 60) and abs(limits[1] - limits[0]) < DAYS_WITH_TIMES
    return f"{EPOCH + timedelta(minutes=minutes):{'%Y-%m-%d %H:%M' if timed else '%Y-%m-%d'}}"


DAYS_WITH_TIMES = 7
"""An axis over fewer days shows times."""


def numbered_in_line(axes: Sequence[Element]) -> dict[int, Element]:
    """By identity, each axes that another one in line with it tells the numbers of, with a mark at
    the axis."""
    found = {}
    for one in axes:
        told = [
            axis for axis in one.parts("axis") if not labeled(axis) and any(
                other is not one and in_line(one, other, str(axis.data.get("axis")))
                and labeled(axis_of(other, str(axis.data.get("axis"))))
                for other in axes
            )
        ]  # fmt: skip
        if told:
            children = tuple(
                part.having(data=part.data | {"told": True})
                if any(part is axis for axis in told) else part
                for part in one.children
            )  # fmt: skip
            found[id(one)] = one.having(children=children)
    return found


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The date from which matplotlib counts days."""


def _is_date(label: str, days: float) -> bool:
    """True if a label shows the date that is ``days`` after `EPOCH`."""
    if not 0 < days < 1e5:
        return False
    when = EPOCH + timedelta(days=days)
    return any(f"{when:{form}}" in label for form in ("%Y", "%b", "%m-%d", "%d.%m", "%m/%d"))


def with_small_ticks(axis: Element) -> Element:
    """An axis without ticks that have no label where most have none: they are seen as small tick marks
    between the labels, whatever the program calls them."""
    labels, length = axis.column("labels"), axis.style.get("tick_length")
    named = [at for at, label in enumerate(labels) if label]
    bare = len(labels) - len(named)
    if not 1 < len(named) < bare or axis.data.get("minor"):
        return axis
    kept = {
        key: [values[at] for at in named] for key in ("ticks", "labels", "lines")
        if len(values := axis.column(key)) == len(labels)
    }  # fmt: skip
    boxes = axis.column("label_boxes")
    corners = [corner for at in named for corner in boxes[4 * at : 4 * at + 4]]
    small = {"minor": bare, "minor_length": length} if length else {}
    return axis.having(data=axis.data | kept | {"label_boxes": corners} | small)
