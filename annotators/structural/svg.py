"""Two drawings in, discrepancies out: shapes are matched, then compared, then checked by pixels.

A difference counts only where pixels changed that the shapes in question own, and changed pixels
that no difference explains are looked at again by region. Where the two documents have nothing in
common but the picture (a traced copy), `svg_regions` compares what is seen of each shape instead.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from annotators.structural import svg_regions
from annotators.structural.difference import PixelDifference
from annotators.structural.severity import (
    of_area_share,
    of_shift,
    of_size_change,
    of_text_change,
)
from annotators.structural.svg_geometry import Change, centre, change, fits, move_words
from annotators.structural.svg_labels import Found, Ledger
from annotators.structural.svg_match import Pair, out_of_order, pair_up
from annotators.structural.svg_shapes import Drawing, Shape
from annotators.structural.svg_style import style_changes
from records.rows import Discrepancy
from records.taxonomy import SvgCategory
from renderers.scene import Scene

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
        found = changes.get(shape.index)
        if shape.is_text:
            for item in _text_changes(shape, other):
                ledger.add(item)
        elif found is not None and shape.index not in together:
            ledger.add(_geometry(shape, other, found))
        scale = found.scale if found is not None else 1.0
        for item in style_changes(shape, other, scale=scale, moved=found is not None):
            ledger.add(item)
    matched = {id(shape) for pair in pairs for shape in pair}
    _alone(
        [shape for shape in first.shapes if id(shape) not in matched], pairs, ledger, missing=True
    )
    _alone(
        [shape for shape in second.shapes if id(shape) not in matched], pairs, ledger, missing=False
    )


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


def _text_changes(shape: Shape, other: Shape) -> Iterator[Found]:
    before, after = shape.element, other.element
    said = before.text != after.text
    if said:
        yield Found(
            SvgCategory.TEXT_SYMBOL,
            of_text_change(before.text, after.text),
            shape.where,
            f"text reads {after.text[:80]!r} instead of {before.text[:80]!r}",
            (shape, other),
        )
    size, new_size = shape.number("font_size"), other.number("font_size")
    if size and abs(new_size / size - 1) > 0.02:
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
    if said or shape.box is None or other.box is None:
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


def _moved_together(
    first: Drawing, second: Drawing, pairs: list[Pair], changes: dict[int, Change], ledger: Ledger
) -> set[int]:
    """Shapes that moved, grew or turned as one are one difference; returns their indices."""
    done: set[int] = set()
    by_index = {shape.index: (shape, other) for shape, other in pairs}
    texts = [pair for pair in pairs if pair[0].is_text and pair[0].key != pair[1].key]
    candidates = sorted(
        (index for index, found in changes.items() if found.kind != "distorted"),
        key=lambda index: -len(by_index[index][0].runs) - by_index[index][0].area,
    )
    for seed in candidates:
        if seed in done:
            continue
        matrix = changes[seed].matrix
        group = [
            index
            for index in changes
            if index not in done and (index == seed or fits(matrix, *by_index[index]))
        ]
        if len(group) < 2:
            continue
        members = [by_index[index] for index in sorted(group)]
        with_text = [pair for pair in texts if _carried(matrix, *pair)]
        everything = len(group) + len(with_text) >= 0.9 * len(pairs)
        if everything:
            subject, location = "the whole drawing", "whole picture"
        else:
            location = f"group of {len(group)} shapes with the {members[0][0].where}"
            subject = f"a group of {len(group)} shapes"
        seed_shape, seed_other = by_index[seed]
        found = changes[seed]
        if found.kind == "moved":
            words = move_words(centre(seed_shape), centre(seed_other))
        else:
            words = found.words(seed_shape, seed_other)
        ledger.add(
            Found(
                SvgCategory.STRUCTURE,
                of_area_share(
                    sum(shape.changed + other.changed for shape, other in members)
                    / 2
                    / _pixels(seed_shape)
                ),
                location,
                f"{subject} is {words}",
                tuple(shape for pair in members for shape in pair),
            )
        )
        done |= set(group)
    return done


def _carried(matrix: NDArray[np.float64], shape: Shape, other: Shape) -> bool:
    """True where a text went where ``matrix`` takes it."""
    x, y = centre(shape)
    place = matrix[:, :2] @ np.array([x, y]) + matrix[:, 2]
    return bool(np.hypot(*(place - centre(other))) < 3)


def _reordered(pairs: list[Pair], ledger: Ledger) -> None:
    """Shapes that are painted over what they were under, or the other way round."""
    moved = out_of_order(pairs)
    if len(moved) > 12:
        return
    for shape, other in moved:
        over, under = [], []
        for shape2, other2 in pairs:
            if shape2 is shape or not _overlap(shape, shape2, other, other2):
                continue
            if shape.index < shape2.index and other.index > other2.index:
                over.append(shape2)
            elif shape.index > shape2.index and other.index < other2.index:
                under.append(shape2)
        rivals = over or under
        if not rivals:
            continue
        rival = max(rivals, key=lambda item: item.changed)
        words = (
            f"{shape.name} is drawn over the {rival.name} instead of under it"
            if over
            else f"{shape.name} is drawn under the {rival.name} instead of over it"
        )
        visible = max(shape.changed, other.changed)
        ledger.add(
            Found(
                SvgCategory.STRUCTURE,
                of_area_share(visible / _pixels(shape)),
                shape.where,
                words,
                (shape, other),
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
