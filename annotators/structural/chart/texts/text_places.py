"""Finds texts that moved or point at something else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.attached_texts import NUMBER
from annotators.structural.chart.findings import TEXT, Finding
from annotators.structural.chart.marks import AxisScale, Numbers
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.texts.titles import changes_of, line_words
from annotators.structural.chart.words import Name, cut
from annotators.structural.matching import assign, equal_pairs, leftover, text_similarity
from records.rows import Box
from renderers.scene import Element

MOVED = 0.035
"""A text that moves by at most this share of the axes did not move: layouts vary slightly."""


def middle(part: Element) -> np.ndarray:
    value = part.data.get("at")
    return (
        np.array(value, dtype=float) if isinstance(value, list) and len(value) == 2 else np.zeros(0)
    )


def elsewhere(pair: PanelPair, one: Element, two: Element) -> bool:
    """True if a text was placed elsewhere, not only moved by limits or layout."""
    keys = ("x", "y", "z", "space", "align", "offset")
    if not _displaced(pair, one, two) or all(one.data.get(k) == two.data.get(k) for k in keys):
        return False
    here, there = middle(one), middle(two)
    if len(here) != 2 or len(there) != 2:
        return False
    if _anchored_alike(one, two):
        apart = np.nan_to_num(np.abs(_anchor_steps(pair, one, two)), nan=1.0).max()
        return bool(apart > 1e-3) or _offset_gap(one, two) > OFFSET_PT
    aligned = one.data.get("align") == two.data.get("align")
    return bool(np.hypot(*(here - there)) > (MOVED / 3 if aligned else 3e-3))


def _anchored_alike(one: Element, two: Element) -> bool:
    """True if two texts stand at places in units of data, with the same corner or center."""
    in_data = one.data.get("space") == two.data.get("space") == "data"
    return in_data and one.data.get("align") == two.data.get("align")


HALF_LETTER = 0.5
"""Least noticed shift of a text, as a share of its letter height ..."""

LEAST_PX = 4.0
"""... and in pixels."""


def _displaced(pair: PanelPair, one: Element, two: Element) -> bool:
    """True if a text moved noticeably within the axes; larger letters with the same edge or center
    did not move."""
    here, there = pair.reference.box, pair.candidate.box
    if one.box is None or two.box is None or here is None or there is None:
        return True
    in_data = one.data.get("space") == two.data.get("space") == "data"
    gaps = []
    for low, high in ((0, 2), (1, 3)):
        length = max(here[high] - here[low], 1.0)
        first, second = (
            (np.array([box[low], (box[low] + box[high]) / 2, box[high]]) - axes[low])
            / max(axes[high] - axes[low], 1.0)
            for box, axes in ((one.box, here), (two.box, there))
        )
        if in_data:
            second = _by_limits(second, pair.candidate_scales[low], pair.scales[low], low == 1)
        gaps.append(np.abs(second - first).min() * length)
    letter = min(one.box[2] - one.box[0], one.box[3] - one.box[1])
    return bool(max(gaps) >= max(LEAST_PX, HALF_LETTER * letter))


def _by_limits(places: Numbers, own: AxisScale, other: AxisScale, down: bool) -> Numbers:
    """Places along an axis, as shares of it, converted to the limits of another axis."""
    if own.logarithmic or other.logarithmic:
        return places
    shares = 1 - places if down else places
    seen = other.fractions(own.low + shares * (own.high - own.low))
    return 1 - seen if down else seen


OFFSET_PT = 0.7
"""Offsets from the anchor that differ by at most this many points count as the same place."""


def _offset_gap(one: Element, two: Element) -> float:
    """Difference of the offsets of two texts from their anchors, in points; 0 without offsets."""
    offsets = [part.numbers("offset") for part in (one, two)]
    return float(np.hypot(*(offsets[0] - offsets[1]))) if all(map(len, offsets)) else 0.0


def _gap(pair: PanelPair, one: Element, two: Element) -> Numbers:
    """How far a text moved right and up, as shares of the axes: one in units of data goes with them."""
    gap: Numbers = middle(two) - middle(one)
    if not _anchored_alike(one, two):
        return gap
    steps = _anchor_steps(pair, one, two)
    return np.where(np.isnan(steps), gap, steps)


def _anchor_steps(pair: PanelPair, one: Element, two: Element) -> Numbers:
    """How far an anchor in units of data moved right and up, as shares of the axes; NaN if unknown."""
    anchors = np.array([[part.number(key) for part in (one, two)] for key in "xy"], float)
    places = [scale.fractions(ends) for scale, ends in zip(pair.scales[:2], anchors, strict=True)]
    return np.diff(places, axis=1)[:, 0]


def with_arrow(part: Element) -> list[Box]:
    """Union of the boxes of a text and its arrow."""
    return [piece.box for piece in part.walk() if piece.box]


Moved = tuple[Element, Element]
"""A text before and after."""


def apart(one: Element, two: Element) -> list[Box]:
    """Boxes of a text and its arrow, after and before, without an arrow that is the same in both, or has
    an error of its own."""
    pairs = list(zip(one.parts("arrow"), two.parts("arrow"), strict=False))
    own = [part for arrows in pairs if OWN & changes_of(*arrows).keys() for part in arrows]
    kept = [*own, *(part for part in one.children if part in two.children)]
    return [
        box for text in (two, one) for part in text.walk() if (box := part.box) and part not in kept
    ]


OWN = frozenset(("head", "bow", "color", "dash", "width"))
"""Looks of an arrow that are reported whatever its text does."""


def _boxes(moved: Iterable[Moved]) -> list[Box]:
    return [box for one, two in moved for box in apart(one, two)]


MANY = 12
"""Among more moved texts than this, two that are exchanged are not looked for."""


def exchanged(moved: Sequence[Moved]) -> list[tuple[Moved, Moved]]:
    """Couples of moved texts that exchanged places."""
    found: list[tuple[Moved, Moved]] = []
    for couple in combinations(moved, 2) if len(moved) <= MANY else ():
        taken = {id(text) for one in found for text, _ in one}
        if swapped(couple) and not taken & {id(text) for text, _ in couple}:
            found.append(couple)
    return found


def text_places(pair: PanelPair, moved: Sequence[Moved]) -> list[Finding]:
    """Findings on texts that stand elsewhere; two that are exchanged have one."""
    found = []
    for couple in exchanged(moved):
        place = pair.at(*[Name("annotation", cut(one.text)) for one, _ in couple])
        found.append(Finding("text_place", TEXT, 3, place, "are exchanged", _boxes(couple)))
        moved = [one for one in moved if one is not couple[0] and one is not couple[1]]
    if len(moved) > APART - 1:
        way = _common_way(np.array([_gap(pair, one, two) for one, two in moved]))
        way = f"moved {way}" if way else "stand in other places"
        words = f"{len(moved)} {_to_bars(pair, moved) or way}"
        place = pair.at(several(one.text for one, _ in moved))
        return [*found, Finding("text_place", TEXT, 1, place, words, _boxes(moved), same="moved")]
    for one, two in moved:
        gap = _gap(pair, one, two)
        far = float(np.hypot(*gap))
        way = _ways(gap)
        place = pair.at(Name("annotation", cut(one.text)))
        held = apart(one, two)
        pointed = bool(one.data.get("tip")) and bool(two.data.get("tip"))
        if pointed and tip_moved(pair, one, two):
            # Where it points is one error, and where the words stand is another one.
            words = "its arrow points elsewhere"
            found.append(
                Finding("text_tip", TEXT, severity.of_shift(far / 1.4), place, words, held)
            )
            if not way:
                continue
        words = f"moved {way}" if way else "moved a little"
        words = "; ".join(filter(None, (words, line_words(one, two))))
        grade = severity.of_shift(far / 1.4)
        found.append(Finding("text_place", TEXT, grade, place, words, held))
    return found


def several(words: Iterable[str]) -> str:
    """What a viewer calls several texts in an axes.

    >>> several(["12.5%", "8 %"]), several(["$3", "-0.5"]), several(["Q1 2020", "7"])
    ('percentage labels', 'value labels', 'annotations')
    """
    words = list(words)
    if not all(map(NUMBER.search, words)) or any(map(str.isalpha, "".join(words))):
        return "annotations"
    return "percentage labels" if all("%" in word for word in words) else "value labels"


def _ways(gap: Numbers, least: float = 0.02) -> str:
    """Where a text moved by that share of the axes, like "right and up"; empty if hardly."""
    ways = {
        "right": gap[0] > least,
        "left": gap[0] < -least,
        "up": gap[1] > least,
        "down": gap[1] < -least,
    }
    return " and ".join(name for name, yes in ways.items() if yes)


def _common_way(gaps: Numbers) -> str:
    """Where most of several texts moved, N x 2 shares of the axes; empty if each went its own way."""
    usual = np.median(gaps, axis=0)
    alike = (np.sign(gaps) == np.sign(usual)).mean(axis=0) >= MOST
    return _ways(usual * alike, 0.01)


def _to_bars(pair: PanelPair, moved: Sequence[tuple[Element, Element]]) -> str:
    """In words, if most of several texts beside bars stand nearer to them, or farther away."""
    bars = [np.array([part.box for part in axes.parts("bar") if part.box]) for axes in pair.sides]
    texts = [[side.box for side in sides] for sides in moved if all(side.box for side in sides)]
    if not all(map(len, bars)) or len(texts) < len(moved):
        return ""
    gaps = []
    for side, held in enumerate(bars):
        boxes = np.array([text[side] for text in texts])[:, None]
        aside = np.maximum(held[:, :2] - boxes[..., 2:], boxes[..., :2] - held[:, 2:])
        gaps.append(np.linalg.norm(aside.clip(min=0), axis=2).min(axis=1))
    grown = gaps[1] - gaps[0]
    nearer, farther = ((way * grown >= LEAST_PX / 2).mean() >= MOST for way in (-1, 1))
    beside = max(map(np.median, gaps)) < BESIDE_PX
    if not beside or not (nearer or farther):
        return ""
    return "stand nearer to their bars" if nearer else "stand farther from their bars"


BESIDE_PX = 40.0
"""A number belongs to a bar within this many pixels."""

MOST = 0.8
"""Share of several texts that must move the same way for it to be the way of all."""


def tip_moved(pair: PanelPair, one: Element, two: Element) -> bool:
    """True if an annotation points at something else."""
    first, second = one.numbers("tip"), two.numbers("tip")
    if one.data.get("tip_space") != two.data.get("tip_space"):
        return False
    in_data = one.data.get("tip_space") == "data"
    for axis in (0, 1):
        values = np.array([first[axis], second[axis]])
        if in_data:
            values = pair.scales[axis].fractions(values)
        if abs(float(np.nan_to_num(values[1] - values[0]))) > TIP:
            return True
    return False


TIP = 0.015
"""Least noticed shift of what an arrow points at, as a share of the axis: its tip ends a little before."""


def swapped(moved: Sequence[tuple[Element, Element]]) -> bool:
    """True if two texts exchanged places: each stands nearer to where the other stood."""
    (one, two), (three, four) = moved
    gaps = [np.hypot(*(middle(one) - middle(four))), np.hypot(*(middle(three) - middle(two)))]
    apart = np.hypot(*(middle(one) - middle(three)))
    return bool(max(gaps) < min(0.08, apart / 2))


def match_texts(mine: Sequence[Element], theirs: Sequence[Element]) -> list[tuple[int, int]]:
    """Pair texts by words and place."""
    pairs = equal_pairs(
        [f"{part.text}{part.data}" for part in mine], [f"{part.text}{part.data}" for part in theirs]
    )
    rest = leftover(len(mine), [i for i, _ in pairs])
    other = leftover(len(theirs), [j for _, j in pairs])
    counts = Counter(mine[i].text for i in rest), Counter(theirs[j].text for j in other)
    once = {text for text, count in counts[0].items() if count == counts[1].get(text) == 1}
    places = {theirs[j].text: j for j in other}
    single = [(i, places[mine[i].text]) for i in rest if mine[i].text in once]
    # A number alone tells nothing of what it belongs to.
    single = [
        (i, j) for i, j in single
        if any(map(str.isalpha, mine[i].text)) or _distance(mine[i], theirs[j]) <= NUMBER_APART
    ]  # fmt: skip
    pairs += single
    rest = [i for i in rest if i not in {i for i, _ in single}]
    other = [j for j in other if j not in {j for _, j in single}]
    # "Rice 50 %" is paired with "Rice 20 %" wherever it is now.
    words = [_words(mine[i]) for i in rest], [_words(theirs[j]) for j in other]
    named = [
        (rest[i], other[j]) for i, word in enumerate(words[0]) for j, two in enumerate(words[1])
        if word and word == two and words[0].count(word) == words[1].count(word) == 1
    ]  # fmt: skip
    pairs += named
    rest = [i for i in rest if i not in {i for i, _ in named}]
    other = [j for j in other if j not in {j for _, j in named}]
    if not rest or not other:
        return pairs
    if max(len(rest), len(other)) > 150:
        more = equal_pairs([mine[i].text for i in rest], [theirs[j].text for j in other])
    else:
        cost = [[_text_cost(mine[i], theirs[j]) for j in other] for i in rest]
        more = assign(cost, limit=1.0)
    return pairs + [(rest[i], other[j]) for i, j in more]


def _words(part: Element) -> str:
    """A text without its numbers; empty if hardly anything is left."""
    words = NUMBER.sub("#", part.text)
    return words if words != part.text and sum(sign.isalpha() for sign in words) > 2 else ""


NUMBER_APART = 0.1
"""Largest distance of two equal numbers that are one label, as a share of the axes."""


def _distance(one: Element, two: Element) -> float:
    """Distance of two texts, as a share of the axes."""
    here, there = middle(one), middle(two)
    return float(np.hypot(*(here - there))) if len(here) == len(there) == 2 else 1.0


def _text_cost(one: Element, two: Element) -> float:
    gap = _distance(one, two)
    unlike = (
        0.0 if one.text == two.text else 0.25 + 0.55 * (1 - text_similarity(one.text, two.text))
    )
    anchored = all(one.data.get(key) == two.data.get(key) for key in ("x", "y", "space"))
    return unlike + min(0.7, gap * 0.9) * (0.3 if anchored else 1.0)
