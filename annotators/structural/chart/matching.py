"""Pairs the marks of two axes and compares each pair."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.path import Path
from matplotlib.transforms import Bbox
from numpy.typing import NDArray
from scipy.stats import ks_2samp

from annotators.structural.chart.marks import (
    HINTS,
    Mark,
    MarkChange,
    MarkMatch,
    Numbers,
    Scales,
    fractions,
)
from annotators.structural.chart.noticed import THIN, noticed, threshold
from annotators.structural.matching import assign, equal_pairs, leftover
from annotators.structural.severity import colour_distance
from annotators.structural.visibility import CURVE, DEPTH, PLACE
from annotators.structural.why import unsaid, wanted
from renderers.scene import Value

MOST_COMPARED = 120
"""Up to this many unequal marks of one role are paired by cost; more are paired in drawing order."""


def match_marks(reference: Sequence[Mark], candidate: Sequence[Mark], scales: Scales) -> MarkMatch:
    """Pair the marks of two axes: equal ones first, then the nearest in place, look and name."""
    pairs: list[tuple[Mark, Mark]] = []
    rest, other = list(reference), list(candidate)
    # From strict to loose: each pass sees only the marks that earlier passes left.
    slices = _ring_pairs(rest, other)
    pairs += slices
    done = {id(mark) for pair in slices for mark in pair}
    rest = [mark for mark in rest if id(mark) not in done]
    other = [mark for mark in other if id(mark) not in done]
    passes: tuple[Callable[[Mark], str], ...] = (
        lambda mark: mark.key + mark.element.text,
        lambda mark: mark.key,
        lambda mark: mark.role + mark.shape + (mark.element.text or mark.look),
        lambda mark: mark.role + mark.shape if not mark.element.text else f"#{id(mark)}",
    )
    for name in passes:
        found = equal_pairs([name(mark) for mark in rest], [name(mark) for mark in other])
        pairs += [(rest[i], other[j]) for i, j in found]
        rest = [rest[i] for i in leftover(len(rest), [i for i, _ in found])]
        other = [other[j] for j in leftover(len(other), [j for _, j in found])]
    if _are_tiles(rest) and _are_tiles(other):
        looks = [Counter(mark.look for mark in marks) for marks in (rest, other)]
        alone = {look for look, count in looks[0].items() if count == looks[1].get(look) == 1}
        found = equal_pairs(
            [mark.look if mark.look in alone else f"<{mark.index}" for mark in rest],
            [mark.look if mark.look in alone else f">{mark.index}" for mark in other],
        )
        pairs += [(rest[i], other[j]) for i, j in found]
        rest = [rest[i] for i in leftover(len(rest), [i for i, _ in found])]
        other = [other[j] for j in leftover(len(other), [j for _, j in found])]
    by_kind: dict[str, tuple[list[Mark], list[Mark]]] = defaultdict(lambda: ([], []))
    rings = [{_ring(mark) for mark in marks} - {""} for marks in (reference, candidate)]
    ringed = rings[0] == rings[1] and len(rings[0]) > 1
    for side, marks in enumerate((rest, other)):
        for mark in marks:
            by_kind[mark.kind + (_ring(mark) if ringed else "")][side].append(mark)
    missing: list[Mark] = []
    extra: list[Mark] = []
    for mine, theirs in by_kind.values():
        if max(len(mine), len(theirs)) > MOST_COMPARED:
            found = [(i, i) for i in range(min(len(mine), len(theirs)))]
        else:
            found = assign(_distances(mine, theirs, scales), limit=1.0)
        pairs += [(mine[i], theirs[j]) for i, j in found]
        missing += [mine[i] for i in leftover(len(mine), [i for i, _ in found])]
        extra += [theirs[j] for j in leftover(len(theirs), [j for _, j in found])]
    equal: list[tuple[Mark, Mark]] = []
    changed: list[MarkChange] = []
    for one, two in sorted(pairs, key=lambda pair: pair[0].index):
        change = compare(one, two, scales)
        if change.geometry or change.style:
            changed.append(change)
        else:
            equal.append((one, two))
    missing.sort(key=lambda mark: mark.index)
    extra.sort(key=lambda mark: mark.index)
    return MarkMatch(equal, changed, missing, extra)


def _ring_pairs(mine: Sequence[Mark], theirs: Sequence[Mark]) -> list[tuple[Mark, Mark]]:
    """Pairs of slices of rings with equally many slices, in drawing order, if most kept their style.

    A slice is identified by color and order, not by place: if one grows, all others move.
    """
    rings: list[dict[str, list[Mark]]] = []
    for marks in (mine, theirs):
        found: dict[str, list[Mark]] = defaultdict(list)
        for mark in marks:
            if mark.role == "wedge":
                found[f"{_ring(mark)} {mark.element.data.get('center')}"].append(mark)
        rings.append(found)
    pairs: list[tuple[Mark, Mark]] = []
    for ring, ours in rings[0].items():
        others = rings[1].get(ring, [])
        alike = sum(one.look == two.look for one, two in zip(ours, others, strict=False))
        if len(ours) == len(others) and alike * 2 > len(ours):
            pairs += zip(ours, others, strict=True)
    return pairs


def _ring(mark: Mark) -> str:
    """The ring of a slice; empty for other marks."""
    data = mark.element.data
    return f" {data.get('radius')} {data.get('width')}" if mark.role == "wedge" else ""


def _are_tiles(marks: Sequence[Mark]) -> bool:
    """True for rectangles of different widths that are identified by their style, as in a tree map."""
    bars = [mark for mark in marks if mark.role == "bar" and len(mark.span) == 4]
    widths = [mark.thickness for mark in bars]
    feet = {round(mark.foot, 9) for mark in bars}
    return len(bars) == len(marks) > 1 and max(widths) > 1.05 * min(widths) and len(feet) > 1


def _distances(mine: Sequence[Mark], theirs: Sequence[Mark], scales: Scales) -> Numbers:
    """R x C distances: 0 for equal marks, over 1 for marks that do not match at all."""
    looks = {
        (one.look, two.look): look_distance(one, two)
        for one in {mark.look: mark for mark in mine}.values()
        for two in {mark.look: mark for mark in theirs}.values()
    }
    alike = np.array([[looks[one.look, two.look] for two in theirs] for one in mine])
    names = np.array(
        [[_name_distance(one.element.text, two.element.text) for two in theirs] for one in mine]
    )
    if mine and theirs and all(mark.role == "bar" for mark in (*mine, *theirs)):
        places = _bar_distances(mine, theirs, scales)
    else:
        places = np.array([[place_distance(one, two, scales) for two in theirs] for one in mine])
    return np.asarray(0.6 * places + 0.35 * alike + names)


def _name_distance(before: str, after: str) -> float:
    return 0.0 if before == after else 0.35 if before and after else 0.1


def look_distance(one: Mark, two: Mark) -> float:
    """0 for equal styles, 1 for completely different ones."""
    if one.look == two.look:
        return 0.0
    first, second = one.element.style, two.element.style
    total = 0.0
    for key in sorted(first.keys() | second.keys()):
        before, after = first.get(key), second.get(key)
        if before == after:
            continue
        if _is_colour(before) and _is_colour(after):
            total += 0.15 + 0.35 * min(1.0, colour_distance(str(before), str(after)) / 50)
        else:
            total += 0.15
    return min(1.0, total)


def _bar_distances(mine: Sequence[Mark], theirs: Sequence[Mark], scales: Scales) -> Numbers:
    """`place_distance` of all bars of one direction."""
    ends = [np.array([fractions(mark, scales) for mark in marks]) for marks in (mine, theirs)]
    gap = np.nan_to_num(np.abs(ends[0][:, None] - ends[1][None]), nan=1.0).clip(max=1.0)
    along = mine[0].along
    across = (2.5 * (gap[..., 1 - along] + gap[..., 3 - along])).clip(max=1.0)
    apart = 0.75 * across + 0.15 * gap[..., along + 2] + 0.1 * gap[..., along]
    spaces = [
        np.array([str(mark.element.data.get("space")) for mark in marks])
        for marks in (mine, theirs)
    ]
    return np.where(spaces[0][:, None] != spaces[1][None], 1.0, apart)


def place_distance(one: Mark, two: Mark, scales: Scales) -> float:
    """0 for the same place, 1 for the distance of one axis length."""
    if one.shape == two.shape:
        return 0.0
    if one.element.data.get("space") != two.element.data.get("space"):
        return 1.0
    if one.role == "wedge":
        gaps = [abs(one.value(key) - two.value(key)) / 360 for key in ("start", "turn")]
        return min(1.0, sum(gaps))
    if one.role == "box":
        at = abs(one.value("at") - two.value("at"))
        width = max(one.value("width"), 1e-9)
        return min(1.0, 0.4 * at / width + (0.1 if one.shape != two.shape else 0.0))
    first, second = fractions(one, scales), fractions(two, scales)
    if len(first) and first.shape == second.shape:
        return float(min(1.0, np.nan_to_num(np.abs(first - second), nan=1.0).mean() * 2))
    if len(first) and len(second):
        low = np.abs(np.nanmin(first, axis=0) - np.nanmin(second, axis=0))
        high = np.abs(np.nanmax(first, axis=0) - np.nanmax(second, axis=0))
        return float(min(1.0, 0.25 + np.nan_to_num(low + high, nan=1.0).mean()))
    return 0.4


def _is_colour(value: Value) -> bool:
    return isinstance(value, str) and value.startswith("#")


def compare(one: Mark, two: Mark, scales: Scales) -> MarkChange:
    """Compare two paired marks; None if nothing differs."""
    change = MarkChange(one, two)
    if one.shape != two.shape:
        change.geometry = not same_shape(one, two, scales)
    if one.look != two.look:
        first, second = one.element.style, two.element.style
        for key in sorted(first.keys() | second.keys()):
            before, after = first.get(key), second.get(key)
            if key.startswith("flier_") and (before is None or after is None):
                continue  # outliers in one chart only: their number is compared elsewhere
            thin = one.role not in FILLED or key in THIN
            if noticed(key, before, after, thin=thin):
                change.style[key] = (before, after)
            elif before != after and wanted():
                words = f"{two.name}: {key.replace('_', ' ')} {_short(after)} instead of {_short(before)}"
                unsaid(words, threshold(key, before, thin=thin))
    if one.shape != two.shape and not change.geometry and wanted():
        unsaid(f"{two.name}: its place", f"one is noticed from {PLACE:.1%} of an axis")
    return change


def _short(value: Value) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


FILLED = frozenset(("bar", "area", "areas", "wedge", "box", "heatmap", "surface"))
"""Marks whose faces cover an area."""


def _all_of_one_colour(one: Mark, two: Mark) -> bool:
    """True for lines at one place that are colored piece by piece in one chart only."""
    first, second = one.element.data, two.element.data
    if one.role != "segments" or ("values_hash" in first) == ("values_hash" in second):
        return False
    ranges = [(first.get(key), second.get(key)) for key in ("x_range", "y_range")]
    return all(before is not None and before == after for before, after in ranges)


COLOURED = frozenset(("values", "values_hash", "low", "high"))

PLACES = frozenset(("x", "y", "z", "span", "at", "low", "high", "q1", "median", "q3", "width"))


def same_shape(one: Mark, two: Mark, scales: Scales) -> bool:
    """True if a difference of the numbers is not visible."""
    first, second = one.element.data, two.element.data
    if _all_of_one_colour(one, two):
        return True
    if one.role == "wedge":
        return _same_slice(one, two)
    if same_curve(one, two, scales) or _same_cloud(one, two):
        return True
    coloured = ("values_hash" in first) != ("values_hash" in second)
    for key in first.keys() | second.keys():
        if key in HINTS or first.get(key) == second.get(key):
            continue
        if coloured and key in COLOURED:
            continue  # one color for all values is a style
        if one.role == "contour" and ("labels" in first) != ("labels" in second):
            # Labels interrupt the lines, so only levels and extents can be compared.
            if key == "labels":
                return False
            if key in ("hash", "count") or key.endswith("_range"):
                continue
        if key in ("hash", "x_range", "y_range", "z_range") and "count" in first:
            # A hash proves a change that samples may miss; compare bounds only where there is none.
            if key == "hash":
                return False
            continue
        before, after = one.column(key), two.column(key)
        if not len(before) or before.shape != after.shape:
            return False
        if key == "values" and one.role == "heatmap":
            if not cells_alike(one, two).all():
                return False
            continue
        if key in PLACES and first.get("space") == second.get("space"):
            continue
        if not np.allclose(before, after, rtol=1e-6, atol=0, equal_nan=True):
            return False
    places, others = fractions(one, scales), fractions(two, scales)
    if places.shape != others.shape:
        return False
    if not places.size:
        return all(
            np.allclose(one.column(key), two.column(key), rtol=1e-6, atol=0, equal_nan=True)
            for key in PLACES & first.keys()
        )
    least = PLACE * (DEPTH if first.get("space") == "3d" else 1)
    return bool(np.nanmax(np.nan_to_num(np.abs(places - others), nan=0.0)) <= least) and (
        bool((np.isnan(places) == np.isnan(others)).all())
    )


def cells_alike(one: Mark, two: Mark) -> NDArray[np.bool_]:
    """For each cell, whether two heatmaps of one size show the same value by color."""
    before, after = one.column("values"), two.column("values")
    reach = abs(one.value("high") - one.value("low"))
    least = CELL * reach if np.isfinite(reach) else 0.0
    return np.isclose(before, after, rtol=1e-6, atol=least, equal_nan=True)


CELL = 0.01
"""Least noticed difference of two cells, as a share of the color range."""

ANGLE = 0.6
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
    if (
        one.role not in ("line", "area")
        or one.element.style.get("marker")
        or two.element.style.get("marker")
    ):
        return False
    if one.element.data.get("space") != two.element.data.get("space"):
        return False
    first, second = fractions(one, scales), fractions(two, scales)
    if min(len(first), len(second)) < 3 or first.shape[1:] != (2,) or second.shape[1:] != (2,):
        return False
    first, second = first[np.isfinite(first).all(axis=1)], second[np.isfinite(second).all(axis=1)]
    if one.role == "area":
        first, second = in_view(first), in_view(second)
    if min(len(first), len(second)) < 3:
        return False
    # The ends of a sampled curve are cheap to compare and usually suffice.
    if np.abs(first[[0, -1]] - second[[0, -1]]).max() > 0.02 and one.role == "line":
        return False
    return max(off_curve(first, second), off_curve(second, first)) <= CURVE


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
    sizes = [style.get("marker_size"), style.get("marker_edge_width")]
    across = sum(float(size) for size in sizes if isinstance(size, int | float))
    room = max(1.0, (box[2] - box[0]) * (box[3] - box[1])) if box else np.inf
    return float(mark.value("count") * across**2 / room)


def in_view(points: Numbers) -> Numbers:
    """The outline of an area, clipped to its axes."""
    if ((points >= 0) & (points <= 1)).all():
        return points
    # shapely drops corners within a tenth of its unit: with 1e-4 no visible corner is lost.
    seen = Path(points * 1e4).clip_to_bbox(Bbox.from_extents(0, 0, 1e4, 1e4)).to_polygons()
    return np.asarray(seen[0]) / 1e4 if len(seen) == 1 else points


def off_curve(points: Numbers, curve: Numbers) -> float:
    """The largest distance of points from a polyline."""
    start, along = curve[:-1], np.diff(curve, axis=0)
    square = (along**2).sum(axis=1)
    gap = points[:, None, :] - start[None, :, :]
    share = (gap * along).sum(axis=2) / np.where(square > 0, square, 1.0)
    share = np.clip(share, 0.0, 1.0)
    far = gap - share[:, :, None] * along
    return float(np.sqrt((far**2).sum(axis=2)).min(axis=1).max())
