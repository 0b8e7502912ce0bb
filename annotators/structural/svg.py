"""Two drawings in, discrepancies out: shapes are matched, then compared, then checked by pixels.

A difference counts only where pixels changed that the shapes in question own, and changed pixels
that no difference explains are looked at again by region. Where the two documents have nothing in
common but the picture (a traced copy), `svg_regions` compares what is seen of each shape instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from annotators.structural import svg_regions
from annotators.structural.difference import PixelDifference
from annotators.structural.severity import (
    of_area_share,
    of_shift,
    of_size_change,
    of_text_change,
)
from annotators.structural.svg_geometry import (
    Change,
    Points,
    centre,
    change,
    fits,
    move_words,
    moved_by,
)
from annotators.structural.svg_labels import Found, Ledger
from annotators.structural.svg_match import Pair, out_of_order, pair_up
from annotators.structural.svg_shapes import Drawing, Shape
from annotators.structural.svg_style import paint_differences
from records.rows import Discrepancy
from records.taxonomy import SvgCategory
from renderers.scene import Scene

MAX_REORDERED = 24
"""Shapes out of order beyond which the order is another one altogether."""
MAX_SHAPES = 1_000
"""Visible shapes a side beyond which they are not matched one by one."""


def differences(reference: Scene, candidate: Scene, pixels: PixelDifference) -> list[Discrepancy]:
    """Every visible difference of two SVG scenes, each named once at its cause.

    Raises:
        SceneError: a scene's map of owners is damaged.
    """
    if not pixels.changed.any():
        return []
    first = Drawing.of(reference, pixels.changed)
    second = Drawing.of(candidate, pixels.changed)
    ledger = Ledger(first, second, pixels.changed)
    if max(len(_seen(first.shapes)), len(_seen(second.shapes))) > MAX_SHAPES:
        svg_regions.account(first, second, pixels, ledger)
        return ledger.discrepancies()
    pairs = pair_up(first, second)
    changes = _outlines(pairs)
    if _unlike(first, second, pairs, changes):
        svg_regions.account(first, second, pixels, ledger)
        return ledger.discrepancies()
    _shape_by_shape(first, second, pairs, changes, ledger)
    svg_regions.rest(first, second, pairs, ledger)
    return ledger.discrepancies()


def _seen(shapes: list[Shape]) -> list[Shape]:
    return [shape for shape in shapes if shape.area]


def _unlike(first: Drawing, second: Drawing, pairs: list[Pair], changes: dict[int, Change]) -> bool:
    """True where the shapes of two documents do not correspond: one was drawn anew.

    An edited document has shapes on one side only, or shapes of which most of the outline stayed
    exactly as it was; a copy drawn anew has neither.
    """
    anew = sum(not changes[shape.index].kin for shape, _ in pairs if shape.index in changes)
    alone = len(_seen(first.shapes)) - sum(bool(shape.area) for shape, _ in pairs)
    extra = len(_seen(second.shapes)) - sum(bool(other.area) for _, other in pairs)
    return (
        bool(anew + min(alone, extra)) and 2 * (anew + alone + extra) > len(pairs) + alone + extra
    )


def _outlines(pairs: list[Pair]) -> dict[int, Change]:
    """What became of the outlines that changed, by index of the reference's shape."""
    changes = {}
    for shape, other in pairs:
        if shape.key != other.key and not shape.is_text:
            found = change(shape, other)
            if found is not None:
                changes[shape.index] = found
    return changes


def _shape_by_shape(
    first: Drawing,
    second: Drawing,
    pairs: list[Pair],
    changes: dict[int, Change],
    ledger: Ledger,
) -> None:
    together = _moved_together(first, second, pairs, changes, ledger)
    _reordered(pairs, ledger)
    for shape, other in pairs:
        if shape.key == other.key:
            continue
        if shape.is_text:
            for item in _text_changes(shape, other, together.matrices):
                ledger.add(item)
        elif shape.index in changes and shape.index not in together.indices:
            ledger.add(_geometry(shape, other, changes[shape.index]))
    for item in paint_differences(pairs, changes):
        ledger.add(item)
    matched = {id(shape) for pair in pairs for shape in pair}
    missing = [shape for shape in first.shapes if id(shape) not in matched]
    extra = [shape for shape in second.shapes if id(shape) not in matched]
    if together.all_matrix is not None:
        # What left the picture with the whole drawing is not missing, what came in is not extra.
        missing = [shape for shape in missing if _in_view(shape, together.all_matrix)]
        back = _inverse(together.all_matrix)
        extra = [shape for shape in extra if _in_view(shape, back)]
    _alone(missing, pairs, ledger, missing=True)
    _alone(extra, pairs, ledger, missing=False)


def _in_view(shape: Shape, matrix: Points) -> bool:
    """True where the transformed shape would still be seen."""
    if shape.bounds is None:
        return True
    left, top, right, bottom = shape.bounds
    corners = moved_by(
        matrix, np.array([[left, top], [right, top], [left, bottom], [right, bottom]])
    )
    low, high = corners.min(axis=0), corners.max(axis=0)
    width, height = shape.picture
    return bool(high[0] > 0 and high[1] > 0 and low[0] < width and low[1] < height)


