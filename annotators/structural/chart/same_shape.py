"""Whether anybody sees that the numbers of two marks differ: by places, curves, clouds, cells and slices."""

from __future__ import annotations

from collections import Counter

import numpy as np
from matplotlib.path import Path
from matplotlib.transforms import Bbox
from numpy.typing import NDArray
from scipy.stats import ks_2samp

from annotators.structural.chart.marks import (
    HINTS,
    AxisScale,
    Mark,
    Numbers,
    Scales,
    fractions,
    least_noticed,
)
from annotators.structural.chart.same_surface import MANY, UNBROKEN, same_surface
from annotators.structural.chart.seen.drawn import without_spikes
from annotators.structural.visibility import CURVE, DEPTH, PLACE, size_noticed
from renderers.scene import Value, length_of


def _all_of_one_color(one: Mark, two: Mark) -> bool:
    """True for lines at one place that are colored piece by piece in one chart only."""
    first, second = one.element.data, two.element.data
    if one.role != "segments" or ("values_hash" in first) == ("values_hash" in second):
        return False
    ranges = [(first.get(key), second.get(key)) for key in ("x_range", "y_range")]
    return all(before is not None and before == after for before, after in ranges)


COLORED = frozenset(("values", "values_hash", "low", "high"))

PLACES = frozenset(("x", "y", "z", "span", "at", "low", "high", "q1", "median", "q3", "width"))


def same_shape(one: Mark, two: Mark, scales: Scales) -> bool:
    """True if a difference of the numbers is not visible."""
    first, second = one.element.data, two.element.data
    if _all_of_one_color(one, two):
        return True
    if one.role == "wedge":
        return _same_slice(one, two)
    ends = [(mark.value("low"), mark.value("high")) for mark in (one, two)]
    if one.role == "heatmap" and ends[0] != ends[1]:
        before, after = one.column("values"), two.column("values")
        if before.shape == after.shape and np.allclose(before, after, rtol=1e-6, equal_nan=True):
            return False
    if one.role == "contour":
        return _same_contour(one, two, scales)
    if same_curve(one, two, scales) or _same_cloud(one, two) or same_surface(one, two, scales):
        return True
    if one.role in LOOSE and _in_other_order(first, second):
        return True
    colored = ("values_hash" in first) != ("values_hash" in second)
    for key in first.keys() | second.keys():
        if key in HINTS or first.get(key) == second.get(key):
            continue
        if colored and key in COLORED:
            continue  # one color for all values is a style
        if key in ("hash", "x_range", "y_range", "z_range") and "count" in first:
            # A hash proves a change that samples may miss; compare bounds only where there is none.
            if key == "hash":
                return False
            continue
        if key == "sizes_hash" and {"sizes"} <= first.keys() & second.keys():
            continue
        if not _same_column(key, one, two, scales):
            return False
    return _same_places(one, two, scales)


def _same_column(key: str, one: Mark, two: Mark, scales: Scales) -> bool:
    """True if nobody sees that the numbers of one kind differ; places are compared all together."""
    before, after = one.column(key), two.column(key)
    if not len(before) or before.shape != after.shape:
        return False
    if one.role == "box":
        return _same_part(key, before, after, scales[one.orientation == "vertical"])
    if key == "sizes":
        return not any(map(size_noticed, before, after))
    if key == "values" and one.role == "heatmap":
        return bool(cells_alike(one, two).all())
    in_one_space = one.element.data.get("space") == two.element.data.get("space")
    return (key in PLACES and in_one_space) or np.allclose(
        before, after, rtol=1e-6, atol=0, equal_nan=True
    )


def _same_places(one: Mark, two: Mark, scales: Scales) -> bool:
    """True if no point, end or level lies noticeably elsewhere."""
    first = one.element.data
    places, others = fractions(one, scales), fractions(two, scales)
    if places.shape != others.shape:
        return False
    if not places.size:
        return all(
            np.allclose(one.column(key), two.column(key), rtol=1e-6, atol=0, equal_nan=True)
            for key in PLACES & first.keys()
        )
    least = least_noticed(one, scales) * (DEPTH if first.get("space") == "3d" else 1)
    return bool((np.nan_to_num(np.abs(places - others), nan=0.0) <= least).all()) and (
        bool((np.isnan(places) == np.isnan(others)).all())
    )


