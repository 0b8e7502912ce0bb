"""Differences of ticks and of their labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.explained import Explained
from annotators.structural.chart.findings import DATA, STYLE, TEXT, Finding, Place, both, shown
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.titles import changes_of, font
from annotators.structural.chart.words import figure, listed, quoted
from annotators.structural.colors import color_name
from annotators.structural.matching import permuted
from annotators.structural.why import explains, spoken
from records.rows import Box
from renderers.scene import Element, Value

MARK_PX = 12.0
"""Reach of tick marks, on either side of the edge they stand on."""


def ends(axis: Element) -> tuple[float, float]:
    low, high = axis.data.get("low"), axis.data.get("high")
    return (
        (float(low), float(high))
        if isinstance(low, int | float) and isinstance(high, int | float)
        else (0.0, 1.0)
    )


def strings(axis: Element, key: str) -> list[str]:
    value = axis.data.get(key)
    return [str(item or "") for item in value] if isinstance(value, list) else []


def _floats(axis: Element, key: str) -> list[float]:
    value = axis.data.get(key)
    return (
        [float(item) for item in value if isinstance(item, int | float)]
        if isinstance(value, list)
        else []
    )


def tick_findings(
    pair: PanelPair, name: str, one: Element, two: Element, follow: bool, known: Explained
) -> list[Finding]:
    """Tick labels and marks of one axis; ``follow`` where other limits already explain them."""
    where = pair.at(f"{name} axis tick labels")
    mine, theirs = strings(one, "labels"), strings(two, "labels")
    worded, reworded = [t for t in mine if t], [t for t in theirs if t]
    boxes = both(one, two)
    found: list[Finding] = []
    if (
        known.categories
        or known.chart_type
        or (follow and bool(worded) != bool(reworded))
        or (known.layout and bool(worded) != bool(reworded))
        or (name in known.shared and bool(worded) != bool(reworded))
    ):
        return []
    if worded and not reworded:
        return [
            Finding(
                "tick_labels",
                TEXT,
                3 if one.data.get("fixed") else 2,
                where,
                "are missing",
                shown(one, None),
                same="gone",
                direction=name,
            )
        ]
    if reworded and not worded:
        return [
            Finding(
                "tick_labels",
                TEXT,
                1,
                where,
                "are extra",
                shown(None, two),
                same="extra",
                direction=name,
            )
        ]
    fixed = bool(one.data.get("fixed")) and bool(two.data.get("fixed"))
    here, there = _floats(one, "ticks"), _floats(two, "ticks")
    length = abs(ends(one)[1] - ends(one)[0]) or 1.0
    if known.data and two.data.get("auto") and _cut_off(one, two):
        explains(
            "ticks_follow_limits", known.because, spoken(where, "fewer, since the axis is shorter")
        )
        return []
    same_places = len(here) == len(there) and all(
        abs(x - y) <= 1e-3 * length for x, y in zip(here, there, strict=True)
    )
    placed = bool(one.data.get("placed")) or bool(two.data.get("placed"))
    resized = not placed and not fixed and _resized(pair, name)
    if known.chart_type or (not same_places and (resized or (known.data and not placed))):
        pass
    elif (
        placed
        and not same_places
        and len(here) == len(there)
        and not follow
        and not _other_words(worded, reworded)
    ):
        found += _ticks_moved(pair, name, one, two, here, there)
    elif worded != reworded and (fixed or not follow):
        found += _relabelled(name, one, two, mine, theirs, same_places, where)
    elif not same_places and not follow and here and there:
        words = _tick_words(here, there)
        found.append(
            Finding(
                "ticks",
                TEXT,
                1,
                pair.at(f"{name} axis ticks"),
                words,
                boxes,
                same=words,
                direction=name,
            )
        )
    changed = changes_of(one, two)
    labels = {
        key[6:]: value
        for key, value in changed.items()
        if key.startswith("label_") and key != "label_colors"
    }
    if worded and reworded and labels:
        first = Element(
            "tick_labels", one.box, "", {key: before for key, (before, _) in labels.items()}
        )
        second = Element(
            "tick_labels", two.box, "", {key: after for key, (_, after) in labels.items()}
        )
        cut = font("tick", first, second, where, name)
        # Other labels altogether come with a cut of their own.
        kept = set(worded) & set(reworded)
        found += [one for one in cut if kept or one.kind == "tick_rotation"]
    elif "label_colors" in changed:
        found.append(
            Finding("tick_colour", STYLE, 1, where, "have other colors", boxes, direction=name)
        )
    marks = {key: value for key, value in changed.items() if key.startswith("tick_")}
    if marks:
        if all(None in value for value in marks.values()):
            gone = all(after is None for _, after in marks.values())
            words = f"tick marks are {'missing' if gone else 'extra'}"
        else:
            key, (before, after) = next(iter(marks.items()))
            words = f"{key.replace('_', ' ')} {_plain(after)} instead of {_plain(before)}"
        found.append(
            Finding(
                "tick_marks",
                STYLE,
                1,
                pair.at(f"{name} axis ticks"),
                words,
                [*boxes, *_marked(pair, name, one, two)] or shown(pair.reference, pair.candidate),
                same=words,
                direction=name,
            )
        )
    if bool(one.data.get("minor")) != bool(two.data.get("minor")) and not follow:
        words = f"minor ticks are {'missing' if one.data.get('minor') else 'extra'}"
        found.append(
            Finding(
                "minor_ticks",
                STYLE,
                1,
                pair.at(f"{name} axis"),
                words,
                [*boxes, *_marked(pair, name, one, two)] or shown(pair.reference, pair.candidate),
                same=words,
                direction=name,
            )
        )
    if one.data.get("sides") != two.data.get("sides") and worded and reworded:
        found.append(
            Finding(
                "tick_place",
                TEXT,
                2,
                where,
                "stand on the other side",
                boxes,
                same="side",
                direction=name,
            )
        )
    return found


def _marked(pair: PanelPair, name: str, one: Element, two: Element) -> list[Box]:
    """Where the marks of an axis stand: along its edge of the subplot, inside and outside."""
    far = "far" in (one.data.get("sides"), two.data.get("sides"))
    found: list[Box] = []
    for axes in (pair.reference, pair.candidate):
        if axes.box is None:
            continue
        left, top, right, bottom = axes.box
        if name == "x":
            y = top if far else bottom
            found.append((left, y - MARK_PX, right, y + MARK_PX))
        elif name == "y":
            x = right if far else left
            found.append((x - MARK_PX, top, x + MARK_PX, bottom))
    return found


def _other_words(worded: Sequence[str], reworded: Sequence[str]) -> bool:
    """True if all ticks have other words, so that where they stand says nothing."""
    letters = any(sign.isalpha() for label in (*worded, *reworded) for sign in label)
    return letters and not set(worded) & set(reworded)


def _cut_off(one: Element, two: Element) -> bool:
    """True where ticks are gone only since the axis ends where fewer data end."""
    labels = dict(zip(_floats(one, "ticks"), strings(one, "labels"), strict=False))
    kept = dict(zip(_floats(two, "ticks"), strings(two, "labels"), strict=False))
    low, high = sorted(ends(two))
    return len(kept) < len(labels) and kept == {
        tick: label for tick, label in labels.items() if low <= tick <= high
    }


def _resized(pair: PanelPair, name: str) -> bool:
    """True where an axis got so much longer or shorter that it takes other ticks by itself."""
    boxes = pair.reference.box, pair.candidate.box
    if boxes[0] is None or boxes[1] is None or name not in "xy":
        return True
    low, high = (0, 2) if name == "x" else (1, 3)
    lengths = [box[high] - box[low] for box in boxes if box is not None]
    return abs(lengths[1] / max(lengths[0], 1.0) - 1) > 0.01


def _ticks_moved(
    pair: PanelPair,
    name: str,
    one: Element,
    two: Element,
    here: Sequence[float],
    there: Sequence[float],
) -> list[Finding]:
    """Ticks that stand at other values, so that the axis is read wrong."""
    length = abs(ends(one)[1] - ends(one)[0]) or 1.0
    moved = [
        i for i, (x, y) in enumerate(zip(here, there, strict=True)) if abs(x - y) > 1e-3 * length
    ]
    boxes = [box for i in moved for box in (*_label_box(one, i), *_label_box(two, i))]
    labels = strings(two, "labels")
    where = pair.at(f"{name} axis ticks")
    if len(moved) > APART:
        words = _tick_words(here, there)
        return [Finding("ticks", DATA, 2, where, words, both(one, two), same=words, direction=name)]
    parts = []
    for i in moved:
        label = f"tick {quoted(labels[i], 25)}" if i < len(labels) and labels[i] else "a tick"
        parts.append(f"{label} stands at {figure(there[i])} instead of {figure(here[i])}")
    words = "; ".join(parts)
    return [
        Finding("ticks", DATA, 2, where, words, boxes or both(one, two), same=words, direction=name)
    ]


def moved_ticks(pair: PanelPair, name: str, one: Element, two: Element) -> list[Box]:
    """Where grid lines run that are in one picture only: strips at ticks, or all of the axes."""
    scales = pair.scales, pair.candidate_scales
    index = "xyz".index(name)
    before, after = _floats(one, "ticks"), _floats(two, "ticks")
    round_or_deep = pair.reference.data.get("projection") != "rectilinear"
    if scales[0][index] != scales[1][index] or round_or_deep:
        box = pair.candidate.box
        same = scales[0][index] == scales[1][index] and before == after
        return [box] if box and not same else []
    strips = []
    for here, there, axes in ((before, after, pair.reference), (after, before, pair.candidate)):
        if axes.box is None:
            continue
        left, top, right, bottom = axes.box
        kept = {figure(value) for value in there}
        alone = [value for value in here if figure(value) not in kept]
        for share in scales[0][index].fractions(np.array(alone, dtype=float)).tolist():
            if not 0 <= share <= 1:
                continue
            x, y = left + share * (right - left), bottom - share * (bottom - top)
            strips.append(
                (x - 1.5, top, x + 1.5, bottom) if name == "x" else (left, y - 1.5, right, y + 1.5)
            )
    return strips


def _plain(value: Value) -> str:
    if isinstance(value, str):
        return color_name(value) if value.startswith("#") else value
    return figure(value) if isinstance(value, int | float) else "none"


def _tick_words(here: Sequence[float], there: Sequence[float]) -> str:
    first, second = [figure(value) for value in here], [figure(value) for value in there]
    return f"at {listed(second, 6)} instead of {listed(first, 6)}"


def label_boxes(axis: Element) -> set[Box]:
    """Boxes of all tick labels of an axis."""
    return {box for index in range(len(strings(axis, "labels"))) for box in _label_box(axis, index)}


def _label_box(axis: Element, index: int) -> list[Box]:
    value = axis.data.get("label_boxes")
    if isinstance(value, list) and len(value) >= 4 * index + 4:
        corners = value[4 * index : 4 * index + 4]
        if all(isinstance(corner, int | float) for corner in corners):
            return [tuple(float(corner) for corner in corners)]  # type: ignore[arg-type, list-item]
    return []


def _relabelled(
    name: str,
    one: Element,
    two: Element,
    mine: list[str],
    theirs: list[str],
    same_places: bool,
    where: Place,
) -> list[Finding]:
    """Tick labels that read otherwise."""
    boxes = both(one, two)
    if len(mine) == len(theirs):
        changed = [i for i, (x, y) in enumerate(zip(mine, theirs, strict=True)) if x != y]
        near = [box for i in changed for box in (*_label_box(two, i), *_label_box(one, i))]
        if permuted(mine, theirs):
            names = listed([quoted(mine[i], 25) for i in changed])
            words = (
                f"{names} are exchanged" if len(changed) == 2 else f"{names} are in another order"
            )
            return [
                Finding(
                    "tick_labels", TEXT, 3, where, words, near or boxes, same=words, direction=name
                )
            ]
        worst = max(severity.of_text_change(mine[i], theirs[i]) for i in changed)
        if (
            len(changed) > APART
            or not same_places
            or 1 < len(changed) == len([t for t in mine if t])
        ):
            words = f"{len(changed)} read otherwise, such as {quoted(theirs[changed[0]], 30)} instead of {quoted(mine[changed[0]], 30)}"
            return [
                Finding(
                    "tick_labels",
                    TEXT,
                    worst,
                    where,
                    words,
                    near or boxes,
                    same=words,
                    direction=name,
                )
            ]
        found = []
        for i in changed:
            if not mine[i] or not theirs[i]:
                words = f"{quoted(mine[i] or theirs[i], 30)} is {'missing' if not theirs[i] else 'extra'}"
            else:
                words = f"{quoted(theirs[i], 30)} instead of {quoted(mine[i], 30)}"
            found.append(
                Finding(
                    "tick_labels",
                    TEXT,
                    severity.of_text_change(mine[i], theirs[i]),
                    where,
                    words,
                    [*_label_box(two, i), *_label_box(one, i)] or boxes,
                    same=words,
                    direction=name,
                )
            )
        return found
    lost = list((Counter(filter(None, mine)) - Counter(filter(None, theirs))).elements())
    new = list((Counter(filter(None, theirs)) - Counter(filter(None, mine))).elements())
    parts = []
    if lost:
        parts.append(
            f"{listed([quoted(t, 25) for t in lost])} {'is' if len(lost) == 1 else 'are'} missing"
        )
    if new:
        parts.append(
            f"{listed([quoted(t, 25) for t in new])} {'is' if len(new) == 1 else 'are'} extra"
        )
    words = "; ".join(parts) or "stand at other places"
    return [Finding("tick_labels", TEXT, 2, where, words, boxes, same=words, direction=name)]
