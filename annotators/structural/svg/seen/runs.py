"""Compares visible texts: words, size, weight, font, angle, place.

Letters are joined to runs: consecutive pieces of one line, whatever elements contain them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from annotators.structural.matching import assign, text_similarity
from annotators.structural.severity import (
    of_color_change,
    of_shift,
    of_size_change,
    of_text_change,
)
from annotators.structural.svg.masks import count
from annotators.structural.svg.seen.areas import SPECK_PX, SeenIcon
from annotators.structural.svg.seen.fits import Fit
from annotators.structural.svg.seen.labels import Scenes, SeenLabel
from annotators.structural.svg.seen.names import where
from annotators.structural.svg.seen.things import Thing
from annotators.structural.svg.words import (
    move_words,
    other_face,
    percent,
    recolored,
    spacing,
    turned,
)
from annotators.structural.visibility import PLACE_PX, color_noticed, size_noticed
from records.rows import Box
from records.taxonomy import SvgCategory
from renderers.scene import Element

GAP = 0.22
"""A word ends if the gap to the next letter is at least this share of the font size."""
LIMIT = 1.1


@dataclass(frozen=True)
class LetterRun:
    """Letters of one line, in one font."""

    text: str
    items: tuple[int, ...]
    box: Box
    element: Element
    """The first piece."""

    def number(self, name: str) -> float:
        value = self.element.style.get(name)
        return float(value) if isinstance(value, int | float) else 0.0


def runs(seen: SeenIcon) -> list[LetterRun]:
    """The visible texts, with their pieces joined."""
    result: list[LetterRun] = []
    for at, element in enumerate(seen.items):
        box = _extent(element)
        if element.role != "text" or not element.text or box is None or element.box is None:
            continue
        last = result[-1] if result else None
        if last is not None and _follows(last, element, box):
            gap = box[0] - last.box[2]
            space = " " if gap > GAP * last.number("font_size") else ""
            around = (
                min(last.box[0], box[0]), min(last.box[1], box[1]),
                max(last.box[2], box[2]), max(last.box[3], box[3]),
            )  # fmt: skip
            result[-1] = LetterRun(
                last.text + space + element.text, (*last.items, at), around, last.element
            )
        else:
            result.append(LetterRun(element.text, (at,), box, element))
    return result


def _extent(element: Element) -> Box | None:
    value = element.data.get("extent")
    if isinstance(value, list) and len(value) == 4:
        left, top, right, bottom = (float(part) for part in value if isinstance(part, int | float))
        return left, top, right, bottom
    return element.box


def _follows(last: LetterRun, element: Element, box: Box) -> bool:
    size = last.number("font_size") or 1.0
    alike = all(
        last.element.style.get(name) == element.style.get(name)
        for name in ("font", "font_size", "bold", "italic", "turned")
    )
    low = min(last.box[3], box[3]) - max(last.box[1], box[1])
    shared = low > 0.5 * min(last.box[3] - last.box[1], box[3] - box[1])
    return alike and shared and -0.3 * size < box[0] - last.box[2] < 0.7 * size


def text_labels(scenes: Scenes) -> tuple[list[SeenLabel], set[int], set[int]]:
    """Labels of texts that are on both sides, and the items of each side that they cover."""
    before, after = runs(scenes.first), runs(scenes.second)
    labels: list[SeenLabel] = []
    reported: tuple[set[int], set[int]] = (set(), set())
    if before and after:
        cost = np.array([[_cost(one, two) for two in after] for one in before])
        for row, column in assign(cost, LIMIT):
            one, two = before[row], after[column]
            reported[0].update(one.items)
            reported[1].update(two.items)
            if _changed(one, two, scenes):
                labels += changes(one, two, scenes)
    return labels, *reported


def _cost(one: LetterRun, two: LetterRun) -> float:
    gap = np.hypot(*np.subtract(_middle(one.box), _middle(two.box))) / 475
    return float(0.9 * (1 - text_similarity(one.text, two.text)) + 1.5 * gap)


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _changed(one: LetterRun, two: LetterRun, scenes: Scenes) -> bool:
    seen = 0
    for box in (one.box, two.box):
        left, top, right, bottom = (max(int(edge), 0) for edge in box)
        seen = max(seen, count(scenes.differs[top : bottom + 2, left : right + 2]))
    return seen >= SPECK_PX


def changes(one: LetterRun, two: LetterRun, scenes: Scenes) -> Iterator[SeenLabel]:
    """The labels of one text."""
    name = f"text {one.text[:40]!r}"
    box = (
        min(one.box[0], two.box[0]), min(one.box[1], two.box[1]),
        max(one.box[2], two.box[2]), max(one.box[3], two.box[3]),
    )  # fmt: skip
    thing = Thing([], [], scenes.differs.shape)

    def label(severity: int, words: str, fit: Fit | None = None, style: bool = False) -> SeenLabel:
        spot = where(name, one.box, scenes.first)
        category = SvgCategory.STYLE if style else SvgCategory.TEXT_SYMBOL
        return SeenLabel(category, severity, name, spot, words, box, thing, fit, (one.box, two.box))

    yield from _paint(one, two, label)

    reworded = one.text.replace(" ", "") != two.text.replace(" ", "")
    if reworded:
        words = f"reads {two.text[:80]!r} instead of {one.text[:80]!r}"
        yield label(of_text_change(one.text, two.text), words)
    size, new_size = one.number("font_size"), two.number("font_size")
    face = other_face(one.element, two.element)
    seen = size_noticed(size, new_size) if "font" in face else abs(new_size - size) > 0.04 * size
    grown = bool(size) and seen
    if grown:
        yield label(of_size_change(size, new_size), f"is written {percent(new_size / size)}")
    if face:
        yield label(1, f"is {face}")
    turn = (two.number("turned") - one.number("turned") + 180) % 360 - 180
    if abs(turn) > 2:
        yield label(2 if abs(turn) > 20 else 1, f"is {turned(turn)}")
        return
    if bool(one.element.style.get("mirrored")) != bool(two.element.style.get("mirrored")):
        yield label(3, "is mirrored")
        return
    if face:
        return
    apart = spacing(one.text, one.box, two.box, scenes.differs.shape, new_size / (size or 1.0))
    if apart and not reworded and not one.number("turned"):
        yield label(1, apart)
        return
    if reworded or grown:
        return
    across, down = np.subtract(_middle(two.box), _middle(one.box)).tolist()
    distance = float(np.hypot(across, down))
    if distance >= PLACE_PX:
        words = f"is {move_words(across, down)}"
        yield label(of_shift(distance / 475), words, Fit("moved", across, down))


def _paint(one: LetterRun, two: LetterRun, label: Callable[..., SeenLabel]) -> Iterator[SeenLabel]:
    """A label for another text color, or for letters that are only outlined."""
    looks = [(run.element.style.get("fill"), run.element.style.get("stroke")) for run in (one, two)]
    (fill, _), (new_fill, _) = looks
    if (fill == "none") != (new_fill == "none"):
        hollow = new_fill == "none"
        words = "is only outlined" if hollow else "is filled instead of only outlined"
        yield label(2, words, style=True)
    elif isinstance(fill, str) and isinstance(new_fill, str) and fill[0] == new_fill[0] == "#":
        if color_noticed(fill, new_fill, thin=False, text=True):
            severity = of_color_change(fill, new_fill)
            yield label(severity, f"is {recolored(fill, new_fill)}", style=True)
    elif fill != new_fill:
        yield label(2, "is painted differently", style=True)