LOOSE = frozenset(("markers", "arrows"))
"""Marks whose parts have no order that is seen."""


def _in_other_order(first: dict[str, Value], second: dict[str, Value]) -> bool:
    """True for the same points, or arrows, given in another order."""
    count = first.get("count")
    keys = {key for key in first if isinstance(first[key], list)}
    if keys != {key for key in second if isinstance(second[key], list)} or not keys:
        return False
    if any(first.get(key) != second.get(key) for key in (first.keys() | second.keys()) - keys):
        return False
    rows: list[Counter[tuple[object, ...]]] = []
    for data in (first, second):
        columns = [value for key in sorted(keys) if isinstance(value := data[key], list)]
        if any(len(column) != count for column in columns):
            return False
        rows.append(Counter(zip(*columns, strict=True)))
    return rows[0] == rows[1]


def _same_part(key: str, before: Numbers, after: Numbers, scale: AxisScale) -> bool:
    """True if nobody sees that a part of a box differs: width and caps, or values on its axis."""
    if key in ("width", "cap"):
        return not size_noticed(before[0], after[0], BOX_WIDTH)
    if key in ("mean", "fliers"):
        gaps = scale.fractions(np.sort(before)) - scale.fractions(np.sort(after))
        return bool(np.nanmax(np.abs(gaps), initial=0.0) <= scale.place)
    if key in PLACES:
        return True  # compared with all places
    return bool(np.allclose(before, after, rtol=1e-6, atol=0, equal_nan=True))


BOX_WIDTH = 1.15
"""Least noticed ratio of the widths of boxes, which follow from the room between the categories."""


def _same_contour(one: Mark, two: Mark, scales: Scales) -> bool:
    """True if the lines run in one place; they break where their numbers stand.

    Levels are only compared if no lines are drawn: that of a line which barely enters is not seen.
    """
    first, second = one.element.data, two.element.data
    if first.get("labels") != second.get("labels") or first.get("space") != second.get("space"):
        return False
    lines = _pieces(fractions(one, scales)), _pieces(fractions(two, scales))
    if not all(map(len, lines)):
        levels = one.column("levels"), two.column("levels")
        return levels[0].shape == levels[1].shape and bool(
            np.allclose(*levels, rtol=1e-6, atol=1e-12)
        )
    gaps = np.concatenate([gaps_to(*lines), gaps_to(*lines[::-1])])
    least = CURVE + max(mark.value("grain") for mark in (one, two))
    if "labels" not in first:
        return bool(gaps.max() <= least)
    return bool(gaps.max() <= GAP and np.mean(gaps <= least) >= UNBROKEN)


def _pieces(points: Numbers) -> Numbers:
    """Lines between rows of NaN, without those too short to be noticed."""
    breaks = np.isnan(points).any(axis=1)
    parts = [part for part in np.split(points, np.flatnonzero(breaks)) if len(part) > 2]
    kept = [
        part for part in parts if np.linalg.norm(part[1] - part[-1]) > PIECE or len(part) > MANY
    ]
    return np.concatenate(kept) if kept else points[:0]


PIECE = 0.03
"""Least noticed length of a line on its own, as a share of the axes, unless it has many corners."""

GAP = 0.1
"""Lengths of an axis that a line may be interrupted for a number that stands on it."""


def cells_alike(one: Mark, two: Mark) -> NDArray[np.bool_]:
    """For each cell, whether two heatmaps show the same value by color; none does in one of another size."""
    before, after = one.column("values"), two.column("values")
    if before.shape != after.shape:
        return np.zeros(before.shape, bool)
    reach = abs(one.value("high") - one.value("low"))
    least = CELL * reach if np.isfinite(reach) else 0.0
    alike = np.isclose(before, after, rtol=1e-6, atol=least, equal_nan=True)
    tints = _tints(one), _tints(two)
    if alike.all() or tints[0] is None or tints[1] is None:
        return alike
    colored = np.nan_to_num(np.linalg.norm(tints[0] - tints[1], axis=1), nan=1e9) < TINT
    return colored if colored.sum() > alike.sum() else alike


TINT = 6.0
"""Distance in RGB (0 to 255 each) below which nobody sees that two cells differ in color."""