def _inverse(matrix: Points) -> Points:
    turn = np.linalg.pinv(matrix[:, :2])
    return np.column_stack((turn, -turn @ matrix[:, 2]))


def _geometry(shape: Shape, other: Shape, found: Change) -> Found:
    diagonal = float(np.hypot(*shape.picture))
    box = shape.bounds or (0.0, 0.0, 0.0, 0.0)
    size = max(box[2] - box[0], box[3] - box[1], 1.0)
    if found.kind == "moved":
        severity = max(
            of_shift(np.hypot(*np.subtract(centre(other), centre(shape))) / diagonal),
            of_area_share((shape.changed + other.changed) / 2 / _pixels(shape)) - 1,
        )
    else:
        # Deviation against the shape's own size says how wrong it is, the area how visible.
        share = (shape.changed + other.changed) / 2 / _pixels(shape)
        severity = min(2 if found.distance_px / size < 0.5 else 3, of_area_share(share))
    return Found(
        SvgCategory.SHAPE,
        max(1, severity),
        shape.where,
        f"{shape.name} is {found.words(shape, other)}",
        (shape, other),
    )


def _pixels(shape: Shape) -> int:
    return shape.picture[0] * shape.picture[1]


def _text_changes(shape: Shape, other: Shape, carriers: list[Points]) -> Iterator[Found]:
    before, after = shape.element, other.element
    said = before.text != after.text
    carrier = next((matrix for matrix in carriers if _carried(matrix, shape, other)), None)
    grown = 1.0 if carrier is None else float(abs(np.linalg.det(carrier[:, :2]))) ** 0.5
    if said:
        yield Found(
            SvgCategory.TEXT_SYMBOL,
            of_text_change(before.text, after.text),
            shape.where,
            f"text reads {after.text[:80]!r} instead of {before.text[:80]!r}",
            (shape, other),
        )
    size, new_size = shape.number("font_size"), other.number("font_size")
    if size and abs(new_size / size - 1) > 0.02 and abs(new_size / size / grown - 1) > 0.05:
        yield Found(
            SvgCategory.TEXT_SYMBOL,
            of_size_change(size, new_size),
            shape.where,
            f"{shape.name} is set in {new_size:.0f} px instead of {size:.0f} px",
            (shape, other),
        )
        return
    for name, one, two in (("bold", "bold", "regular"), ("italic", "italic", "upright")):
        if before.style.get(name) != after.style.get(name):
            words = (one, two) if after.style.get(name) else (two, one)
            yield Found(
                SvgCategory.TEXT_SYMBOL,
                1,
                shape.where,
                f"{shape.name} is {words[0]} instead of {words[1]}",
                (shape, other),
            )
    if shape.look("font") != other.look("font"):
        yield Found(
            SvgCategory.TEXT_SYMBOL,
            1,
            shape.where,
            f"{shape.name} is set in {other.look('font')!r} instead of {shape.look('font')!r}",
            (shape, other),
        )
    if said or carrier is not None or shape.box is None or other.box is None:
        return
    moved = move_words(centre(shape), centre(other))
    if moved and before.style.get("bold") == after.style.get("bold"):
        distance = np.hypot(*np.subtract(centre(other), centre(shape)))
        yield Found(
            SvgCategory.TEXT_SYMBOL,
            of_shift(float(distance) / float(np.hypot(*shape.picture))),
            shape.where,
            f"{shape.name} is {moved}",
            (shape, other),
        )


@dataclass
class _Together:
    """Shapes that went the same way."""

    indices: set[int] = field(default_factory=set)
    """Of the reference's shapes."""
    matrices: list[Points] = field(default_factory=list)
    all_matrix: Points | None = None
    """Where the whole drawing went, if it did."""


def _moved_together(
    first: Drawing, second: Drawing, pairs: list[Pair], changes: dict[int, Change], ledger: Ledger
) -> _Together:
    """Shapes that moved, grew or turned as one are one difference."""
    result = _Together()
    by_index = {shape.index: (shape, other) for shape, other in pairs}
    texts = [pair for pair in pairs if pair[0].is_text and pair[0].key != pair[1].key]
    seeds = sorted(
        (index for index, found in changes.items() if found.kind != "distorted"),
        key=lambda index: -by_index[index][0].area,
    )
    other_view = first.view_box != second.view_box
    for seed in seeds:
        if seed in result.indices:
            continue
        found = changes[seed]
        group = [
            index
            for index in changes
            if index not in result.indices
            and (index == seed or fits(found.matrix, *by_index[index]))
        ]
        carried = [pair for pair in texts if _carried(found.matrix, *pair)]
        everything = len(group) + len(carried) >= 0.9 * len(pairs)
        if len(group) + len(carried) < 2 and not (everything and other_view):
            continue
        members = [by_index[index] for index in sorted(group)] + carried
        shape, other = by_index[seed]
        words = found.words(shape, other)
        if found.kind == "moved":
            words = move_words(centre(shape), centre(other)) or words
        subject, location = "the whole drawing", "whole picture"
        if not everything:
            subject = f"a group of {len(members)} shapes"
            location = f"{len(members)} shapes with the {shape.where}"
        visible = sum(one.changed + two.changed for one, two in members) / 2
        ledger.add(
            Found(
                SvgCategory.STRUCTURE,
                of_area_share(visible / _pixels(shape)),
                location,
                f"{subject} is {words}",
                tuple(side for pair in members for side in pair),
            )
        )
        result.indices |= set(group)
        result.matrices.append(found.matrix)
        if everything:
            result.all_matrix = found.matrix
    return result


