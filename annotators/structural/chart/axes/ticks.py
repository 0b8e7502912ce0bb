"""Compares ticks: their places, and the style of ticks and labels."""

from __future__ import annotations

from collections.abc import Sequence

from annotators.structural.chart.attached_texts import NUMBER
from annotators.structural.chart.axes import tick_labels
from annotators.structural.chart.axis_pair import (
    AxisPair,
    ends,
    label_box,
    tick_places,
    tick_words,
)
from annotators.structural.chart.explained import Explained
from annotators.structural.chart.findings import DATA, STYLE, TEXT, Finding, shown
from annotators.structural.chart.noticed import noticed
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.texts.titles import changes_of, font
from annotators.structural.chart.words import figure, listed, quoted
from annotators.structural.colors import color_change
from annotators.structural.visibility import PLACE
from annotators.structural.why import explains, spoken
from records.rows import Box
from records.taxonomy import Severity
from renderers.scene import Element, Value

MARK_PX = 12.0
"""Pixels that tick marks may extend on either side of their edge."""


def tick_findings(pair: AxisPair, follow: bool, known: Explained) -> list[Finding]:
    """Findings on ticks of one axis; ``follow`` is True if changed limits already explain them."""
    one, two = pair.sides
    worded = [any(tick_words(side)) for side in pair.sides]
    hidden = worded[0] != worded[1]
    if known.categories == pair.name:
        return []
    if known.other_axes:
        return _reworded(pair)
    if hidden and (follow or known.layout or pair.name in known.shared):
        return []
    if hidden and worded[0]:
        grade: Severity = 3 if one.data.get("fixed") else 2
        return [pair.finding("tick_labels", TEXT, grade, "tick labels", "are missing", shown(one, None))]  # fmt: skip
    if hidden:
        return [pair.finding("tick_labels", TEXT, 1, "tick labels", "are extra", shown(None, two))]
    if known.data and two.data.get("auto") and _cut_off(one, two):
        where = pair.panel.axis_at(pair.name, "tick labels")
        words = spoken(where, "fewer, since the axis is shorter")
        explains("ticks_follow_limits", known.because, words)
        return []
    letters = _letters(pair)
    found = [*_places_and_words(pair, follow, known), *letters, *_marks(pair, follow, letters)]
    if one.data.get("sides") != two.data.get("sides") and any(worded):
        words = "stand on the other side"
        found.append(pair.finding("tick_place", TEXT, 2, "tick labels", words))
    elif not any(one.kind == "tick_rotation" for one in found):
        if pair.name == "x" and not known.layout and tick_words(one) == tick_words(two):
            found += tick_labels.beside_circle(pair)
        if pair.name == "y" and not known.layout:
            found += tick_labels.along_radius(pair)
        if pair.name in "xy":
            found += tick_labels.stand_differently(pair)
    return found


def _places_and_words(pair: AxisPair, follow: bool, known: Explained) -> list[Finding]:
    """Findings on ticks at other values or with other labels."""
    worded, reworded = ([label for label in tick_words(side) if label] for side in pair.sides)
    here, there = map(tick_places, pair.sides)
    placed, fixed = any(pair.says("placed")), all(pair.says("fixed"))
    as_many = len(here) == len(there)
    moved = not as_many or bool(_moved(pair))
    if not worded and not reworded:  # nobody reads at which numbers they stand
        stray, boxes = here and there and moved and placed and not follow, _marked(pair, far=False)
        return [pair.finding("tick_marks", STYLE, 1, "ticks", "stand at other places", boxes)] if stray else []  # fmt: skip
    resized = not placed and not fixed and _resized(pair.panel, pair.name)
    other_words = not {*worded} & {*reworded} and not any(map(_is_number, (*worded, *reworded)))
    if moved and not other_words and (resized or (known.data and not placed)):
        return []
    if moved and placed and as_many and not follow and not _other_words(worded, reworded):
        at = _moved(pair)
        return [
            _ticks_moved(pair),
            *(tick_labels.relabeled(pair, True, at) if len(at) <= APART else ()),
        ]
    if worded != reworded and (fixed or not follow or other_words):
        return tick_labels.relabeled(pair, not moved)
    if moved and not follow and here and there:
        return [pair.finding("ticks", TEXT, 1, "ticks", _at(there, here))]
    return []


