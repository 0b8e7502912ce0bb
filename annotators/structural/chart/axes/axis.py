"""Compares scale, direction and limits of one axis."""

from __future__ import annotations

from math import ceil, isfinite, log10

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.axes.ticks import tick_findings
from annotators.structural.chart.axis_pair import AxisPair, ends, readable, tick_words
from annotators.structural.chart.explained import Explained
from annotators.structural.chart.findings import DATA, Finding, shown
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.seen.axis_words import date_on
from annotators.structural.chart.words import figures
from annotators.structural.visibility import DEPTH, MARGIN, PLACE
from annotators.structural.why import explains, spoken, unsaid
from records.rows import Box

LIMITS = 0.015
"""Least noticed shift of an end of an axis in a plane, as a share of the axis length."""

Range = tuple[float, float]

SCALES = {"log": "logarithmic", "symlog": "symmetric-logarithmic"}


def axis(pair: AxisPair, known: Explained, color_bar: bool) -> list[Finding]:
    """Findings on scale, direction, limits and ticks of one axis."""
    if known.other_axes or pair.name in known.shared or (color_bar and known.data):
        return tick_findings(pair, True, known)
    found, other_range = _range(pair, known, color_bar)
    return found + tick_findings(pair, other_range, known)


def _range(pair: AxisPair, known: Explained, color_bar: bool) -> tuple[list[Finding], bool]:
    """Findings on scale, direction and limits, and whether they explain changed ticks."""
    whole = [*shown(pair.panel.reference, pair.panel.candidate), *pair.boxes]
    scales = [str(side.data.get("scale")) for side in pair.sides]
    if scales[0] != scales[1]:
        was, now = (SCALES.get(scale, scale) for scale in scales)
        return [pair.finding("scale", DATA, 3, "", f"{now} instead of {was}", whole)], True
    first, second = ends(pair.reference), ends(pair.candidate)
    read = pair.candidate.data.get("reads")
    if isinstance(read, list):
        second = float(read[0]), float(read[1])  # type: ignore[arg-type]
        panel, grade = pair.panel, severity.of_limit_change(first, second)
        words = _dates_in_words(panel, pair.name, first, second) or limits_in_words(first, second)
        return [pair.finding("limits", DATA, grade, "limits", words)], True
    found: list[Finding] = []
    if (first[0] > first[1]) != (second[0] > second[1]):
        found.append(pair.finding("inverted", DATA, 3, "", "runs the other way round", whole))
        second = second[::-1]
    gap = _gap(first, second, logarithmic=scales[0] == "log")
    least = DEPTH * PLACE if pair.panel.reference.data.get("projection") == "3d" else LIMITS
    if gap > least:
        return [*found, *_limits(pair, known, color_bar, second, whole)], True
    if gap:
        words = f"end {100 * gap:.2g} % of the axis elsewhere, which is noticed from {least:.1%}"
        unsaid(pair.panel.axis_at(pair.name, "limits"), words)
    return found, bool(found)


def _gap(first: Range, second: Range, *, logarithmic: bool) -> float:
    """Distance of the ends of two ranges, as a share of the length of the first."""
    if logarithmic and min(*first, *second) > 0:
        length = abs(np.log10(first[1] / first[0])) or 1.0
        gaps = [abs(np.log10(here / there)) for here, there in zip(first, second, strict=True)]
    else:
        length = abs(first[1] - first[0]) or 1.0
        gaps = [abs(here - there) for here, there in zip(first, second, strict=True)]
    return float(max(gaps) / length)


