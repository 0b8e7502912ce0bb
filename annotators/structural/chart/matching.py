"""Pairs the marks of two axes and compares each pair."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from annotators.structural.chart.marks import (
    Mark,
    MarkChange,
    MarkMatch,
    Numbers,
    Scales,
    fractions,
    is_straight,
    with_points,
)
from annotators.structural.chart.noticed import THIN, is_color, noticed, threshold
from annotators.structural.chart.same_shape import same_shape
from annotators.structural.chart.words import main_color
from annotators.structural.matching import assign, equal_pairs, grouped, leftover, paired
from annotators.structural.severity import color_distance
from annotators.structural.visibility import (
    COLORS_OF_AREAS,
    COLORS_OF_MARKERS,
    PLACE,
    color_noticed,
    size_noticed,
)
from annotators.structural.why import unsaid, wanted
from renderers.scene import Value, length_of

Style = dict[str, Value]

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
        alike, rest, other = paired(rest, other, found)
        pairs += alike
    if are_tiles(rest) and are_tiles(other):
        looks = [Counter(mark.look for mark in marks) for marks in (rest, other)]
        alone = {look for look, count in looks[0].items() if count == looks[1].get(look) == 1}
        found = equal_pairs(
            [mark.look if mark.look in alone else f"<{mark.index}" for mark in rest],
            [mark.look if mark.look in alone else f">{mark.index}" for mark in other],
        )
        alike, rest, other = paired(rest, other, found)
        pairs += alike
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
            found = _in_drawing_order(mine, theirs)
        else:
            found = assign(_distances(mine, theirs, scales), limit=1.0)
        kept, gone, new = paired(mine, theirs, found)
        pairs, missing, extra = pairs + kept, missing + gone, extra + new
    changes = [
        compare(one, _in_order_of(one, two, scales), scales)
        for one, two in sorted(pairs, key=lambda pair: pair[0].index)
    ]
    _see_together(changes)
    changed = [change for change in changes if change.geometry or change.style]
    equal = [(one.before, one.after) for one in changes if not (one.geometry or one.style)]
    missing.sort(key=lambda mark: mark.index)
    extra.sort(key=lambda mark: mark.index)
    return MarkMatch(equal, changed, missing, extra)


def _in_drawing_order(mine: Sequence[Mark], theirs: Sequence[Mark]) -> list[tuple[int, int]]:
    """Pairs of marks of one name, or without names of one look, and then of those that are left."""
    found = equal_pairs(
        [mark.element.text or mark.look for mark in mine],
        [mark.element.text or mark.look for mark in theirs],
    )
    rest = leftover(len(mine), [i for i, _ in found])
    return [*found, *zip(rest, leftover(len(theirs), [j for _, j in found]), strict=False)]


NEAR = 0.01
"""Lengths of an axis within which most points of two clouds have a counterpart if they are the same."""


def _in_order_of(one: Mark, two: Mark, scales: Scales) -> Mark:
    """Points in the order of those they stand at: nobody sees from which end a line was drawn, or
    which point of a cloud first."""
    kept = one.role in ("line", "markers") and one.shape != two.shape
    if not kept or "hash" in one.element.data or "hash" in two.element.data:
        return two
    before, after = fractions(one, scales), fractions(two, scales)
    if before.shape != after.shape or len(before) < 2:
        return two
    before, after = np.nan_to_num(before, nan=9.0), np.nan_to_num(after, nan=9.0)
    if one.role == "line":
        ways = _ways_along(before, after)
        order = min(ways, key=lambda way: float(np.abs(before - after[way]).sum()))
    elif ranked := [
        order for axis in (0, 1) for order in _by_rank(before[:, axis], after[:, axis])
    ]:
        order = min(ranked, key=lambda way: float(np.abs(before - after[way]).sum()))
    else:
        gaps = np.linalg.norm(before[:, None] - after[None], axis=2)
        _, order = linear_sum_assignment(gaps)
        met = gaps[np.arange(len(order)), order]
        if np.median(met) > NEAR or (met > PLACE).sum() >= (np.diag(gaps) > PLACE).sum():
            return two
    if (order == np.arange(len(order))).all():
        return two
    data = with_points(two.element.data, order.tolist(), len(order))
    return Mark(two.element.having(data=data), two.index, two.name)


def _by_rank(before: Numbers, after: Numbers) -> Iterator[NDArray[np.int64]]:
    """The order in which points stand at the same places of one axis, such as one at each name, if there
    is one."""
    ranks, others = np.argsort(before), np.argsort(after)
    places = before[ranks]
    if np.diff(places).min() > PLACE and np.abs(places - after[others]).max() <= PLACE:
        order = np.empty_like(ranks)
        order[ranks] = others
        yield order


def _ways_along(before: Numbers, after: Numbers) -> list[NDArray[np.int64]]:
    """Orders of the points of a line that look alike: from either end, and around a closed line from
    the corner where the other one begins; as given first."""
    ways = [np.arange(len(after)), np.arange(len(after))[::-1]]
    if len(after) > 3 and all(
        np.abs(line[0] - line[-1]).max() <= PLACE for line in (before, after)
    ):
        start = int(np.abs(after[:-1] - before[0]).sum(axis=1).argmin())
        around = np.roll(np.arange(len(after) - 1), -start)
        for way in (around, np.roll(around[::-1], 1)):
            ways.append(np.append(way, way[0]))
    return ways


def _ring_pairs(mine: Sequence[Mark], theirs: Sequence[Mark]) -> list[tuple[Mark, Mark]]:
    """Pairs of slices of rings with equally many slices, in drawing order, if most kept their style.

    A slice is identified by color and order, not by place: if one grows, all others move.
    """
    rings = [
        grouped(
            (mark for mark in marks if mark.role == "wedge"),
            lambda mark: f"{_ring(mark)} {mark.element.data.get('center')}",
        )
        for marks in (mine, theirs)
    ]
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


def are_tiles(marks: Sequence[Mark]) -> bool:
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
    texts = [[mark.element.text for mark in marks] for marks in (mine, theirs)]
    names = np.array([
        [0.0 if one == two else 0.35 if one and two else 0.1 for two in texts[1]] for one in texts[0]
    ])  # fmt: skip
    if mine and theirs and all(mark.role == "bar" for mark in (*mine, *theirs)):
        places = _bar_distances(mine, theirs, scales)
    else:
        places = np.array([[place_distance(one, two, scales) for two in theirs] for one in mine])
        if places.size:
            # A mark in the same place and color is the same, whatever its legend calls it.
            names = np.where((places < 2 * PLACE) & _of_one_tint(mine, theirs), names / 4, names)
    return np.asarray(0.6 * places + 0.35 * alike + names)


def _of_one_tint(mine: Sequence[Mark], theirs: Sequence[Mark]) -> NDArray[np.bool_]:
    """R x C: True if the main colors of two marks cannot be told apart."""
    tints = [[main_color(mark.element) for mark in marks] for marks in (mine, theirs)]
    known = {
        (one, two): one == two or bool(one and two and not color_noticed(one, two, thin=True))
        for one in set(tints[0])
        for two in set(tints[1])
    }
    return np.array([[known[one, two] for two in tints[1]] for one in tints[0]])


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
        if is_color(before) and is_color(after):
            total += 0.15 + 0.35 * min(1.0, color_distance(str(before), str(after)) / 50)
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


APART = 2.0
"""Distance of a level or upright line from any other, which keeps them from being paired."""


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
    if is_straight(one) != is_straight(two) and not one.element.text == two.element.text != "":
        return APART
    first, second = fractions(one, scales), fractions(two, scales)
    if len(first) and first.shape == second.shape:
        ways = (second, second[::-1]) if one.role == "line" else (second,)
        apart = min(np.nan_to_num(np.abs(first - way), nan=1.0).mean() for way in ways)
        return float(min(1.0, apart * 2))
    if len(first) and len(second):
        low = np.abs(np.fmin.reduce(first) - np.fmin.reduce(second))
        high = np.abs(np.fmax.reduce(first) - np.fmax.reduce(second))
        return float(min(1.0, 0.25 + np.nan_to_num(low + high, nan=1.0).mean()))
    return 0.4


def compare(one: Mark, two: Mark, scales: Scales) -> MarkChange:
    """What differs between two paired marks."""
    change = MarkChange(one, two)
    if one.shape != two.shape:
        change.geometry = not same_shape(one, two, scales)
    if one.look != two.look:
        first, second = _discs(one.element.style, two.element.style)
        for key in sorted(first.keys() | second.keys()):
            before, after = first.get(key), second.get(key)
            if key.startswith("flier_") and not (
                "flier_marker" in first and "flier_marker" in second
            ):
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


def _see_together(changes: Sequence[MarkChange]) -> None:
    """Add the colors of fills that nobody would notice alone, if those of several series differ."""
    for role, key in (*((role, "face") for role in sorted(FILLED)), ("markers", "marker_face")):
        least = COLORS_OF_AREAS if key == "face" else COLORS_OF_MARKERS
        hues: dict[tuple[str, str], list[MarkChange]] = defaultdict(list)
        for change in changes:
            if change.before.role == role:
                before, after = (str(mark.element.style.get(key) or "") for mark in change.sides)
                hues[before, after].append(change)
        seen = [both for both in hues if all(both) and color_distance(*both) >= least]
        if len(seen) > 1 and len(hues) < SHADES:
            for both in seen:
                for change in hues[both]:
                    if not change.style.keys() & THIN:
                        change.style.setdefault(key, both)


SHADES = 6
"""From so many colors on, they show values, like a color map."""


def _discs(one: Style, two: Style) -> tuple[Style, Style]:
    """Styles of two marks, with the sizes of their markers as seen if they differ and only one has
    a white outline.

    An outline in another color than white makes a marker larger, a white one smaller.
    """
    pale = [str(style.get("marker_edge"))[:7] == "#ffffff" for style in (one, two)]
    sizes = [length_of(style, "marker_size") for style in (one, two)]
    if pale[0] == pale[1] or not size_noticed(*sizes):
        return one, two
    seen = [
        size + length_of(style, "marker_edge_width") * (-1 if white else 1)
        for style, size, white in zip((one, two), sizes, pale, strict=True)
    ]
    return one | {"marker_size": seen[0]}, two | {"marker_size": seen[1]}


def _short(value: Value) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


FILLED = frozenset(("bar", "area", "areas", "wedge", "box", "heatmap", "surface"))
"""Marks whose faces cover an area."""
