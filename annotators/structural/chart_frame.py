"""Differences in the frame of an axes: limits, ticks, grid, spines, background, legend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotators.structural import severity
from annotators.structural.chart_data import APART, Pair
from annotators.structural.chart_findings import DATA, STYLE, TEXT, Finding, both, shown
from annotators.structural.chart_style import Looks, aspects
from annotators.structural.chart_text import changes_of, font, titled
from annotators.structural.chart_words import colour_name, figure, listed, main_colour, quoted
from annotators.structural.matching import assign, leftover, permuted, text_similarity
from records.rows import Box
from renderers.scene import Element, Value


@dataclass(slots=True)
class Explained:
    """What is already known to differ in an axes, for what follows from it."""

    chart_type: bool = False
    emptied: bool = False
    """Nothing is left of what was plotted, nor of what names it."""
    data: bool = False
    """Values, series or bars differ, so that limits and ticks chosen from data may too."""
    series: frozenset[str] = frozenset()
    """Names of missing and extra series."""
    tints: frozenset[str] = frozenset()
    """Colours of missing and extra series."""
    looks: Looks | None = None
    layout: bool = False
    """Subplots stand elsewhere, so that tick labels may be fewer or hidden."""
    shared: frozenset[str] = frozenset()
    """Directions in which axes are shared in one chart only."""
    categories: bool = False
    """Categories are missing, extra or in another order."""


def joined(everything: Sequence[Explained]) -> Explained:
    """What is known of all axes together, for a legend that stands for them all."""
    looks = Looks()
    for known in everything:
        if known.looks is not None:
            looks.keys |= known.looks.keys
            looks.by_key |= known.looks.by_key
    return Explained(
        chart_type=any(known.chart_type for known in everything),
        data=any(known.data for known in everything),
        series=frozenset().union(*(known.series for known in everything)),
        tints=frozenset().union(*(known.tints for known in everything)),
        looks=looks,
    )


def part(axes: Element, role: str, **data: Value) -> Element | None:
    """The first child of a role whose data hold these values."""
    for child in axes.children:
        if child.role == role and all(child.data.get(key) == value for key, value in data.items()):
            return child
    return None


def explain(pair: Pair, known: Explained) -> list[Finding]:
    """Findings on everything around the marks of an axes."""
    a, b = pair.reference, pair.candidate
    found: list[Finding] = []
    found += [] if known.emptied else _titles(pair)
    hidden = _hidden(pair)
    if hidden is not None and not known.chart_type:
        found += [hidden, *_legend(pair, known)]
        for finding in found:
            finding.axes = pair.index
        return found
    colour_bar = a.data.get("kind") == "colorbar"
    directions = [str(child.data.get("axis")) for child in a.children if child.role == "axis"]
    labels = {
        name: (part(a, "axis_label", axis=name), part(b, "axis_label", axis=name))
        for name in directions
    }
    if not known.emptied:
        named = _axis_labels(pair, labels)
        turned = known.chart_type and [part.description for part in named] == [EXCHANGED]
        found += [] if turned else named
    for name in directions:
        one, two = part(a, "axis", axis=name), part(b, "axis", axis=name)
        if one is not None and two is not None:
            found += _axis(pair, name, one, two, known, colour_bar)
    if not known.chart_type:
        found += _grids(pair, known, {str(f.location) for f in found if f.kind == "scale"})
        found += _spines(pair)
        found += _geometry(pair)
    face = (a.style.get("face"), b.style.get("face"))
    if face[0] != face[1] and not colour_bar and not known.chart_type:
        words = f"{colour_name(str(face[1] or ''))} instead of {colour_name(str(face[0] or ''))}"
        found.append(
            Finding(
                "background",
                STYLE,
                severity.of_colour_change(
                    str(face[0] or "#ffffff"), str(face[1] or "#ffffff"), 0.3
                ),
                pair.at("background"),
                words,
                shown(a, b),
                same=words,
            )
        )
    found += _legend(pair, known)
    for finding in found:
        finding.axes = pair.index
    return found


def _hidden(pair: Pair) -> Finding | None:
    """The whole frame, with ticks and labels, is drawn in one picture only."""
    framed = []
    for axes in (pair.reference, pair.candidate):
        roles = Counter(child.role for child in axes.children)
        ticks = any(child.role == "axis" and child.data.get("ticks") for child in axes.children)
        framed.append((roles["spine"] > 0, ticks, bool(axes.style.get("face"))))
    counts = [sum(parts) for parts in framed]
    if min(counts) > 0 or max(counts) < 2:
        return None
    words = "are hidden" if counts[0] else "are not hidden"
    boxes = []
    for axes in (pair.reference, pair.candidate):
        for child in axes.children:
            if child.role in ("axis", "axis_label", "spine") and child.box:
                boxes.append(child.box)
    return Finding("frame", STYLE, 2, pair.at("axes"), words, boxes, same=words)


def _titles(pair: Pair) -> list[Finding]:
    mine = {str(t.data.get("side")): t for t in pair.reference.children if t.role == "title"}
    theirs = {str(t.data.get("side")): t for t in pair.candidate.children if t.role == "title"}
    found: list[Finding] = []
    if mine.keys() != theirs.keys() and len(mine) == len(theirs) == 1:
        one, two = next(iter(mine.values())), next(iter(theirs.values()))
        if text_similarity(one.text, two.text) > 0.5:
            words = f"at the {next(iter(theirs))} instead of the {next(iter(mine))}"
            found = [
                Finding("title_place", TEXT, 1, pair.at("title"), words, both(one, two), same=words)
            ]
            return found + titled("title", one, two, pair.at("title"))
    for side in ("center", "left", "right"):
        name = "title" if side == "center" else f"{side} title"
        found += titled("title", mine.get(side), theirs.get(side), pair.at(name))
    return found


EXCHANGED = "x and y axis labels are exchanged"
"""Goes along with bars that lie down."""


def _axis_labels(
    pair: Pair, labels: dict[str, tuple[Element | None, Element | None]]
) -> list[Finding]:
    words = [(one.text if one else "", two.text if two else "") for one, two in labels.values()]
    if len(words) == 2 and words[0] == words[1][::-1] and words[0][0] != words[0][1]:
        boxes = [box for one, two in labels.values() for box in both(one, two)]
        return [
            Finding(
                "axis_label",
                TEXT,
                3,
                pair.at("axis labels"),
                EXCHANGED,
                boxes,
                same="exchanged",
            )
        ]
    found: list[Finding] = []
    for name, (one, two) in labels.items():
        found += titled("axis_label", one, two, pair.at(f"{name} axis label"))
    return found


def _ends(axis: Element) -> tuple[float, float]:
    low, high = axis.data.get("low"), axis.data.get("high")
    return (
        (float(low), float(high))
        if isinstance(low, int | float) and isinstance(high, int | float)
        else (0.0, 1.0)
    )


def _strings(axis: Element, key: str) -> list[str]:
    value = axis.data.get(key)
    return [str(item or "") for item in value] if isinstance(value, list) else []


def _floats(axis: Element, key: str) -> list[float]:
    value = axis.data.get(key)
    return (
        [float(item) for item in value if isinstance(item, int | float)]
        if isinstance(value, list)
        else []
    )


def _axis(
    pair: Pair, name: str, one: Element, two: Element, known: Explained, colour_bar: bool
) -> list[Finding]:
    """Scale, direction, limits and ticks of one axis."""
    found: list[Finding] = []
    where = pair.at(f"{name} axis")
    aspects_set = pair.reference.data.get("aspect") and pair.candidate.data.get("aspect")
    unread = not _strings(one, "labels") and not _strings(two, "labels")
    whole = shown(pair.reference, pair.candidate)
    scales = str(one.data.get("scale")), str(two.data.get("scale"))
    first, second = _ends(one), _ends(two)
    follow = False
    names = {"log": "logarithmic", "symlog": "symmetric-logarithmic"}
    if known.chart_type or name in known.shared or (colour_bar and known.data):
        follow = True
    elif scales[0] != scales[1]:
        words = f"{names.get(scales[1], scales[1])} instead of {names.get(scales[0], scales[0])}"
        found.append(
            Finding(
                "scale", DATA, 3, where, words, [*whole, *both(one, two)], same=f"{name}{words}"
            )
        )
        follow = True
    else:
        if (first[0] > first[1]) != (second[0] > second[1]):
            words = "runs the other way round"
            found.append(
                Finding("inverted", DATA, 3, where, words, [*whole, *both(one, two)], same=name)
            )
            second = second[::-1]
            follow = True
        gap = max(abs(first[0] - second[0]), abs(first[1] - second[1]))
        length = abs(first[1] - first[0]) or 1.0
        log = scales[0] == "log"
        if log and min(*first, *second) > 0:
            length = abs(np.log10(first[1] / first[0])) or 1.0
            gap = max(abs(np.log10(first[0] / second[0])), abs(np.log10(first[1] / second[1])))
        if gap > 2e-3 * length:
            follow = True
            chosen = bool(two.data.get("auto")) and bool(one.data.get("auto"))
            fitted = bool(aspects_set) and unread  # limits of a pie follow from its room
            if not ((known.data and chosen) or known.categories or colour_bar or fitted):
                words = f"from {figure(second[0])} to {figure(second[1])} instead of {figure(first[0])} to {figure(first[1])}"
                grade = severity.of_limit_change(first, second, logarithmic=log)
                found.append(
                    Finding(
                        "limits",
                        DATA,
                        grade,
                        f"{where} limits",
                        words,
                        [*whole, *both(one, two)],
                        same=f"{name}{words}",
                    )
                )
    found += _ticks(pair, name, one, two, follow or (colour_bar and known.data), known)
    return found


def _ticks(
    pair: Pair, name: str, one: Element, two: Element, follow: bool, known: Explained
) -> list[Finding]:
    """Tick labels and marks of one axis; ``follow`` where other limits already explain them."""
    where = pair.at(f"{name} axis tick labels")
    mine, theirs = _strings(one, "labels"), _strings(two, "labels")
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
                same=f"{name} gone",
            )
        ]
    if reworded and not worded:
        return [
            Finding(
                "tick_labels", TEXT, 1, where, "are extra", shown(None, two), same=f"{name} extra"
            )
        ]
    fixed = bool(one.data.get("fixed")) and bool(two.data.get("fixed"))
    here, there = _floats(one, "ticks"), _floats(two, "ticks")
    length = abs(_ends(one)[1] - _ends(one)[0]) or 1.0
    same_places = len(here) == len(there) and all(
        abs(x - y) <= 1e-3 * length for x, y in zip(here, there, strict=True)
    )
    placed = bool(one.data.get("placed")) or bool(two.data.get("placed"))
    resized = not placed and not fixed and _resized(pair, name)
    if known.chart_type or (not same_places and (resized or (known.data and not placed))):
        pass
    elif placed and not same_places and len(here) == len(there) and not follow:
        found += _ticks_moved(pair, name, one, two, here, there)
    elif worded != reworded and (fixed or not follow):
        found += _relabelled(name, one, two, mine, theirs, same_places, where)
    elif not same_places and not follow:
        words = _tick_words(here, there)
        found.append(
            Finding(
                "ticks", TEXT, 1, pair.at(f"{name} axis ticks"), words, boxes, same=f"{name}{words}"
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
        cut = font("tick", first, second, where)
        # Other labels altogether come with a cut of their own.
        found += cut if set(worded) & set(reworded) else []
    elif "label_colors" in changed:
        found.append(Finding("tick_colour", STYLE, 1, where, "have other colours", boxes))
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
                boxes or shown(pair.reference, pair.candidate),
                same=words,
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
                boxes or shown(pair.reference, pair.candidate),
                same=words,
            )
        )
    if one.data.get("sides") != two.data.get("sides") and worded and reworded:
        found.append(
            Finding(
                "tick_place", TEXT, 2, where, "stand on the other side", boxes, same=f"{name} side"
            )
        )
    return found


def _resized(pair: Pair, name: str) -> bool:
    """True where an axis got so much longer or shorter that it takes other ticks by itself."""
    boxes = pair.reference.box, pair.candidate.box
    if boxes[0] is None or boxes[1] is None or name not in "xy":
        return True
    low, high = (0, 2) if name == "x" else (1, 3)
    lengths = [box[high] - box[low] for box in boxes if box is not None]
    return abs(lengths[1] / max(lengths[0], 1.0) - 1) > 0.03


def _ticks_moved(
    pair: Pair, name: str, one: Element, two: Element, here: Sequence[float], there: Sequence[float]
) -> list[Finding]:
    """Ticks that stand at other values, so that the axis is read wrong."""
    length = abs(_ends(one)[1] - _ends(one)[0]) or 1.0
    moved = [
        i for i, (x, y) in enumerate(zip(here, there, strict=True)) if abs(x - y) > 1e-3 * length
    ]
    boxes = [box for i in moved for box in (*_label_box(one, i), *_label_box(two, i))]
    labels = _strings(two, "labels")
    where = pair.at(f"{name} axis ticks")
    if len(moved) > APART:
        words = _tick_words(here, there)
        return [Finding("ticks", DATA, 2, where, words, both(one, two), same=f"{name}{words}")]
    parts = []
    for i in moved:
        label = f"tick {quoted(labels[i], 25)}" if i < len(labels) and labels[i] else "a tick"
        parts.append(f"{label} stands at {figure(there[i])} instead of {figure(here[i])}")
    words = "; ".join(parts)
    return [Finding("ticks", DATA, 2, where, words, boxes or both(one, two), same=f"{name}{words}")]


def _plain(value: Value) -> str:
    if isinstance(value, str):
        return colour_name(value) if value.startswith("#") else value
    return figure(value) if isinstance(value, int | float) else "none"


def _tick_words(here: Sequence[float], there: Sequence[float]) -> str:
    first, second = [figure(value) for value in here], [figure(value) for value in there]
    return (
        f"at {listed(second, 6)} instead of {listed(first, 6)}"
        if first and second
        else "are others"
    )


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
    where: str,
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
                Finding("tick_labels", TEXT, 3, where, words, near or boxes, same=f"{name}{words}")
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
                    "tick_labels", TEXT, worst, where, words, near or boxes, same=f"{name}{words}"
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
                    same=f"{name}{words}",
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
    return [Finding("tick_labels", TEXT, 2, where, words, boxes, same=f"{name}{words}")]


def _grids(pair: Pair, known: Explained, rescaled: set[str]) -> list[Finding]:
    mine = {
        (g.data.get("axis"), g.data.get("which")): g
        for g in pair.reference.children
        if g.role == "grid"
    }
    theirs = {
        (g.data.get("axis"), g.data.get("which")): g
        for g in pair.candidate.children
        if g.role == "grid"
    }
    box = shown(pair.reference, pair.candidate)
    # An axis of another scale takes other ticks, and may have none to draw a grid at.
    follow = {key for key in {*mine, *theirs} if pair.at(f"{key[0]} axis") in rescaled}
    lost = [key for key in mine if key not in theirs and key not in follow]
    new = [key for key in theirs if key not in mine and key not in follow]
    found = []
    for keys, word in ((lost, "missing"), (new, "extra")):
        if keys:
            minor = " minor" if all(key[1] == "minor" for key in keys) else ""
            axes = sorted({str(key[0]) for key in keys})
            which = f" along {axes[0]}" if len(axes) == 1 else ""
            words = f"{minor} grid lines{which} are {word}".strip()
            found.append(Finding("grid", STYLE, 1, pair.at("grid"), words, box, same=words))
    changed: dict[str, Finding] = {}
    for key in mine.keys() & theirs.keys():
        for aspect in aspects(changes_of(mine[key], theirs[key])):
            changed[aspect.words] = Finding(
                "grid", STYLE, 1, pair.at("grid"), aspect.words, box, same=aspect.words
            )
    if len(changed) > 1:
        first = next(iter(changed.values()))
        first.description = "; ".join(changed)
        first.same = first.description
        changed = {first.description: first}
    return found + list(changed.values())


def _spines(pair: Pair) -> list[Finding]:
    mine = {str(s.data.get("side")): s for s in pair.reference.children if s.role == "spine"}
    theirs = {str(s.data.get("side")): s for s in pair.candidate.children if s.role == "spine"}
    groups: dict[str, list[str]] = {}
    for side in sorted(mine.keys() | theirs.keys()):
        one, two = mine.get(side), theirs.get(side)
        if one is None or two is None:
            groups.setdefault(
                f"{'is' if one is None or two is None else ''} {'extra' if one is None else 'missing'}".strip(),
                [],
            ).append(side)
            continue
        for aspect in aspects(changes_of(one, two))[:1]:
            groups.setdefault(aspect.words, []).append(side)
        if one.data.get("position") != two.data.get("position"):
            groups.setdefault("is in another place", []).append(side)
    found = []
    for words, sides in groups.items():
        boxes = [box for side in sides for box in shown(mine.get(side), theirs.get(side))]
        where = "frame" if len(sides) == 4 else f"{listed(sides)} border"
        found.append(
            Finding("spines", STYLE, 1, pair.at(where), words, boxes, same=f"{sides}{words}")
        )
    return found


def _geometry(pair: Pair) -> list[Finding]:
    """Aspect, view and turn of an axes."""
    a, b = pair.reference, pair.candidate
    box = shown(a, b)
    found = []
    if a.data.get("view") != b.data.get("view"):
        found.append(
            Finding(
                "view", STYLE, 2, pair.at("axes"), "seen from another direction", box, same="view"
            )
        )
    if a.data.get("turn") != b.data.get("turn"):
        found.append(
            Finding(
                "turn",
                DATA,
                2,
                pair.at("axes"),
                "angles start elsewhere or run the other way",
                box,
                same="turn",
            )
        )
    if a.data.get("aspect") != b.data.get("aspect") and a.box and b.box:
        ratio = [(x[2] - x[0]) / max(x[3] - x[1], 1.0) for x in (a.box, b.box)]
        if abs(ratio[0] / ratio[1] - 1) > 0.02:
            words = (
                f"aspect {b.data.get('aspect', 'auto')} instead of {a.data.get('aspect', 'auto')}"
            )
            found.append(Finding("aspect", STYLE, 2, pair.at("axes"), words, box, same=words))
    return found


def _legend(pair: Pair, known: Explained) -> list[Finding]:
    mine = [child for child in pair.reference.children if child.role == "legend"]
    theirs = [child for child in pair.candidate.children if child.role == "legend"]
    return legends(mine, theirs, pair.at("legend"), known)


def legends(
    mine: Sequence[Element], theirs: Sequence[Element], where: str, known: Explained
) -> list[Finding]:
    """Differences between the legends of two axes, or of two figures."""
    found: list[Finding] = []
    cost = [[_unlike(one, two) for two in theirs] for one in mine]
    pairs = assign(cost, limit=5.0) if mine and theirs else []
    for i in leftover(len(mine), [i for i, _ in pairs]):
        names = {entry.text for entry in mine[i].children}
        if not (names and names <= known.series) and not known.chart_type:
            found.append(
                Finding(
                    "legend", TEXT, 2, where, "is missing", shown(mine[i], None), same="missing"
                )
            )
    for j in leftover(len(theirs), [j for _, j in pairs]):
        names = {entry.text for entry in theirs[j].children}
        if not (names and names <= known.series):
            found.append(
                Finding("legend", TEXT, 1, where, "is extra", shown(None, theirs[j]), same="extra")
            )
    for i, j in pairs:
        found += _one_legend(mine[i], theirs[j], where, known)
    return found


def _unlike(one: Element, two: Element) -> float:
    first, second = {e.text for e in one.children}, {e.text for e in two.children}
    return 1 - len(first & second) / max(1, len(first | second)) + 0.1 * (one.text != two.text)


def _one_legend(one: Element, two: Element, where: str, known: Explained) -> list[Finding]:
    found: list[Finding] = []
    if one.data.get("location") != two.data.get("location"):
        here, there = one.data["at"], two.data["at"]
        gap = float(np.hypot(*(np.array(there, float) - np.array(here, float))))
        chosen = bool(one.data.get("auto")) and bool(two.data.get("auto"))
        if gap > 0.12 and not chosen:
            words = f"moved from {one.data.get('location')} to {two.data.get('location')}"
            found.append(
                Finding(
                    "legend_place",
                    TEXT,
                    severity.of_shift(gap / 3),
                    where,
                    words,
                    both(one, two),
                    same=words,
                )
            )
    elif not (one.data.get("auto") and two.data.get("auto")):
        gap = float(np.hypot(*(np.array(two.data["at"], float) - np.array(one.data["at"], float))))
        same_form = one.data.get("columns") == two.data.get("columns")
        if gap > 0.15 and same_form and len(one.children) == len(two.children):
            found.append(
                Finding(
                    "legend_place",
                    TEXT,
                    1,
                    where,
                    "stands in another place",
                    both(one, two),
                    same="moved",
                )
            )
    if one.data.get("columns") != two.data.get("columns") and len(one.children) == len(
        two.children
    ):
        words = f"{two.data.get('columns')} columns instead of {one.data.get('columns')}"
        found.append(Finding("legend_columns", TEXT, 1, where, words, both(one, two), same=words))
    if one.text != two.text:
        words = (
            f"title {quoted(one.text)} is missing" if not two.text
            else f"title {quoted(two.text)} is extra" if not one.text
            else f"title reads {quoted(two.text)} instead of {quoted(one.text)}"
        )  # fmt: skip
        found.append(
            Finding(
                "legend_title",
                TEXT,
                severity.of_text_change(one.text, two.text) if one.text and two.text else 2,
                where,
                words,
                shown(one, two),
                same=words,
            )
        )
    found += _entries(one, two, where, known)
    frame = {
        key[6:]: value for key, value in changes_of(one, two).items() if key.startswith("frame_")
    }
    if frame:
        if all(after is None for _, after in frame.values()):
            words = "has no frame"
        elif all(before is None for before, _ in frame.values()):
            words = "has a frame"
        else:
            words = f"frame {listed([aspect.words for aspect in aspects(frame)] or ['differs'])}"
        found.append(Finding("legend_frame", STYLE, 1, where, words, shown(one, two), same=words))
    heading = {
        key[6:]: value for key, value in changes_of(one, two).items() if key.startswith("title_")
    }
    if heading and one.text and two.text:
        for aspect in aspects(heading)[:1]:
            found.append(
                Finding(
                    f"legend_{aspect.name}",
                    STYLE,
                    1,
                    where,
                    f"font: {aspect.words}",
                    shown(one, two),
                    same="/".join(aspect.key),
                )
            )
    return found


def _entries(one: Element, two: Element, where: str, known: Explained) -> list[Finding]:
    """Entries of a legend: words, order, and the look of their samples."""
    mine, theirs = one.children, two.children
    found: list[Finding] = []
    samples = [[_sample(entry) for entry in entries] for entries in (mine, theirs)]
    if samples[0] == samples[1] or [e.text for e in mine] == [e.text for e in theirs]:
        pairs = [(i, i) for i in range(len(mine))]
    else:
        cost = [[_entry_cost(x, y) for y in theirs] for x in mine]
        pairs = assign(cost, limit=1.05)
    gone = [mine[i] for i in leftover(len(mine), [i for i, _ in pairs])]
    new = [theirs[j] for j in leftover(len(theirs), [j for _, j in pairs])]
    lost = [entry.text for entry in gone if not _of_lost_series(entry, known)]
    added = [entry.text for entry in new if not _of_lost_series(entry, known)]
    if known.chart_type:
        lost, added = [], []
    for names, word in ((lost, "missing"), (added, "extra")):
        if names:
            words = f"{listed([quoted(n, 30) for n in names])} {'is' if len(names) == 1 else 'are'} {word}"
            found.append(
                Finding(
                    "legend_entry",
                    TEXT,
                    2,
                    _entry(where, "entries" if len(names) > 1 else "entry"),
                    words,
                    both(one, two),
                    same=words,
                )
            )
    before, after = [mine[i].text for i, _ in pairs], [theirs[j].text for _, j in pairs]
    renamed = [k for k, (x, y) in enumerate(zip(before, after, strict=True)) if x != y]
    # A longer or shorter entry makes the legend another width, and so all of it is redrawn.
    resized = both(one, two) if one.box and two.box and not _same_box(one.box, two.box) else []
    if renamed:
        boxes = [box for k in renamed for box in shown(mine[pairs[k][0]], theirs[pairs[k][1]])]
        if permuted([before[k] for k in renamed], [after[k] for k in renamed]):
            exchanged = listed([quoted(before[k], 30) for k in renamed])
            found.append(
                Finding(
                    "legend_entry",
                    TEXT,
                    3,
                    _entry(where, "entries"),
                    f"{exchanged} are exchanged",
                    boxes,
                )
            )
        elif len(renamed) > APART:
            words = f"{len(renamed)} read otherwise, such as {quoted(after[renamed[0]], 30)} instead of {quoted(before[renamed[0]], 30)}"
            found.append(
                Finding("legend_entry", TEXT, 3, _entry(where, "entries"), words, boxes, same=words)
            )
        else:
            for k in renamed:
                box = both(mine[pairs[k][0]], theirs[pairs[k][1]]) + resized
                words = f"reads {quoted(after[k], 40)} instead of {quoted(before[k], 40)}"
                found.append(
                    Finding(
                        "legend_entry",
                        TEXT,
                        severity.of_text_change(before[k], after[k]),
                        _entry(where, "entry"),
                        words,
                        box or both(one, two),
                        same=f"{before[k]}/{after[k]}",
                    )
                )
    elif [j for _, j in pairs] != sorted(j for _, j in pairs) and not known.data:
        found.append(
            Finding(
                "legend_order",
                TEXT,
                1,
                _entry(where, "entries"),
                "are in another order",
                both(one, two),
                same="order",
            )
        )
    looks = known.looks
    fonts: dict[str, str] = {}
    for i, j in pairs:
        changed = changes_of(mine[i], theirs[j])
        letters = {key[5:]: value for key, value in changed.items() if key.startswith("text_")}
        for aspect in aspects(letters)[:1]:
            fonts["/".join(aspect.key)] = aspect.words
        handle = {key: value for key, value in changed.items() if not key.startswith("text_")}
        if not handle or known.chart_type:
            continue
        follow = False
        for aspect in aspects(handle):
            hits = [
                finding
                for key, finding in (looks.by_key if looks else {}).items()
                if _alike(key, aspect.key)
            ]
            for finding in hits[:1]:
                finding.boxes += shown(mine[i], theirs[j])
            follow = follow or bool(hits) or (looks is not None and aspect.key in looks.keys)
        if not follow and not (known.series or (known.data and before != after)):
            aspect = aspects(handle)[0]
            found.append(
                Finding(
                    "legend_sample",
                    STYLE,
                    1,
                    _entry(where, f"entry {quoted(mine[i].text, 30)}"),
                    f"sample {aspect.words}",
                    shown(mine[i], theirs[j]),
                    same=aspect.words,
                )
            )
    for key, words in list(fonts.items())[:1]:
        kind = f"legend_{key.partition('/')[0]}"
        found.append(Finding(kind, STYLE, 1, where, f"font: {words}", both(one, two), same=key))
    return found


def _alike(first: tuple[str, str, str], second: tuple[str, str, str]) -> bool:
    """True where a sample changed as its marks did; samples may be drawn smaller or lighter."""
    return first[1:] == second[1:] or (
        first[0] == second[0]
        and first[0]
        in ("opacity", "marker_size", "width", "edge_width", "dash", "marker", "colour_map")
    )


def _same_box(first: Box, second: Box) -> bool:
    return all(abs(x - y) < 1.5 for x, y in zip(first, second, strict=True))


def _of_lost_series(entry: Element, known: Explained) -> bool:
    """True where the series of an entry is missing or extra itself."""
    return entry.text in known.series or main_colour(entry)[:7] in known.tints


def _entry(where: str, part: str) -> str:
    """A part of a legend in words.

    >>> _entry("legend, inset", "entry")
    'legend entry, inset'
    """
    name, comma, place = where.partition(", ")
    return f"{name} {part}{comma}{place}"


def _sample(entry: Element) -> dict[str, Value]:
    """The look of an entry without its words."""
    return {key: value for key, value in entry.style.items() if not key.startswith("text_")}


def _entry_cost(one: Element, two: Element) -> float:
    unlike = 0.0 if _sample(one) == _sample(two) else 0.45
    words = 0.0 if one.text == two.text else 0.2 + 0.4 * (1 - text_similarity(one.text, two.text))
    return unlike + words
