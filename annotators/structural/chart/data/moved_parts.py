"""Boxes of the wrong parts of a mark: points of a scatter, bends of a line, single error bars, cells.

A mark of which a few points moved is wrong there, and not over all of its width.
"""

from __future__ import annotations

import numpy as np

from annotators.structural.chart.data.cells import cell_boxes
from annotators.structural.chart.marks import Mark, MarkChange, Numbers, Points, fractions
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.visibility import PLACE
from records.rows import Box
from renderers.scene import Element

FEW = 0.6
"""If more than this share of the points moved, the whole mark did."""

THICK_PX = 16.0
"""Most pixels that a marker, a line or a cap reaches beyond its point."""


def moved_boxes(pair: PanelPair, change: MarkChange, only: Points | None = None) -> list[Box]:
    """Boxes of the points that moved: where they are, and where they should be.

    Args:
        only: The points that count, if others moved for another reason.

    Returns:
        Up to one box in pixels of each picture. The boxes of both whole marks if most points moved on
        paper (those of the same value do if the limits of the axes changed), if the points are not
        known one by one, or if their places do not agree with what is drawn.
    """
    one, two = change.before, change.after
    whole = change.boxes
    if one.role == "heatmap":
        return cell_boxes(pair, change) or whole
    moved = _moved(pair, change, only)
    if moved is None or _shifted(pair, one):
        return whole
    found = []
    for axes, mark, scales in (
        (pair.candidate, two, pair.candidate_scales),
        (pair.reference, one, pair.scales),
    ):
        corners = _corners(mark, fractions(mark, scales))
        if corners is None or not _plain(axes):
            return whole
        drawn = _around(axes, corners)
        if drawn is None or mark.element.box is None:
            return whole
        thick = [abs(a - b) for a, b in zip(drawn, mark.element.box, strict=True)]
        part = _around(axes, corners[moved])
        if max(thick) > THICK_PX:
            return whole
        if part is not None:  # None if all of it lies outside of the axes
            left, top, right, bottom = map(float, part)
            pad = float(max(thick))
            found.append((left - pad, top - pad, right + pad, bottom + pad))
    return found or whole


def _shifted(pair: PanelPair, mark: Mark) -> bool:
    """True if the same values lie at other places of the candidate's axes."""
    here, there = fractions(mark, pair.scales), fractions(mark, pair.candidate_scales)
    return bool(np.nan_to_num(np.abs(here - there)).max() > PLACE)


def moved_apart(pair: PanelPair, change: MarkChange) -> list[Box]:
    """The boxes of `moved_boxes`; of each point its own, if two or three moved."""
    places = [fractions(mark, pair.scales) for mark in change.sides]
    if places[0].shape != places[1].shape or places[0].ndim != 2:
        return moved_boxes(pair, change)
    moved = np.flatnonzero(change.moved(pair.scales))
    if not 2 <= len(moved) <= APART:
        return moved_boxes(pair, change)
    every = np.arange(len(places[0]))
    return [box for point in moved for box in moved_boxes(pair, change, every == point)]


def _moved(pair: PanelPair, change: MarkChange, only: Points | None) -> Points | None:
    """Which points moved, with those that lines join to them; None if that is most of them."""
    one, two = change.sides
    before, after = fractions(one, pair.scales), fractions(two, pair.scales)
    as_many = before.shape == after.shape and before.ndim == 2
    if one.role not in ("line", "markers", "area", "errorbars") or not as_many or not len(before):
        return None
    if any(mark.value("count") != len(before) for mark in (one, two)):
        return None  # a sample of them
    moved = change.moved(pair.scales) & (True if only is None else only)
    if not 0 < moved.sum() <= FEW * len(moved):
        return None
    joined = moved.copy()
    if one.role in ("line", "area"):
        joined[1:] |= moved[:-1]
        joined[:-1] |= moved[1:]
    if one.role == "area":
        joined[0] |= moved[-1]
        joined[-1] |= moved[0]
    return np.asarray(joined)


def _corners(mark: Mark, places: Numbers) -> Numbers | None:
    """N x K x 2: the K corners of each point as fractions of the axes; None if they are elsewhere."""
    if mark.role == "errorbars":
        along = [np.column_stack([places[:, 0], places[:, end]]) for end in (1, 2)]
        corners = np.stack(along, axis=1)
        return corners[..., ::-1] if mark.element.data.get("direction") == "x" else corners
    flat = places.shape[1] == 2 and mark.element.data.get("space") in ("data", "x", "y")
    return places[:, None, :] if flat else None


def _plain(axes: Element) -> bool:
    """True if places on paper follow from values by `fractions`."""
    scales = [child.data.get("scale") for child in axes.parts("axis")]
    return axes.data.get("projection") == "rectilinear" and {*scales} <= {"linear", "log"}


def _around(axes: Element, corners: Numbers) -> Box | None:
    """The box in pixels around corners, cut to the axes; None if nothing lies inside."""
    if axes.box is None or not np.isfinite(corners).any(axis=(0, 1)).all():
        return None
    left, top, right, bottom = axes.box
    low, high = (side(corners, axis=(0, 1)) for side in (np.nanmin, np.nanmax))
    if (high < 0).any() or (low > 1).any():
        return None
    (x0, y0), (x1, y1) = low.clip(0, 1), high.clip(0, 1)
    width, height = right - left, bottom - top
    return left + x0 * width, bottom - y1 * height, left + x1 * width, bottom - y0 * height
