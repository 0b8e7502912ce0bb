"""Differences between legends: place, entries, samples, frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.aspects import Aspect, aspects
from annotators.structural.chart.attached_texts import NUMBER
from annotators.structural.chart.explained import Explained
from annotators.structural.chart.findings import STYLE, TEXT, Finding, Place, both, shown
from annotators.structural.chart.panel_pair import APART, PanelPair
from annotators.structural.chart.titles import changes_of
from annotators.structural.chart.words import Name, cut, listed, main_colour, quoted
from annotators.structural.matching import assign, leftover, permuted, text_similarity
from annotators.structural.why import explains, spoken
from records.rows import Box
from renderers.scene import Element, Value


def legend(pair: PanelPair, known: Explained) -> list[Finding]:
    mine = [child for child in pair.reference.children if child.role == "legend"]
    theirs = [child for child in pair.candidate.children if child.role == "legend"]
    return legends(mine, theirs, pair.at("legend"), known)


def legends(
    mine: Sequence[Element], theirs: Sequence[Element], where: Place, known: Explained
) -> list[Finding]:
    """Differences between the legends of two axes, or of two figures."""
    found: list[Finding] = []
    cost = [[_unlike(one, two) for two in theirs] for one in mine]
    pairs = assign(cost, limit=5.0) if mine and theirs else []
    for i in leftover(len(mine), [i for i, _ in pairs]):
        names = {entry.text for entry in mine[i].children}
        if not (names and names <= known.series) and not known.chart_type:
            found.append(Finding("legend", TEXT, 2, where, "is missing", shown(mine[i], None)))
    for j in leftover(len(theirs), [j for _, j in pairs]):
        names = {entry.text for entry in theirs[j].children}
        if not (names and names <= known.series):
            found.append(Finding("legend", TEXT, 1, where, "is extra", shown(None, theirs[j])))
    for i, j in pairs:
        found += _one_legend(mine[i], theirs[j], where, known)
    return found


def _unlike(one: Element, two: Element) -> float:
    first, second = {e.text for e in one.children}, {e.text for e in two.children}
    return 1 - len(first & second) / max(1, len(first | second)) + 0.1 * (one.text != two.text)


def _anchored(one: Element, two: Element) -> bool:
    """True where a legend of another size hangs at the same corner, edge or middle."""
    if one.box is None or two.box is None:
        return False
    held = []
    for low, high in ((0, 2), (1, 3)):
        gaps = one.box[low] - two.box[low], one.box[high] - two.box[high]
        held.append(min(abs(gaps[0]), abs(gaps[1]), abs(gaps[0] + gaps[1]) / 2) < 3)
    return all(held)


INSIDE = frozenset(
    ("upper left", "upper center", "upper right", "center left", "center", "center right",
     "lower left", "lower center", "lower right")
)  # fmt: skip
"""Places within an axes; a legend that leaves it, or enters, is seen to have moved."""


def _letters(legend: Element) -> set[Value]:
    """Sizes of the letters of the entries."""
    return {entry.style.get("text_size") for entry in legend.children}


FAR = 0.25
"""Lengths of the axes by which a legend of other letters must stand aside to have been moved."""


def _aside(one: Element, two: Element) -> float:
    """How far apart two legends stand, in lengths of their axes."""
    here, there = one.data.get("at"), two.data.get("at")
    return float(np.hypot(*(np.array(there, float) - np.array(here, float))))


def _one_legend(one: Element, two: Element, where: Place, known: Explained) -> list[Finding]:
    found: list[Finding] = []
    if _anchored(one, two) or (_letters(one) != _letters(two) and _aside(one, two) < FAR):
        pass  # grown or shrunk where it stands
    elif one.data.get("location") != two.data.get("location"):
        here, there = one.data["at"], two.data["at"]
        gap = float(np.hypot(*(np.array(there, float) - np.array(here, float))))
        chosen = bool(one.data.get("auto")) and bool(two.data.get("auto"))
        least = 0.03 if (one.data.get("location") in INSIDE) != (two.data.get("location") in INSIDE) else 0.12  # fmt: skip
        if gap > least and not chosen:
            words = f"moved from {one.data.get('location')} to {two.data.get('location')}"
            found.append(
                Finding(
                    "legend_place", TEXT, severity.of_shift(gap / 3), where, words, both(one, two)
                )
            )
    elif not (one.data.get("auto") and two.data.get("auto")):
        gap = float(np.hypot(*(np.array(two.data["at"], float) - np.array(one.data["at"], float))))
        same_form = one.data.get("columns") == two.data.get("columns")
        if gap > 0.15 and same_form and len(one.children) == len(two.children):
            found.append(
                Finding("legend_place", TEXT, 1, where, "stands in another place", both(one, two))
            )
    if one.data.get("columns") != two.data.get("columns") and len(one.children) == len(
        two.children
    ):
        count = two.data.get("columns")
        words = f"{count} column{'s' * (count != 1)} instead of {one.data.get('columns')}"
        found.append(Finding("legend_columns", TEXT, 1, where, words, both(one, two)))
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
        found.append(Finding("legend_frame", STYLE, 1, where, words, shown(one, two)))
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
                    aspect.words,
                    shown(one, two),
                    same=aspect.key,
                )
            )
    return found


def _entries(one: Element, two: Element, where: Place, known: Explained) -> list[Finding]:
    """Entries of a legend: words, order, and the look of their samples."""
    mine, theirs = one.children, two.children
    found: list[Finding] = []
    samples = [[_sample(entry) for entry in entries] for entries in (mine, theirs)]
    if samples[0] == samples[1] or [e.text for e in mine] == [e.text for e in theirs]:
        pairs = [(i, i) for i in range(len(mine))]
    else:
        cost = [[_entry_cost(x, y, known) for y in theirs] for x in mine]
        pairs = assign(cost, limit=1.05)
    gone = [mine[i] for i in leftover(len(mine), [i for i, _ in pairs])]
    new = [theirs[j] for j in leftover(len(theirs), [j for _, j in pairs])]
    lost = [entry.text for entry in gone if not _of_lost_series(entry, known)]
    added = [entry.text for entry in new if not _of_lost_series(entry, known)]
    if known.chart_type or 0 < len(gone) + len(new) <= known.absent:
        lost, added = [], []
    for entry in [*gone, *new]:
        if entry.text not in (*lost, *added):
            explains("entry_follows_series", known.because, spoken(where, quoted(entry.text, 30)))
    for names, word in ((lost, "missing"), (added, "extra")):
        if names:
            words = f"{listed([quoted(n, 30) for n in names])} {'is' if len(names) == 1 else 'are'} {word}"
            found.append(
                Finding(
                    "legend_entry",
                    TEXT,
                    2,
                    where.part("entries" if len(names) > 1 else "entry"),
                    words,
                    both(one, two),
                )
            )
    before, after = [mine[i].text for i, _ in pairs], [theirs[j].text for _, j in pairs]
    renamed = [
        k for k, (x, y) in enumerate(zip(before, after, strict=True))
        if x != y and not _retold(x, y, known)
    ]  # fmt: skip
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
                    where.part("entries"),
                    f"{exchanged} are exchanged",
                    boxes,
                )
            )
        elif len(renamed) > APART:
            words = f"{len(renamed)} read differently, such as {quoted(after[renamed[0]], 30)} instead of {quoted(before[renamed[0]], 30)}"
            found.append(Finding("legend_entry", TEXT, 3, where.part("entries"), words, boxes))
        else:
            for k in renamed:
                box = both(mine[pairs[k][0]], theirs[pairs[k][1]]) + resized
                words = f"reads {quoted(after[k], 40)} instead of {quoted(before[k], 40)}"
                found.append(
                    Finding(
                        "legend_entry",
                        TEXT,
                        severity.of_text_change(before[k], after[k]),
                        where.part("entry"),
                        words,
                        box or both(one, two),
                        same=(before[k], after[k]),
                        change=(before[k], after[k]),
                    )
                )
    elif [j for _, j in pairs] != sorted(j for _, j in pairs) and not known.data:
        found.append(
            Finding(
                "legend_order",
                TEXT,
                1,
                where.part("entries"),
                "are in another order",
                both(one, two),
            )
        )
    looks = known.looks
    fonts: dict[tuple[str, str, str], Aspect] = {}
    for i, j in pairs:
        changed = changes_of(mine[i], theirs[j])
        letters = {key[5:]: value for key, value in changed.items() if key.startswith("text_")}
        for aspect in aspects(letters)[:1]:
            fonts[aspect.key] = aspect
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
                finding.boxes.extend(shown(mine[i], theirs[j]))
            follow = follow or bool(hits) or (looks is not None and aspect.key in looks.keys)
        shifted = bool(known.absent) or (known.data and before != after)
        if not follow and not known.series and not shifted:
            aspect = aspects(handle)[0]
            found.append(
                Finding(
                    "legend_sample",
                    STYLE,
                    1,
                    replace(where, names=(Name("legend entry", cut(mine[i].text, 30)),)),
                    f"sample {aspect.words}",
                    shown(mine[i], theirs[j]),
                    same=aspect.words,
                )
            )
    for key, aspect in list(fonts.items())[:1]:
        found.append(
            Finding(
                f"legend_{aspect.name}", STYLE, 1, where, aspect.words, both(one, two), same=key,
                ratio=aspect.ratio,
            )
        )  # fmt: skip
    return found


def _retold(before: str, after: str, known: Explained) -> bool:
    """True where a name holds numbers that were worked out from data which differ."""
    same = NUMBER.sub("#", before) == NUMBER.sub("#", after)
    return same and "#" in NUMBER.sub("#", before) and (before, after) in known.renamed


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


def _sample(entry: Element) -> dict[str, Value]:
    """The look of an entry without its words."""
    return {key: value for key, value in entry.style.items() if not key.startswith("text_")}


def _entry_cost(one: Element, two: Element, known: Explained) -> float:
    if one.text != two.text and {one.text, two.text} & known.series:
        return 2.0  # colors move up where a series is gone
    unlike = 0.0 if _sample(one) == _sample(two) else 0.45
    words = 0.0 if one.text == two.text else 0.2 + 0.4 * (1 - text_similarity(one.text, two.text))
    return unlike + words
