"""Texts, legends and lines count where they stand, whichever object of a plotting library owns them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import hypot

import msgspec
import numpy as np

from annotators.structural.chart.marks import scales_of
from annotators.structural.chart.panels import paired_axes
from annotators.structural.matching import paired, text_similarity
from records.boxes import area, common
from renderers.scene import Element, Scene, Value


def legends_with(reference: Scene, candidate: Scene) -> Scene:
    """The candidate with each legend where the reference has it: of the figure, or of an axes."""
    owners = [(reference.root, candidate.root), *paired_axes(reference, candidate).sides]
    lost = [(two, legend) for one, two in owners for legend in _without(one, two)]
    alone = [(two, legend) for one, two in owners for legend in _without(two, one)]
    moved: dict[int, Element] = {}
    for owner, legend in lost:
        words = {entry.text for entry in legend.children}
        for other, found in alone:
            now, near = (
                {entry.text for entry in found.children},
                _near(legend, found, reference, candidate),
            )
            if other is owner or (now != words and not (near and now & words)):
                continue
            place = ("at", "location", "auto") if near else ()
            data = found.data | {key: legend.data[key] for key in place if key in legend.data}
            made = found.having(data=data)
            for part, children in (
                (other, tuple(c for c in moved.get(id(other), other).children if c is not found)),
                (owner, (*moved.get(id(owner), owner).children, made)),
            ):
                moved[id(part)] = moved.get(id(part), part).having(children=children)
            alone.remove((other, found))
            break
    return with_axes(candidate, moved) if moved else candidate


def with_lines_of_the_figure(root: Element) -> Element:
    """A figure whose own lines belong to the axes on which they lie: nobody sees whose they are."""
    found: dict[int, list[Element]] = {}
    kept = []
    for part in root.children:
        at = _axes_below(part, root) if part.data.get("space") == "figure" else None
        if at is None:
            kept.append(part)
        else:
            found.setdefault(id(at), []).append(part.having(data=part.data | _in_data(part, at)))
    if not found:
        return root
    lent = (part.having(children=(*part.children, *found.get(id(part), ()))) for part in kept)
    return root.having(children=tuple(lent))


def _axes_below(line: Element, root: Element) -> Element | None:
    """The axes, not an inset, that a line or an arrow of the figure lies in from end to end."""
    ends = [(column.min(), column.max()) for column in (line.numbers("x"), line.numbers("y"))
            if line.role in ("line", "arrow") and np.isfinite(column).all() and len(column)]  # fmt: skip
    for axes in root.parts("axes"):
        place = axes.numbers("position")
        flat = axes.data.get("kind") == "main" and axes.data.get("projection") == "rectilinear"
        if flat and len(ends) == 2 and len(place) == 4 and all(
            place[way] <= low and high <= place[way] + place[way + 2]
            for way, (low, high) in enumerate(ends)
        ):  # fmt: skip
            return axes
    return None


def _in_data(line: Element, axes: Element) -> dict[str, Value]:
    """The columns of a line of the figure in units of an axes."""
    place, made = axes.numbers("position"), {}
    for way, scale in enumerate(scales_of(axes)[:2]):
        shares = (line.numbers("xy"[way]) - place[way]) / place[way + 2]
        made["xy"[way]] = scale.values(shares).tolist()
    return {**made, "space": "data"}


def _without(one: Element, two: Element) -> list[Element]:
    """The legends of one part that another has no counterpart of."""
    legends = [owner.parts("legend") for owner in (one, two)]
    return legends[0] if not legends[1] else legends[0][len(legends[1]) :]


WORDED = frozenset(("title", "suptitle", "axis_label", "supxlabel", "supylabel", "text"))


def same_roles(reference: Scene, candidate: Scene) -> tuple[Scene, Scene]:
    """The candidate, with each text given the role that it has in the reference.

    A title may belong to the axes, to the figure, or to a twin axes: a viewer sees the same.
    """
    axes = paired_axes(reference, candidate)
    pairs, first_only, second_only = paired(axes.mine, axes.theirs, axes.indices)
    owners = [(reference.root, candidate.root), *pairs]
    lost = [
        (number, part) for number, (one, two) in enumerate(owners) for part in _worded(one)
        if (part.role, part.text) not in _slots(two)
    ]  # fmt: skip
    lost += [(-1, part) for axes in first_only for part in _worded(axes)]
    alone = [part for one, two in owners for part in _worded(two)
             if (part.role, part.text) not in _slots(one)]  # fmt: skip
    alone += [part for axes in second_only for part in _worded(axes)]
    found: dict[int, tuple[int, Element]] = {}
    for number, part in lost:
        for other in alone:
            free = id(other) not in found and other.text == part.text
            if free and _near(part, other, reference, candidate) and not _taken(other, owners):
                found[id(other)] = number, part
                break
    found |= _rewritten(lost, [part for part in alone if id(part) not in found], owners, found)
    if not found:
        return reference, candidate
    gone = {id(part) for number, part in found.values() if number < 0}
    moved: dict[int, list[Element]] = {}
    for other in alone:
        if id(other) in found and found[id(other)][0] >= 0:
            number, part = found[id(other)]
            made = other.having(role=part.role, data=part.data)
            moved.setdefault(id(owners[number][1]), []).append(made)

    def rebuilt(owner: Element) -> Element:
        children = [
            rebuilt(child) if child.role == "axes" else child
            for child in owner.children if id(child) not in found and id(child) not in gone
        ]  # fmt: skip
        return owner.having(children=(*children, *moved.get(id(owner), [])))

    return (
        msgspec.structs.replace(reference, root=rebuilt(reference.root)),
        msgspec.structs.replace(candidate, root=rebuilt(candidate.root)),
    )


def _rewritten(
    lost: Sequence[tuple[int, Element]],
    alone: Sequence[Element],
    owners: Sequence[tuple[Element, Element]],
    known: dict[int, tuple[int, Element]],
) -> dict[int, tuple[int, Element]]:
    """Texts of other owners or roles that stand where a text was, with words like its own."""
    taken = {id(part) for _, part in known.values()}
    found: dict[int, tuple[int, Element]] = {}
    for number, part in lost:
        if number < 0 or id(part) in taken:
            continue
        like = [
            other for other in alone
            if other.role in (part.role, "text") or part.role == "text"
            if id(other) not in found and part.box and other.box
            and 2 * area(common(part.box, other.box)) > area(part.box)
            and text_similarity(part.text, other.text) >= LIKE_WORDS
        ]  # fmt: skip
        own = [*_worded(owners[number][1])]
        if like and not any(one.role == part.role for one in own if one in alone):
            found[id(like[0])] = number, part
    return found


LIKE_WORDS = 0.5
"""Least likeness of the words of a text and of another one in its place."""


def _worded(owner: Element) -> Iterator[Element]:
    return (part for part in owner.children if part.role in WORDED and part.text)


def _slots(owner: Element) -> set[tuple[str, str]]:
    return {(part.role, part.text) for part in _worded(owner)}


def _taken(text: Element, owners: Sequence[tuple[Element, Element]]) -> bool:
    """True if the reference has other words where a text of the candidate stands."""
    x, y = ((text.box[i] + text.box[i + 2]) / 2 for i in (0, 1)) if text.box else (0.0, 0.0)
    return any(
        part.box and part.text != text.text
        and part.box[0] <= x <= part.box[2] and part.box[1] <= y <= part.box[3]
        for owner, _ in owners for part in _worded(owner)
    )  # fmt: skip


AT_ONE_PLACE = 0.06
"""Largest distance, as a share of the picture's width, between two places of the same text."""


def _near(one: Element, two: Element, reference: Scene, candidate: Scene) -> bool:
    if one.box is None or two.box is None:
        return False
    higher = reference.height_px / candidate.height_px
    across = (one.box[0] + one.box[2] - two.box[0] - two.box[2]) / 2
    down = (one.box[1] + one.box[3] - (two.box[1] + two.box[3]) * higher) / 2
    return hypot(across, down) < AT_ONE_PLACE * reference.width_px


def with_axes(scene: Scene, read: dict[int, Element]) -> Scene:
    """A scene whose axes are replaced by their converted versions."""
    return msgspec.structs.replace(scene, root=with_parts(scene.root, read))


def with_parts(part: Element, read: dict[int, Element]) -> Element:
    """An element with those of the axes in it, and itself, that others stand for replaced by them."""
    found = read.get(id(part), part)
    inner = tuple(
        with_parts(child, read) if child.role == "axes" else child for child in found.children
    )
    return found if inner == found.children else found.having(children=inner)
