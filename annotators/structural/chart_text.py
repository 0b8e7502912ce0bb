"""Differences in words: titles, axis labels, annotations, values written on marks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from annotators.structural import severity
from annotators.structural.chart_data import APART, Pair
from annotators.structural.chart_findings import STYLE, TEXT, Finding, both, shown
from annotators.structural.chart_marks import Mark, MarkMatch
from annotators.structural.chart_style import aspects
from annotators.structural.chart_words import listed, quoted
from annotators.structural.matching import assign, equal_pairs, leftover, permuted, text_similarity
from records.taxonomy import Severity
from renderers.scene import Element, Value

MOVED = 0.035
"""Axes lengths a text may move without being called elsewhere: layouts breathe."""


def titled(
    name: str, reference: Element | None, candidate: Element | None, location: str
) -> list[Finding]:
    """Differences of a text that there is one of: a title, an axis label."""
    if reference is None and candidate is None:
        return []
    if candidate is None:
        assert reference is not None
        return [
            Finding(
                name,
                TEXT,
                _of_loss(name),
                location,
                f"{quoted(reference.text)} is missing",
                shown(reference, None),
                same="missing",
            )
        ]
    if reference is None:
        return [
            Finding(
                name,
                TEXT,
                2,
                location,
                f"{quoted(candidate.text)} is extra",
                shown(None, candidate),
                same="extra",
            )
        ]
    found = []
    if reference.text != candidate.text:
        words = f"reads {quoted(candidate.text)} instead of {quoted(reference.text)}"
        grade = severity.of_text_change(reference.text, candidate.text)
        found.append(
            Finding(
                name,
                TEXT,
                grade,
                location,
                words,
                both(reference, candidate),
                same=f"{reference.text}/{candidate.text}",
            )
        )
    found += font(name, reference, candidate, location)
    return found


def _of_loss(name: str) -> Severity:
    return 3 if name == "title" else 2


def font(name: str, reference: Element, candidate: Element, location: str) -> list[Finding]:
    """Differences in the cut of a text; a turned text is misplaced, the rest is style."""
    changed = changes_of(reference, candidate)
    found = []
    if "rotation" in changed:
        before, after = changed.pop("rotation")
        words = f"turned by {after or 0:g} degrees instead of {before or 0:g}"
        found.append(
            Finding(
                f"{name}_rotation", TEXT, 1, location, words, both(reference, candidate), same=words
            )
        )
    for aspect in aspects(changed):
        found.append(
            Finding(
                f"{name}_{aspect.name}",
                STYLE,
                1,
                location,
                f"font: {aspect.words}"
                if aspect.name in ("size", "weight", "slant", "family")
                else aspect.words,
                both(reference, candidate),
                same="/".join(aspect.key),
            )
        )
    return found[:2]


def changes_of(reference: Element, candidate: Element) -> dict[str, tuple[Value, Value]]:
    """Style keys that differ, with both values."""
    first, second = reference.style, candidate.style
    return {
        key: (first.get(key), second.get(key))
        for key in sorted(first.keys() | second.keys())
        if first.get(key) != second.get(key)
    }


def texts(pair: Pair, match: MarkMatch, explained: bool) -> list[Finding]:
    """Texts and annotations of an axes.

    A number written on a mark follows the mark: where the mark changed, it is no error of its own.

    Args:
        explained: True where data findings of this axes may move texts along.
    """
    mine = [part for part in pair.reference.children if part.role == "text"]
    theirs = [part for part in pair.candidate.children if part.role == "text"]
    if not mine and not theirs:
        return []
    pairs = match_texts(mine, theirs)
    changed = _moves(pair, match)
    gone = [mine[i] for i in leftover(len(mine), [i for i, _ in pairs])]
    new = [theirs[j] for j in leftover(len(theirs), [j for _, j in pairs])]
    if explained:
        # Values written on marks that changed; they moved too far to be paired.
        gone = [
            part for part in gone if not any(_shows(part.text, _values(one)) for one, _ in changed)
        ]
        new = [
            part for part in new if not any(_shows(part.text, _values(two)) for _, two in changed)
        ]
    turned = any(one.role == "wedge" for one, _ in changed)
    found: list[Finding] = []
    reworded: list[tuple[Element, Element]] = []
    followed: set[int] = set()
    moved: list[tuple[Element, Element]] = []
    for i, j in pairs:
        one, two = mine[i], theirs[j]
        if one.text != two.text:
            numeric = number_in(one.text) is not None and number_in(two.text) is not None
            if (turned and numeric) or _follows(one, two, changed, explained):
                followed.add(i)
            else:
                reworded.append((one, two))
        elif _elsewhere(pair, one, two) and not (explained and _rides(one, two, changed)):
            moved.append((one, two))
        pointed = bool(one.data.get("tip")) and bool(two.data.get("tip")) and not explained
        if pointed and _tip_moved(pair, one, two) and (one, two) not in moved:
            moved.append((one, two))
    found += _reworded(pair, reworded)
    found += _lost(
        pair, [one for one in gone if not _belongs(one, match.missing, pair)], lacking=True
    )
    found += _lost(
        pair, [two for two in new if not _belongs(two, match.extra, pair)], lacking=False
    )
    found += _moved(pair, moved)
    exchanged = [one for one, _ in moved] if len(moved) == 2 and _swapped(moved) else []
    kept = [(mine[i], theirs[j]) for i, j in pairs if i not in followed]
    found += _fonts(pair, [(one, two) for one, two in kept if one not in exchanged])
    for finding in found:
        finding.axes = pair.index
    return found


def match_texts(mine: Sequence[Element], theirs: Sequence[Element]) -> list[tuple[int, int]]:
    """Which text is which: by words and place."""
    pairs = equal_pairs(
        [f"{part.text}{part.data}" for part in mine], [f"{part.text}{part.data}" for part in theirs]
    )
    rest = leftover(len(mine), [i for i, _ in pairs])
    other = leftover(len(theirs), [j for _, j in pairs])
    counts = Counter(mine[i].text for i in rest), Counter(theirs[j].text for j in other)
    once = {text for text, count in counts[0].items() if count == counts[1].get(text) == 1}
    places = {theirs[j].text: j for j in other}
    single = [(i, places[mine[i].text]) for i in rest if mine[i].text in once]
    pairs += single
    rest = [i for i in rest if mine[i].text not in once]
    other = [j for j in other if theirs[j].text not in once]
    if not rest or not other:
        return pairs
    if max(len(rest), len(other)) > 150:
        more = equal_pairs([mine[i].text for i in rest], [theirs[j].text for j in other])
    else:
        cost = [[_text_cost(mine[i], theirs[j]) for j in other] for i in rest]
        more = assign(cost, limit=1.0)
    return pairs + [(rest[i], other[j]) for i, j in more]


def _text_cost(one: Element, two: Element) -> float:
    here, there = _at(one), _at(two)
    gap = float(np.hypot(*(here - there))) if len(here) == len(there) == 2 else 1.0
    unlike = (
        0.0 if one.text == two.text else 0.25 + 0.55 * (1 - text_similarity(one.text, two.text))
    )
    anchored = all(one.data.get(key) == two.data.get(key) for key in ("x", "y", "space"))
    return unlike + min(0.7, gap * 0.9) * (0.3 if anchored else 1.0)


def _at(part: Element) -> np.ndarray:
    value = part.data.get("at")
    return (
        np.array(value, dtype=float) if isinstance(value, list) and len(value) == 2 else np.zeros(0)
    )


def _elsewhere(pair: Pair, one: Element, two: Element) -> bool:
    """True where a text was put elsewhere, not only carried along by limits or layout."""
    same_anchor = all(
        one.data.get(key) == two.data.get(key)
        for key in ("x", "y", "z", "space", "align", "offset")
    )
    if same_anchor:
        return False
    here, there = _at(one), _at(two)
    if len(here) != 2 or len(there) != 2:
        return False
    if one.data.get("align") != two.data.get("align"):
        return bool(np.hypot(*(here - there)) > 3e-3)
    if one.data.get("space") == two.data.get("space") == "data" and one.data.get(
        "align"
    ) == two.data.get("align"):
        gap = _anchor_gap(pair, one, two)
        return gap > 1e-3
    return bool(np.hypot(*(here - there)) > MOVED / 3)


def _anchor_gap(pair: Pair, one: Element, two: Element) -> float:
    gaps = []
    for key, scale in zip(("x", "y"), pair.scales, strict=False):
        values = [part.data.get(key) for part in (one, two)]
        if not all(isinstance(value, int | float) for value in values):
            return 1.0
        first, second = scale.fractions(np.array(values, dtype=float))
        gaps.append(abs(float(np.nan_to_num(second - first, nan=1.0))))
    return max(gaps)


NUMBER = re.compile(r"[-−+]?\d[\d,]*\.?\d*(?:[eE][-+]?\d+)?")


def number_in(text: str) -> float | None:
    """The number that a value label shows.

    >>> number_in("$12,500"), number_in("45.5%"), number_in("A")
    (12500.0, 45.5, None)
    """
    found = NUMBER.search(text.replace("−", "-"))
    try:
        return float(found.group().replace(",", "")) if found else None
    except ValueError:
        return None


def _moves(pair: Pair, match: MarkMatch) -> list[tuple[Mark, Mark]]:
    return [(change.before, change.after) for change in match.changed if change.geometry]


def _values(mark: Mark) -> list[float]:
    if mark.role == "bar":
        return [mark.length, mark.end, mark.foot]
    if mark.role == "wedge":
        return [mark.value("turn") / 3.6, mark.value("turn") / 360]
    if mark.role == "box":
        return [mark.value(key) for key in ("low", "q1", "median", "q3", "high", "mean")]
    if mark.role == "heatmap":
        return mark.column("values").tolist()  # type: ignore[no-any-return]
    return [*mark.column("y").tolist(), *mark.column("x").tolist()]


def _shows(text: str, values: Sequence[float]) -> bool:
    """True where a text is one of the values, rounded as the text is."""
    number = number_in(text)
    if number is None:
        return False
    found = NUMBER.search(text)
    places = len(found.group().partition(".")[2]) if found else 0
    slack = 0.51 * 10.0**-places
    return any(
        abs(value * factor - number) <= max(slack, 1e-3 * abs(number))
        for value in values
        for factor in (1, 100, 0.01, 1e-3, 1e-6)
        if np.isfinite(value)
    )


def _follows(
    one: Element, two: Element, changed: Sequence[tuple[Mark, Mark]], explained: bool
) -> bool:
    """True where a written number changed since what it tells of did."""
    if not explained or number_in(one.text) is None or number_in(two.text) is None:
        return False
    plain = NUMBER.sub("#", one.text) == NUMBER.sub("#", two.text)
    if not plain:
        return False
    return any(
        _shows(one.text, _values(before)) and _shows(two.text, _values(after))
        for before, after in changed
    )


def _rides(one: Element, two: Element, changed: Sequence[tuple[Mark, Mark]]) -> bool:
    """True where a text moved along with a mark that moved."""
    del one, two
    return bool(changed)


def _belongs(part: Element, marks: Sequence[Mark], pair: Pair) -> bool:
    """True where a text stands on a mark that is itself missing or extra."""
    for mark in marks:
        if part.text and part.text == mark.element.text:
            return True
        if _shows(part.text, _values(mark)) and mark.role in (
            "bar",
            "wedge",
            "line",
            "markers",
            "heatmap",
        ):
            return True
        box, mine = mark.element.box, part.box
        if box and mine and mark.role in ("bar", "wedge", "arrow", "heatmap"):
            x, y = (mine[0] + mine[2]) / 2, (mine[1] + mine[3]) / 2
            if box[0] - 12 <= x <= box[2] + 12 and box[1] - 25 <= y <= box[3] + 25:
                return True
    del pair
    return False


def _reworded(pair: Pair, changed: list[tuple[Element, Element]]) -> list[Finding]:
    if not changed:
        return []
    boxes = [box for one, two in changed for box in both(one, two)]
    before, after = [one.text for one, _ in changed], [two.text for _, two in changed]
    if len(changed) > 1 and permuted(before, after):
        names = listed([quoted(text, 30) for text in before])
        return [Finding("text", TEXT, 2, pair.at(f"annotations {names}"), "are exchanged", boxes)]
    formats = {
        (NUMBER.sub("#", one), NUMBER.sub("#", two)) for one, two in zip(before, after, strict=True)
    }
    if len(changed) > APART or (
        len(changed) > 1 and len(formats) == 1 and "#" in next(iter(formats))[0]
    ):
        worst = max(
            severity.of_text_change(one, two) for one, two in zip(before, after, strict=True)
        )
        words = f"{len(changed)} read otherwise, such as {quoted(after[0])} instead of {quoted(before[0])}"
        alike = f"format {formats}" if len(formats) == 1 else words
        return [Finding("text", TEXT, worst, pair.at("annotations"), words, boxes, same=alike)]
    return [
        Finding("text", TEXT, severity.of_text_change(one.text, two.text), pair.at(f"annotation {quoted(one.text, 40)}"),
                f"reads {quoted(two.text)} instead of {quoted(one.text)}", shown(one, two),
                same=f"{one.text}/{two.text}")
        for one, two in changed
    ]  # fmt: skip


def _lost(pair: Pair, parts: list[Element], *, lacking: bool) -> list[Finding]:
    if not parts:
        return []
    word, words = ("is missing", "are missing") if lacking else ("is extra", "are extra")
    if len(parts) > APART - 1:
        names = listed([quoted(part.text, 25) for part in parts])
        boxes = [part.box for part in parts if part.box]
        return [
            Finding("text", TEXT, 2, pair.at("annotations"), f"{names} {words}", boxes, same=words)
        ]
    return [
        Finding(
            "text",
            TEXT,
            2,
            pair.at(f"annotation {quoted(part.text, 40)}"),
            word,
            shown(None, part),
            same=f"{part.text} {word}",
        )
        for part in parts
    ]


def _moved(pair: Pair, moved: list[tuple[Element, Element]]) -> list[Finding]:
    if not moved:
        return []
    boxes = [box for one, two in moved for box in both(one, two)]
    if len(moved) == 2 and _swapped(moved):
        names = " and ".join(quoted(one.text, 30) for one, _ in moved)
        return [
            Finding("text_place", TEXT, 2, pair.at(f"annotations {names}"), "are exchanged", boxes)
        ]
    if len(moved) > APART - 1:
        return [
            Finding(
                "text_place",
                TEXT,
                1,
                pair.at("annotations"),
                f"{len(moved)} stand in other places",
                boxes,
                same="moved",
            )
        ]
    found = []
    for one, two in moved:
        gap = _at(two) - _at(one)
        far = float(np.hypot(*gap))
        ways = [
            name
            for name, yes in (
                ("right", gap[0] > 0.02),
                ("left", gap[0] < -0.02),
                ("up", gap[1] > 0.02),
                ("down", gap[1] < -0.02),
            )
            if yes
        ]
        words = f"moved {' and '.join(ways)}" if ways else "moved a little"
        if _tip_moved(pair, one, two) if one.data.get("tip") and two.data.get("tip") else False:
            words = f"{words}; its arrow points elsewhere" if ways else "its arrow points elsewhere"
        found.append(
            Finding(
                "text_place",
                TEXT,
                severity.of_shift(far / 1.4),
                pair.at(f"annotation {quoted(one.text, 40)}"),
                words,
                both(one, two),
                same=words,
            )
        )
    return found


def _tip_moved(pair: Pair, one: Element, two: Element) -> bool:
    """True where an annotation points at something else."""
    first, second = one.data["tip"], two.data["tip"]
    if one.data.get("tip_space") != two.data.get("tip_space"):
        return False
    if not isinstance(first, list) or not isinstance(second, list):
        return False
    in_data = one.data.get("tip_space") == "data"
    for axis in (0, 1):
        values = np.array([first[axis], second[axis]], dtype=float)
        if in_data:
            values = pair.scales[axis].fractions(values)
        if abs(float(np.nan_to_num(values[1] - values[0]))) > 0.01:
            return True
    return False


def _swapped(moved: Sequence[tuple[Element, Element]]) -> bool:
    """True where two texts stand in each other's place."""
    (one, two), (three, four) = moved
    gaps = [np.hypot(*(_at(one) - _at(four))), np.hypot(*(_at(three) - _at(two)))]
    return bool(max(gaps) < 0.08)