def _limits(
    pair: AxisPair, known: Explained, color_bar: bool, after: Range, whole: list[Box]
) -> list[Finding]:
    """A finding on changed limits, unless they follow from the data or the size of the axes."""
    panel, before = pair.panel, ends(pair.reference)
    # Limits of a pie, and of axes with a fixed aspect, follow from their size.
    held = panel.reference.data.get("aspect") and panel.candidate.data.get("aspect")
    fitted = bool(held) and (not any(map(tick_words, pair.sides)) or _squeezed(panel))
    words = _dates_in_words(panel, pair.name, before, after) or limits_in_words(before, after)
    if (known.data and all(pair.says("auto"))) or known.categories or color_bar or fitted:
        rule = "limits_fit_the_room" if fitted and not known.data else "limits_follow_data"
        explains(rule, known.because, spoken(panel.axis_at(pair.name, "limits"), words))
        return []
    log = pair.reference.data.get("scale") == "log"
    grade = severity.of_limit_change(before, after, logarithmic=log)
    flat = all(axes.data.get("projection") == "rectilinear" for axes in panel.sides)
    if flat and not log and not all(map(readable, pair.sides)):
        words = _margins(panel, pair.name, before, after)
        grade = min(grade, 2)  # no number is read wrong
    return [pair.finding("limits", DATA, grade, "limits", words, whole)] if words else []


def _margins(
    pair: PanelPair, name: str, before: tuple[float, float], after: tuple[float, float]
) -> str:
    """Changed limits in words if no number can be read: as blank margins around the marks.

    Empty if nothing shows the limits, or if the change is not noticed.
    """
    way = 1 if before[1] > before[0] else -1
    length = abs(before[1] - before[0]) or 1.0
    grown = [way * (before[0] - after[0]) / length, way * (after[1] - before[1]) / length]
    sides = ("left", "right") if name == "x" else ("bottom", "top")
    lines = [{line.data.get("side") for line in parts} for parts in pair.parts("spine")]
    # The line along an axis shows both of its ends.
    along = {"x": {"bottom", "top"}, "y": {"left", "right"}}[name] & lines[0] & lines[1]
    noticed = [
        i for i in (0, 1) if abs(grown[i]) >= MARGIN and (along or sides[i] in lines[0] & lines[1])
    ]
    words = ("left", "right") if name == "x" else ("below", "above")
    changes = [f"{'more' if grown[i] > 0 else 'less'} blank margin" for i in noticed]
    if len(set(changes)) == 1:
        return f"{changes[0]} {' and '.join(words[i] for i in reversed(noticed))}"
    return "; ".join(f"{margin} {words[i]}" for margin, i in zip(changes, noticed, strict=True))


def _dates_in_words(panel: PanelPair, name: str, before: Range, after: Range) -> str:
    """Two ranges of dates in words; empty if the labels of the axis are no dates."""
    was, now = ([date_on(panel.reference, name, end) for end in span] for span in (before, after))
    if not all((*was, *now)) or was == now:
        return ""
    return f"from {now[0]} to {now[1]} instead of {was[0]} to {was[1]}"


def limits_in_words(before: tuple[float, float], after: tuple[float, float]) -> str:
    """Two ranges in words, with as many digits as can be read, or are needed to distinguish them.

    >>> limits_in_words((-69, 69), (-63.912, 69.2934))
    'from -63.9 to 69.3 instead of -69 to 69'
    """
    length = min(abs(high - low) for low, high in (before, after))
    digits = ceil(-log10(READ * length)) if length and isfinite(length) else 12
    low, high = (
        figures(*(ends if len(set(read := [round(end, digits) for end in ends])) == 1 else read))
        for ends in zip(before, after, strict=True)
    )
    return f"from {low[1]} to {high[1]} instead of {low[0]} to {high[0]}"


READ = 0.005
"""Share of an axis that a viewer reads off."""


def _squeezed(pair: PanelPair) -> bool:
    """True if the shape of the axes changed."""
    one, two = pair.reference.box, pair.candidate.box
    if one is None or two is None:
        return True
    shapes = [(box[2] - box[0]) / max(box[3] - box[1], 1.0) for box in (one, two)]
    return abs(shapes[0] / max(shapes[1], 1e-9) - 1) > 2e-3
