"""Compares the data of charts: chart type, series, values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from annotators.structural.chart.data.bars import bins
from annotators.structural.chart.data.chart_type import MAIN_KINDS, chart_type
from annotators.structural.chart.data.line_companions import line_companions
from annotators.structural.chart.data.series import series
from annotators.structural.chart.data.stacking import piled_boxes, stacking
from annotators.structural.chart.data.values import values
from annotators.structural.chart.findings import DATA, Finding, shown
from annotators.structural.chart.marks import Mark, MarkMatch, Scales, fractions
from annotators.structural.chart.panel_pair import PanelPair


def explain(pair: PanelPair, match: MarkMatch) -> list[Finding]:
    """Structure and data findings on a pair of axes; marks that they explain are removed from ``match``."""
    nothing = emptied(pair, match)
    if nothing is not None:
        return [nothing]
    found = chart_type(pair, match)
    found += bins(pair, match)
    found += stacking(pair, match)
    found += piled_boxes(pair, match)
    found += line_companions(pair, match)
    found += series(pair, match)
    found += values(pair, match)
    return found


def emptied(pair: PanelPair, match: MarkMatch) -> Finding | None:
    """A finding if all marks of an axes are gone."""
    if match.extra or match.equal or match.changed or len(match.missing) < 1:
        return None
    drawn = [mark for mark in match.missing if mark.kind in MAIN_KINDS]
    if not drawn or pair.index < 0:
        return None
    return Finding(
        "emptied", DATA, 3, pair.at("everything plotted"), "is missing; the axes are empty",
        shown(*pair.sides),
    )  # fmt: skip


def out_of_view(pair: PanelPair, match: MarkMatch) -> None:
    """Drop marks that are missing or extra only because changed limits or scales hide them; where no
    mark of one is in the other, something else is drawn."""
    if match.missing and match.extra and not match.equal and not match.changed:
        return
    if any(
        one.logarithmic != two.logarithmic
        for one, two in zip(pair.scales, pair.candidate_scales, strict=True)
    ):
        match.missing.clear()
        match.extra.clear()
    for marks, scales, axes in (
        (match.missing, pair.candidate_scales, pair.candidate),
        (match.extra, pair.scales, pair.reference),
    ):
        set_limits = [
            any(part.role == "axis" and part.data.get("axis") == name and not part.data.get("auto")
                for part in axes.children)
            for name in "xy"
        ]  # fmt: skip
        if any(set_limits):
            marks[:] = [mark for mark in marks if not _outside(mark, scales, set_limits)]


def _outside(mark: Mark, scales: Scales, directions: Sequence[bool]) -> bool:
    if mark.role not in ("line", "markers", "bar", "errorbars", "area"):
        return False
    places = fractions(mark, scales)
    if not places.size or not np.isfinite(places).any():
        return False
    if mark.role == "bar":
        places = places.reshape(2, 2)
    if mark.role == "errorbars":
        places = np.column_stack([places[:, 0], places[:, 1:].mean(axis=1)])
        if mark.element.data.get("direction") == "x":
            places = places[:, ::-1]
    low, high = np.nanmin(places, axis=0)[:2], np.nanmax(places, axis=0)[:2]
    beyond = (high < -1e-3) | (low > 1 + 1e-3)
    return bool((beyond & np.array(directions)).any())