def _fonts(pair: Pair, pairs: Sequence[tuple[Element, Element]]) -> list[Finding]:
    groups: dict[str, tuple[list[tuple[Element, Element]], Finding]] = {}
    for one, two in pairs:
        if one.style != two.style:
            for finding in font("text", one, two, pair.at(f"annotation {quoted(one.text, 40)}")):
                groups.setdefault(finding.same, ([], finding))[0].append((one, two))
        arrows = [
            next((c for c in part.children if c.role == "arrow"), None) for part in (one, two)
        ]
        if arrows[0] is not None and arrows[1] is not None and arrows[0].style != arrows[1].style:
            for aspect in aspects(changes_of(arrows[0], arrows[1])):
                finding = Finding(
                    "arrow",
                    STYLE,
                    1,
                    pair.at(f"arrow of {quoted(one.text, 40)}"),
                    aspect.words,
                    both(*arrows),
                    same="/".join(aspect.key),
                )
                groups.setdefault("arrow" + finding.same, ([], finding))[0].append(
                    (arrows[0], arrows[1])
                )
        elif (arrows[0] is None) != (arrows[1] is None):
            word = "is missing" if arrows[1] is None else "is extra"
            finding = Finding(
                "arrow",
                STYLE,
                1,
                pair.at(f"arrow of {quoted(one.text, 40)}"),
                word,
                both(*arrows),
                same=word,
            )
            groups.setdefault("arrow" + word, ([], finding))[0].append((one, two))
    found = []
    for members, finding in groups.values():
        finding.boxes = [box for one, two in members for box in both(one, two)]
        if len(members) > 1:
            finding.location = pair.at("annotations")
        found.append(finding)
    return found