def _tints(mark: Mark) -> Numbers | None:
    """Color of each cell, N x 3; None where colors do not run evenly from the lowest value."""
    ramp, values = mark.element.style.get("ramp"), mark.column("values")
    low, high = mark.value("low"), mark.value("high")
    if not isinstance(ramp, list) or "norm" in mark.element.data or not high > low:
        return None
    colors = np.array([[int(str(c)[i : i + 2], 16) for i in (1, 3, 5)] for c in ramp], float)
    place = np.clip((values - low) / (high - low), 0, 1) * (len(colors) - 1)
    if len({*map(str, ramp)}) <= len(ramp) // 2:  # a few plain colors
        return np.where(np.isnan(place)[:, None], np.nan, colors[np.nan_to_num(place).astype(int)])
    steps = np.arange(len(colors))
    return np.column_stack([np.interp(place, steps, colors[:, i]) for i in range(3)])


CELL = 0.01
"""Least noticed difference of two cells, as a share of the color range."""

ANGLE = 1.2
"""Least noticed rotation of the edge of a slice, in degrees."""


def _same_slice(one: Mark, two: Mark) -> bool:
    first, second = one.element.data, two.element.data
    if any(abs(one.value(key) - two.value(key)) > ANGLE for key in ("start", "turn")):
        return False
    for key in ("radius", "width"):
        before, after = first.get(key), second.get(key)
        if (before is None) != (after is None) or abs(one.value(key) - two.value(key)) > 0.01:
            return False
    centers = one.column("center"), two.column("center")
    return bool(
        centers[0].shape == centers[1].shape and (np.abs(centers[0] - centers[1]) < 0.01).all()
    )


def same_curve(one: Mark, two: Mark, scales: Scales) -> bool:
    """True for two lines without markers, or two outlines, that coincide, however they are sampled."""
    if one.role not in ("line", "area"):
        return False
    marked = [bool(mark.element.style.get("marker")) for mark in (one, two)]
    if any(marked) and not (all(marked) and _same_points_in_view(one, two, scales)):
        return False
    if one.element.data.get("space") != two.element.data.get("space"):
        return False
    first, second = fractions(one, scales), fractions(two, scales)
    least = 2 if one.role == "line" else 3
    if first.shape[1:] != (2,) or second.shape[1:] != (2,):
        return False
    first, second = _from_end_to_end(one, first), _from_end_to_end(two, second)
    if min(len(first), len(second)) < least:
        return False
    ends = [(np.nanmin(side), np.nanmax(side)) for side in (first, second)]
    cut = min(low for low, _ in ends) < 0 or max(high for _, high in ends) > 1
    first, second = in_view(one, first), in_view(two, second)
    if min(len(first), len(second)) < least:
        return False
    # The ends of a sampled curve are cheap to compare and usually suffice.
    if (
        one.role == "line"
        and not cut
        and not all(np.abs(line[0] - line[-1]).max() <= PLACE for line in (first, second))
        and min(_ends_apart(first, second), _ends_apart(first, second[::-1])) > 0.02
    ):
        return False
    short = max(1.0, *(scale.place / PLACE for scale in scales[:2]))
    return max(off_curve(first, second), off_curve(second, first)) <= CURVE * short


def _from_end_to_end(mark: Mark, points: Numbers) -> Numbers:
    """The drawn corners of an area; of a line all points between its ends, where it may have gaps."""
    drawn = np.flatnonzero(np.isfinite(points).all(axis=1))
    return points[drawn[0] : drawn[-1] + 1] if mark.role == "line" and len(drawn) else points[drawn]


def _same_points_in_view(one: Mark, two: Mark, scales: Scales) -> bool:
    """True for the markers of lines of which one begins or ends outside of its axes."""
    points = fractions(one, scales), fractions(two, scales)
    if points[0].shape == points[1].shape or any(side.shape[1:] != (2,) for side in points):
        return False
    seen = [side[((side >= -1e-3) & (side <= 1 + 1e-3)).all(axis=1)] for side in points]
    return seen[0].shape == seen[1].shape and bool(
        (np.abs(seen[0] - seen[1]) <= least_noticed(one, scales)).all()
    )


def _ends_apart(first: Numbers, second: Numbers) -> float:
    return float(np.abs(first[[0, -1]] - second[[0, -1]]).max())


SOLID = 4.0
"""Points look like one patch if they cover their bounding box at least this many times."""

