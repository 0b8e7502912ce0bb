"""Findings on boxes of a box plot with other statistics."""

from __future__ import annotations

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.data.areas import WAYS
from annotators.structural.chart.data.mark_changes import finding_on
from annotators.structural.chart.findings import DATA, STYLE, Finding
from annotators.structural.chart.marks import AxisScale, Mark, MarkChange, near, near_on
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.same_shape import BOX_WIDTH
from annotators.structural.chart.words import figure, figures
from annotators.structural.visibility import size_noticed

BOX_PARTS = (
    ("median", "median"), ("q1", "lower quartile"), ("q3", "upper quartile"),
    ("low", "lower whisker"), ("high", "upper whisker"), ("mean", "mean"),
)  # fmt: skip


def box_values(pair: PanelPair, change: MarkChange) -> Finding:
    """Findings on a box of a box plot with other statistics."""
    one, two = change.before, change.after
    scale = pair.scales[1 if one.orientation == "vertical" else 0]
    parts = [
        (name, one.value(key), two.value(key)) for key, name in BOX_PARTS
        if not _read_alike(one.value(key), two.value(key), scale)
    ]  # fmt: skip
    parts += _moved_outlier(one, two, scale)
    if parts:
        median, other = (mark.value("median") for mark in (one, two))
        if _shifted(one, two, scale):
            was, now = scale.fractions(np.array((median, other)))
            way = WAYS[one.orientation == "vertical"][int(now > was)]
            grade = severity.of_relative_change(median, other, scale.length)
            words = f"drawn {way}: {_instead('median', median, other)}"
            return finding_on(pair, change, "value", DATA, grade, words)
        name, before, after = max(
            parts, key=lambda part: abs(np.nan_to_num(part[1] - part[2], nan=1e99))
        )
        if np.isnan(before) or np.isnan(after):
            words = f"{name} is {'extra' if np.isnan(before) else 'missing'}"
            return finding_on(pair, change, "mean", STYLE, 1, words)
        grade = severity.of_relative_change(before, after, scale.length)
        return finding_on(pair, change, "value", DATA, grade, _instead(name, before, after))
    before, after = one.value("width"), two.value("width")
    if size_noticed(before, after, BOX_WIDTH):
        words = f"width {figure(after)} instead of {figure(before)}"
        return finding_on(pair, change, "thickness", DATA, 1, words)
    if one.element.data.get("flier_count") != two.element.data.get("flier_count"):
        first, second = int(one.value("flier_count")), int(two.value("flier_count"))
        shown = f"{second} outlier{'s' if second > 1 else ''} instead of {first}"
        words = shown if second else "outliers are not shown"
        same = "" if first and second else f"{bool(first)}{bool(second)}"
        return finding_on(pair, change, "fliers", DATA, 2 if second and first else 1, words, same)
    before, after = one.value("at"), two.value("at")
    if not (near(before, after) or np.isnan((before, after)).all()):
        words = f"at {figure(after)} instead of {figure(before)}"
        return finding_on(pair, change, "moved", DATA, 2, words)
    return finding_on(pair, change, "value", DATA, 1, "outliers or caps differ")


def _moved_outlier(one: Mark, two: Mark, scale: AxisScale) -> list[tuple[str, float, float]]:
    """The outlier of a box that moved furthest, if one moved noticeably and as many are shown."""
    before, after = (np.sort(mark.column("fliers")) for mark in (one, two))
    if not before.size or before.shape != after.shape:
        return []
    gaps = np.nan_to_num(np.abs(scale.fractions(before) - scale.fractions(after)))
    at = int(gaps.argmax())
    moved = gaps[at] > scale.place
    return [("an outlier at", float(before[at]), float(after[at]))] if moved else []


def _shifted(one: Mark, two: Mark, scale: AxisScale) -> bool:
    """True if median, quartiles and whiskers moved equally far."""
    ends = [np.array([mark.value(key) for key, _ in BOX_PARTS[:5]]) for mark in (one, two)]
    steps = scale.fractions(ends[1]) - scale.fractions(ends[0])
    return bool(np.ptp(steps) <= scale.place < np.abs(steps).min())


def _instead(name: str, before: float, after: float) -> str:
    was, now = figures(before, after)
    return f"{name} {now} instead of {was}"


def _read_alike(first: float, second: float, scale: AxisScale) -> bool:
    """True for two values of a box at one place of the axis, or two that are not drawn."""
    return bool(np.isnan(first) and np.isnan(second)) or near_on(first, second, scale)