def _is_number(label: str) -> bool:
    return NUMBER.fullmatch(label.replace("−", "-").replace(" ", "")) is not None


def _reworded(pair: AxisPair) -> list[Finding]:
    """Findings on single labels with other words, beside another kind of chart: that may change where
    ticks stand and how many there are, but not how one of several reads."""
    mine, theirs = map(tick_words, pair.sides)
    sides = [dict(zip(tick_places(side), tick_words(side), strict=False)) for side in pair.sides]
    kept = sides[0].items() & sides[1].items()
    if len(kept) == min(map(len, sides)) and 0 < abs(len(mine) - len(theirs)) < len(kept) / 2:
        return tick_labels.relabeled(pair, False)  # one is lost
    unlike = [one != two for one, two in zip(mine, theirs, strict=False)]
    few = len(mine) == len(theirs) and 0 < 2 * sum(unlike) < len(unlike)
    return (
        tick_labels.relabeled(pair, not _moved(pair))
        if few and all(map(all, (mine, theirs)))
        else []
    )


def _moved(pair: AxisPair) -> list[int]:
    """Indices of moved ticks, if both axes have equally many."""
    places = enumerate(zip(*map(tick_places, pair.sides), strict=True))
    return [i for i, (x, y) in places if not abs(x - y) <= PLACE * pair.length]


def _letters(pair: AxisPair) -> list[Finding]:
    """Findings on the font of tick labels."""
    labels = changes_of(*pair.sides, "label_")
    other_colors = labels.pop("colors", None)
    words = [set(filter(None, tick_words(side))) for side in pair.sides]
    if all(words) and labels:
        first, second = (
            Element("tick_labels", side.box, "", {key: change[i] for key, change in labels.items()})
            for i, side in enumerate(pair.sides)
        )
        where = pair.panel.axis_at(pair.name, "tick labels")
        fonts = font("tick", first, second, where, pair.name)
        # If no label survived, its font is part of the replacement and not a separate error.
        return [one for one in fonts if words[0] & words[1] or one.kind == "tick_rotation"]
    if other_colors:
        return [pair.finding("tick_color", STYLE, 1, "tick labels", "have other colors")]
    return []


def _marks(pair: AxisPair, follow: bool, letters: Sequence[Finding]) -> list[Finding]:
    """Findings on the style of tick marks, and on minor ticks; marks in the color that the ``letters``
    of their labels have now are told with these."""
    one, two = pair.sides
    changed = changes_of(one, two)
    marks = {key: change for key, change in changed.items() if key.startswith("tick_")}
    far = "far" in [side.data.get("sides") for side in pair.sides]
    boxes = [*pair.boxes, *_marked(pair, far=far)] or shown(
        pair.panel.reference, pair.panel.candidate
    )
    found = []
    tints = [two.style.get(key) for key in ("tick_color", "label_color")]
    tinted = [one for one in letters if one.kind == "tick_color" and tints[0] == tints[1]]
    if tinted and [*marks] == ["tick_color"]:
        tinted[0].boxes.extend(boxes)
        explains("ticks_have_the_color_of_their_labels", tinted[0], pair.panel.axis_at(pair.name, "ticks"))  # fmt: skip
    elif marks:
        if all(None in change for change in marks.values()):
            gone = all(after is None for _, after in marks.values())
            words = f"tick marks are {'missing' if gone else 'extra'}"
        else:
            key, (before, after) = next(iter(marks.items()))
            now, was = _plain(before, after)
            words = f"{key.replace('_', ' ')} {now} instead of {was}"
        found.append(pair.finding("tick_marks", STYLE, 1, "ticks", words, boxes))
    elif (
        pair.name in "xy"
        and all(pair.says("marked"))
        and one.data.get("sides") == two.data.get("sides")
        and not follow
    ):
        found += _marked_sides(pair)
    before, after = pair.says("minor")
    lengths = [side.number("minor_length") or 0.0 for side in pair.sides]
    if before != after and not follow:
        words = f"small tick marks between the labels are {'missing' if before else 'extra'}"
        found.append(pair.finding("minor_ticks", STYLE, 1, "", words, boxes))
    elif before and after and noticed("tick_length", *lengths) and "tick_length" not in marks:
        words = f"tick marks between the labels are {'longer' if lengths[1] > lengths[0] else 'shorter'}"
        found.append(pair.finding("minor_ticks", STYLE, 1, "", words, boxes))
    return found