SPREAD = 0.15
"""Least noticed change of a cloud of hundreds of points: the largest gap of two cumulative
distributions (Kolmogorov-Smirnov)."""


def _same_cloud(one: Mark, two: Mark) -> bool:
    """True for two sets of hundreds of points with the same distribution, in any order."""
    marks = (one, two)
    if any(mark.role != "markers" or "hash" not in mark.element.data for mark in marks):
        return False
    ends = [np.concatenate([mark.column("x_range"), mark.column("y_range")]) for mark in marks]
    if any(len(end) != 4 for end in ends):
        return False
    reach = np.maximum(np.abs(ends[0][1::2] - ends[0][::2]), 1e-12)
    if (np.abs(ends[0] - ends[1]) > 0.03 * reach.repeat(2)).any():
        return False
    if all(_covered(mark) >= SOLID for mark in marks):
        return True
    counts = [mark.value("count") for mark in marks]
    clouds = [np.column_stack([mark.column("x"), mark.column("y")]) / reach for mark in marks]
    return max(counts) <= 1.2 * min(counts) and all(
        ks_2samp(clouds[0] @ side, clouds[1] @ side).statistic < SPREAD
        for side in ((1, 0), (0, 1), (1, 1), (1, -1))
    )


def _covered(mark: Mark) -> float:
    """How many times points cover their bounding box; sizes are in square pixels."""
    box, style = mark.element.box, mark.element.style
    across = length_of(style, "marker_size") + length_of(style, "marker_edge_width")
    room = max(1.0, (box[2] - box[0]) * (box[3] - box[1])) if box else np.inf
    return float(mark.value("count") * across**2 / room)


def in_view(mark: Mark, points: Numbers) -> Numbers:
    """A line or the outline of an area, clipped to its axes; all of it if nothing lies inside."""
    if ((points >= 0) & (points <= 1)).all():
        return points
    if mark.role == "line":
        return _line_in_view(points) if mark.element.data.get("space") == "data" else points
    # shapely drops corners within a tenth of its unit: with 1e-4 no visible corner is lost.
    seen = Path(points * 1e4).clip_to_bbox(Bbox.from_extents(0, 0, 1e4, 1e4)).to_polygons()
    if len(seen) != 1:
        return points
    # What lies beyond an edge leaves a line along it.
    ring = without_spikes(dict(zip("xy", (np.asarray(seen[0]) / 1e4).T.tolist(), strict=True)))
    return np.array([ring["x"], ring["y"]], dtype=float).T


def _line_in_view(points: Numbers) -> Numbers:
    """The pieces of a line inside of the axes, with rows of NaN between them."""
    start, along = points[:-1], np.diff(points, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.sort(np.stack([-start / along, (1 - start) / along]), axis=0)
    # A line along an edge of the axes crosses the two others only.
    ends[:, along == 0] = np.array([[-np.inf], [np.inf]])
    outside = ((along == 0) & ((start < 0) | (start > 1))).any(axis=1)
    enters, leaves = ends[0].max(axis=1).clip(min=0), ends[1].min(axis=1).clip(max=1)
    drawn = (enters < leaves) & ~outside
    pieces = [start + share[:, None] * along for share in (enters, leaves)]
    rows = np.stack([*pieces, np.full_like(start, np.nan)], axis=1)[drawn].reshape(-1, 2)
    return rows if len(rows) else points


def off_curve(points: Numbers, curve: Numbers) -> float:
    """The largest distance of points from a polyline."""
    return float(gaps_to(points, curve).max())


def gaps_to(points: Numbers, curve: Numbers) -> Numbers:
    """The distance of each point from a polyline, which rows of NaN may interrupt."""
    start, along = curve[:-1], np.diff(curve, axis=0)
    drawn = np.isfinite(along).all(axis=1)
    points, start, along = points[np.isfinite(points).all(axis=1)], start[drawn], along[drawn]
    if not len(points) or not len(along):
        return np.full(1, np.inf)
    square = (along**2).sum(axis=1)
    across, down = (points[:, None, at] - start[None, :, at] for at in (0, 1))
    share = across * along[:, 0] + down * along[:, 1]
    share /= np.where(square > 0, square, 1.0)
    np.clip(share, 0.0, 1.0, out=share)
    across -= share * along[:, 0]
    down -= share * along[:, 1]
    return np.asarray(np.sqrt((across * across + down * down).min(axis=1)))