def _carried(matrix: Points, shape: Shape, other: Shape) -> bool:
    """True where a text went where ``matrix`` takes it."""
    x, y = centre(shape)
    place = matrix[:, :2] @ np.array([x, y]) + matrix[:, 2]
    return bool(np.hypot(*(place - centre(other))) < 4)


def _reordered(pairs: list[Pair], ledger: Ledger) -> None:
    """Shapes that are painted over what they were under, or the other way round."""
    moved = out_of_order(pairs)
    if len(moved) > MAX_REORDERED:
        return
    runs: list[list[Pair]] = []
    for pair in moved:
        last = runs[-1][-1] if runs else None
        if last and pair[0].index - last[0].index == pair[1].index - last[1].index <= 2:
            runs[-1].append(pair)
        else:
            runs.append([pair])
    for run in runs:
        over, under = [], []
        for shape, other in run:
            for shape2, other2 in pairs:
                if shape2 is shape or not _overlap(shape, shape2, other, other2):
                    continue
                if shape.index < shape2.index and other.index > other2.index:
                    over.append((shape, shape2))
                elif shape.index > shape2.index and other.index < other2.index:
                    under.append((shape, shape2))
        rivals = over or under
        if not rivals:
            continue
        shape, rival = max(rivals, key=lambda item: (item[0].changed, item[1].changed))
        name = (
            shape.name if len(run) == 1 else f"a group of {len(run)} shapes with the {shape.name}"
        )
        there, here = ("over", "under") if over else ("under", "over")
        sides = tuple(side for pair in run for side in pair)
        visible = max(sum(one.changed for one, _ in run), sum(two.changed for _, two in run))
        ledger.add(
            Found(
                SvgCategory.STRUCTURE,
                of_area_share(visible / _pixels(shape)),
                shape.where,
                f"{name} is drawn {there} the {rival.name} instead of {here} it",
                sides,
            )
        )


def _overlap(*shapes: Shape) -> bool:
    """True where the first two, or the last two, share part of their bounds."""
    for one, two in (shapes[:2], shapes[2:]):
        a, b = one.bounds, two.bounds
        if a and b and a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
            return True
    return False


def _alone(alone: list[Shape], pairs: list[Pair], ledger: Ledger, *, missing: bool) -> None:
    """Shapes without a partner; neighbours in paint order that vanish together are one difference."""
    visible = [shape for shape in alone if shape.area]
    groups: list[list[Shape]] = []
    for shape in visible:
        last = groups[-1][-1] if groups else None
        near = last is not None and shape.index - last.index <= 1
        if last is not None and near and last.is_text == shape.is_text:
            groups[-1].append(shape)
        else:
            groups.append([shape])
    for group in groups:
        area = sum(shape.area for shape in group)
        lead = max(group, key=lambda shape: shape.area)
        names = {shape.name for shape in group}
        if len(group) == 1:
            subject, location = lead.name, lead.where
        elif len(names) == 1:
            subject, location = f"{len(group)} times {lead.name}", lead.where
        else:
            subject = f"a group of {len(group)} shapes with the {lead.name}"
            location = lead.where
        verb = "are" if subject.startswith(f"{len(group)} times") else "is"
        twin = None if missing or len(group) > 1 else _twin(lead, pairs)
        if twin is not None:
            words = f"{subject} is drawn twice"
        elif missing:
            words = f"{subject} {verb} missing"
        else:
            words = f"{subject} {verb} extra"
        category = SvgCategory.TEXT_SYMBOL if lead.is_text else SvgCategory.STRUCTURE
        severity = 2 if lead.is_text else of_area_share(area / _pixels(lead))
        if lead.is_text and missing:
            severity = 3
        ledger.add(Found(category, severity, location, words, tuple(group), missing=missing))


def _twin(shape: Shape, pairs: list[Pair]) -> Shape | None:
    """A matched shape of which ``shape`` is a copy, perhaps at another place."""
    for _, other in pairs:
        if other.colour != shape.colour or other.kind != shape.kind:
            continue
        a, b = other.bounds, shape.bounds
        if (
            a
            and b
            and abs((a[2] - a[0]) - (b[2] - b[0])) < 1.5
            and (abs((a[3] - a[1]) - (b[3] - b[1])) < 1.5)
        ):
            return other
    return None
