"""Finds titles, labels, notes and legends that the edge of the picture cuts off."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from annotators.structural.chart.axis_pair import label_box, tick_words
from annotators.structural.chart.findings import TEXT, Finding, Place, both
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.words import Name, cut
from annotators.structural.matching import grouped
from annotators.structural.visibility import size_noticed
from annotators.structural.why import explains
from records.rows import Box
from records.taxonomy import Severity
from renderers.scene import Element

CUT, CUT_PX = 0.04, 2.0
"""Least noticed part of a text that lies beyond the edge, as a share of its height or width and in pixels: slanted
labels are high."""

UNREADABLE = 0.7
"""Beyond this share, nothing can be read."""

EDGES = ("left", "top", "right", "bottom")

MOVED = frozenset(("title_place", "legend_place", "legend_gap", "text_place"))
"""Kinds of findings that say no more than how a text came to lie over the edge."""


def with_cut_off(found: Sequence[Finding], pair: PanelPair, figure: PanelPair) -> list[Finding]:
    """The findings with those on texts that are cut off, which replace those on their places.

    Args:
        found: The findings on a pair of axes, or on the figures as a whole.
        pair: These axes or figures.
        figure: The figures as a whole, whose boxes are those of the pictures.
    """
    pictures = figure.reference.box, figure.candidate.box
    kept = list(found)
    for place, one, two in _texts(pair):
        edge, share = _beyond(one, two, pictures)
        fits = not edge and two.role in ALONE  # a legend or a note that fits again was moved
        healed = _beyond(two, one, pictures[::-1], smaller=True)[0] if fits else ""
        if not edge and not healed:
            continue
        words = f"is {'cut' if edge else 'no longer cut'} off by the {edge or healed} edge of the picture"
        grade: Severity = 1 if healed else 3 if share > UNREADABLE else 2
        made = Finding("cut_off", TEXT, grade, place, words, both(one, two))
        moved = [other for other in kept if other.kind in MOVED and two.box in other.boxes]
        explains("moved_over_the_edge", made, *moved)
        kept = [*(other for other in kept if other not in moved), made]
    labels: dict[Place, list[tuple[Element, Element, str, float]]] = defaultdict(list)
    for place, one, two in _tick_labels(pair):
        edge, share = _beyond(one, two, pictures)
        if edge:
            labels[place].append((one, two, edge, share))
    for place, cut_ in labels.items():
        words = f"are cut off by the {cut_[0][2]} edge of the picture"
        grade = 3 if max(share for *_, share in cut_) > UNREADABLE else 2
        boxes = [box for one, two, *_ in cut_ for box in both(one, two)]
        kept.append(Finding("cut_off", TEXT, grade, place, words, boxes))
    return kept


def _tick_labels(pair: PanelPair) -> Iterator[tuple[Place, Element, Element]]:
    """The labels of ticks that both charts have, with the place of their axis in words."""
    for one in pair.reference.children:
        name = one.data.get("axis")
        two = pair.candidate.part("axis", axis=name) if one.role == "axis" else None
        if two is None or tick_words(one) != tick_words(two):
            continue
        for at, words in enumerate(tick_words(one)):
            boxes = label_box(one, at), label_box(two, at)
            if words and all(boxes):
                size = one.style.get("label_size"), two.style.get("label_size")
                yield (
                    pair.axis_at(str(name), "tick labels"),
                    *(
                        Element("text", box[0], words, {"size": size[i]})
                        for i, box in enumerate(boxes)
                    ),
                )  # type: ignore[misc]


def _texts(pair: PanelPair) -> Iterator[tuple[Place, Element, Element]]:
    """Texts and legends that both charts have, with their place in words."""
    for role, name in NAMES.items():
        mine, theirs = ([part for part in axes.parts(role) if part.box] for axes in pair.sides)
        known = grouped(theirs, _entries)
        words = [_entries(one) for one in mine]
        counts = Counter(words)
        for one, said in zip(mine, words, strict=True):
            alike = known.get(said, [])
            only = role in ALONE and len(mine) == len(theirs) == 1
            if only or len(alike) == counts[said] == 1:
                spoken = Name("annotation", cut(one.text)) if role == "text" else name
                axis = one.data.get("axis") if role == "axis_label" else None
                yield (
                    pair.at(f"{axis} {name}" if axis else spoken),
                    one,
                    theirs[0] if only else alike[0],
                )


NAMES = {
    "title": "title", "axis_label": "axis label", "text": "annotation", "legend": "legend",
    "suptitle": "figure title", "supxlabel": "figure x label", "supylabel": "figure y label",
}  # fmt: skip
"""Roles of texts and of legends, in words."""


ALONE = ("title", "suptitle")
"""Roles of which the only two correspond, whatever they say."""


def _entries(part: Element) -> tuple[str, ...]:
    """The words of a text, or of a legend with its entries."""
    return part.text, *(entry.text for entry in part.parts("legend_entry"))


def _beyond(
    one: Element, two: Element, pictures: tuple[Box | None, Box | None], *, smaller: bool = False
) -> tuple[str, float]:
    """The edge that cuts off the second text only, and which share of it lies beyond.

    Args:
        smaller: True if the first may be set in other letters, so that it fits.
    """
    if one.box is None or two.box is None or None in pictures:
        return "", 0.0
    reworded = one.text != two.text
    grown = 1.0 if reworded else _grown(one, two)
    if smaller and grown != 1.0:
        reworded, grown = True, 1.0
    elif grown is None:
        return "", 0.0
    lost = []
    for at, edge in enumerate(EDGES):
        ends = [
            abs(part[at] - (picture or part)[at]) < 0.5
            for part, picture in zip((one.box, two.box), pictures, strict=True)
        ]
        low = at % 2
        lengths = [max(box[low + 2] - box[low], 1e-9) for box in (one.box, two.box)]
        # Nobody knows how long other words would be: that they end at the edge is all that shows.
        share = CUT if reworded else 1 - lengths[1] / (lengths[0] * grown)
        if ends == [False, True] and share >= CUT and (reworded or share * lengths[0] >= CUT_PX):
            lost.append((share, edge))
    share, edge = max(lost, default=(0.0, ""))
    return edge, share


def _grown(one: Element, two: Element) -> float | None:
    """How many times as large the letters of a text are, None if more than its letters sets another size:
    its turn, its lines, a legend's columns."""
    kept = [
        [part.style.get("rotation"), part.data.get("lines"), part.data.get("columns")]
        for part in (one, two)
    ]
    sizes = [
        [number for number in (part.style.get("size"), *(entry.style.get("text_size") for entry in part.children))
         if isinstance(number, int | float)]
        for part in (one, two)
    ]  # fmt: skip
    if kept[0] != kept[1] or len(sizes[0]) != len(sizes[1]):
        return None
    ratios = [b / a if size_noticed(a, b) else 1.0 for a, b in zip(*sizes, strict=True)]
    if len(ratios) > 1 and any(ratio != 1.0 for ratio in ratios):
        return None  # A legend's size is more than that of its letters.
    return ratios[0] if ratios else 1.0