SIDES = {("x", "near"): "bottom", ("x", "far"): "top", ("y", "near"): "left", ("y", "far"): "right"}


def _marked_sides(pair: AxisPair) -> list[Finding]:
    """A finding on tick marks along an edge that has none in the other picture."""
    before, after = ({*str(side.data["marked"]).split()} for side in pair.sides)
    words = [
        f"tick marks at the {SIDES[pair.name, side]} are {'missing' if side in before else 'extra'}"
        for side in sorted(before ^ after)
    ]
    boxes = [box for side in sorted(before ^ after) for box in _marked(pair, far=side == "far")]
    return [pair.finding("tick_marks", STYLE, 1, "ticks", listed(words), boxes)] if words else []


def _marked(pair: AxisPair, *, far: bool) -> list[Box]:
    """The box of the tick marks of an axis: along its edge of the subplot, inside and outside."""
    found: list[Box] = []
    for axes in (pair.panel.reference, pair.panel.candidate):
        if axes.box is None:
            continue
        left, top, right, bottom = axes.box
        if pair.name == "x":
            y = top if far else bottom
            found.append((left, y - MARK_PX, right, y + MARK_PX))
        elif pair.name == "y":
            x = right if far else left
            found.append((x - MARK_PX, top, x + MARK_PX, bottom))
    return found


def _other_words(worded: Sequence[str], reworded: Sequence[str]) -> bool:
    """True if all tick labels were replaced, so that tick places are no evidence."""
    letters = any(sign.isalpha() for label in (*worded, *reworded) for sign in label)
    return letters and not set(worded) & set(reworded)


def _cut_off(one: Element, two: Element) -> bool:
    """True if ticks are missing only because the axis ends earlier with fewer data."""
    labels, kept = (dict(zip(tick_places(a), tick_words(a), strict=False)) for a in (one, two))
    low, high = sorted(ends(two))
    return len(kept) < len(labels) and kept == {
        tick: label for tick, label in labels.items() if low <= tick <= high
    }


def _resized(pair: PanelPair, name: str) -> bool:
    """True if an axis changed its length so much that it chooses other ticks."""
    boxes = pair.reference.box, pair.candidate.box
    if boxes[0] is None or boxes[1] is None or name not in "xy":
        return True
    low, high = (0, 2) if name == "x" else (1, 3)
    lengths = [box[high] - box[low] for box in boxes if box is not None]
    return abs(lengths[1] / max(lengths[0], 1.0) - 1) > 0.01


def _ticks_moved(pair: AxisPair) -> Finding:
    """A finding on ticks at other values, so that the axis is read wrong."""
    here, there = map(tick_places, pair.sides)
    moved = _moved(pair)
    if len(moved) > APART:
        return pair.finding("ticks", DATA, 2, "ticks", _at(there, here))
    labels = tick_words(pair.candidate)
    parts = []
    for i in moved:
        label = f"tick {quoted(labels[i], 25)}" if i < len(labels) and labels[i] else "a tick"
        parts.append(f"{label} stands at {figure(there[i])} instead of {figure(here[i])}")
    boxes = [box for i in moved for side in pair.sides for box in label_box(side, i)]
    return pair.finding("ticks", DATA, 2, "ticks", "; ".join(parts), boxes)


def _at(there: Sequence[float], here: Sequence[float]) -> str:
    first, second = [figure(value) for value in here], [figure(value) for value in there]
    return f"at {listed(second, 6)} instead of {listed(first, 6)}"


def _plain(before: Value, after: Value) -> tuple[str, str]:
    """Two values in words: the candidate's, then the reference's."""
    if str(before).startswith("#") and str(after).startswith("#"):
        return color_change(str(before), str(after))
    now, was = (
        figure(v) if isinstance(v, int | float) else str(v or "none") for v in (after, before)
    )
    return now, was
