"""What is seen of each shape, where shapes cannot be matched: lost, recoloured, distorted, extra.

A traced copy draws the same picture from hundreds of paths. So each shape of the reference lends
its visible pixels as a stencil, and the candidate's picture is looked at through it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotators.structural.difference import PixelDifference
from annotators.structural.severity import of_area_share, of_colour_change
from annotators.structural.svg_labels import Found, Ledger
from annotators.structural.svg_match import Pair
from annotators.structural.svg_shapes import Drawing, Shape, union
from annotators.structural.svg_words import colour_name, place, two_colours
from records.rows import Box
from records.taxonomy import SvgCategory
from renderers.svg_scene import NOBODY

STRONG = 32
"""Difference of a channel (0-255) that is more than a softened edge."""
MIN_AREA_PX = 12
MAX_STENCILS = 200
LOST = 0.5
"""Share of a stencil that differs strongly, from which its shape is lost or recoloured."""
TORN = 0.15
"""The same, from which its outline is distorted."""
BLENDS = 24
"""Difference of a channel up to which a colour is that of its surroundings."""
MIN_EXTRA_PX = 40
MIN_REST_PX = 6


@dataclass(frozen=True)
class _Seen:
    """One shape of the reference, as it shows in the candidate."""

    verdict: str
    shape: Shape
    severity: int
    words: str
    box: Box
    category: SvgCategory


def account(first: Drawing, second: Drawing, pixels: PixelDifference, ledger: Ledger) -> None:
    """Label a candidate whose shapes are not the reference's, by what is seen."""
    before, after = pixels.pictures()
    height, width = first.owner.shape
    before, after = before[:height, :width], after[:height, :width]
    if before.shape != after.shape:
        return
    strong = np.abs(before.astype(np.int16) - after.astype(np.int16)).max(axis=2) > STRONG
    shapes = sorted(
        (shape for shape in first.shapes if shape.area >= MIN_AREA_PX and shape.changed),
        key=lambda shape: -shape.area,
    )
    told = np.zeros_like(strong)
    seen = []
    for shape in shapes[:MAX_STENCILS]:
        found = _through(shape, first.owner, before, after, strong)
        if found is not None:
            seen.append(found)
            left, top, right, bottom = _ints(found.box)
            told[top:bottom, left:right] |= first.owner[top:bottom, left:right] == shape.index
    for item in _merged(seen):
        ledger.add(item)
    _extra(first, after, strong & ~ndimage.binary_dilation(told, iterations=3), ledger)


def _through(
    shape: Shape,
    owner: NDArray[np.uint16],
    before: NDArray[np.uint8],
    after: NDArray[np.uint8],
    strong: NDArray[np.bool_],
) -> _Seen | None:
    """Look at the candidate through one stencil."""
    assert shape.box is not None
    left, top, right, bottom = _ints(shape.box)
    left, top = max(left - 4, 0), max(top - 4, 0)
    part = (slice(top, bottom + 4), slice(left, right + 4))
    stencil = owner[part] == shape.index
    differs = strong[part] & stencil
    share = float(differs.sum()) / shape.area
    old, new = np.median(before[part][stencil], axis=0), np.median(after[part][stencil], axis=0)
    area = shape.area / owner.size
    if share > LOST:
        ring = ndimage.binary_dilation(stencil, iterations=4) & ~stencil
        if ring.any():
            around = np.median(after[part][ring], axis=0)
            stood_out = np.abs(old - np.median(before[part][ring], axis=0)).max() > BLENDS
            if stood_out and np.abs(new - around).max() <= BLENDS:
                words = "missing"
                kind = SvgCategory.TEXT_SYMBOL if shape.is_text else SvgCategory.STRUCTURE
                severity = 3 if shape.is_text else of_area_share(area)
                return _Seen("missing", shape, severity, words, shape.box, kind)
    shift = np.abs(old - new).max()
    if share > LOST or (shift > 12 and share <= TORN):
        if shift <= 12:
            return None
        one, two = two_colours(_hex(old), _hex(new))
        words = f"{two} instead of {one}"
        severity = of_colour_change(_hex(old), _hex(new), area)
        return _Seen("colour", shape, severity, words, shape.box, SvgCategory.STYLE)
    if share > TORN and differs.sum() >= MIN_AREA_PX:
        rows, columns = np.nonzero(differs)
        box = (
            float(left + columns.min()),
            float(top + rows.min()),
            float(left + columns.max() + 1),
            float(top + rows.max() + 1),
        )
        kind = SvgCategory.TEXT_SYMBOL if shape.is_text else SvgCategory.SHAPE
        words = f"distorted: {share:.0%} of it is not where it should be"
        severity = min(of_area_share(area * share) + (share > 0.3), 3)
        return _Seen("distorted", shape, severity, words, box, kind)
    return None


def _merged(seen: list[_Seen]) -> list[Found]:
    """One label for shapes of one name that suffered the same."""
    groups: dict[tuple[str, str, SvgCategory], list[_Seen]] = defaultdict(list)
    for item in seen:
        groups[item.verdict, item.shape.name, item.category].append(item)
    result = []
    for (verdict, name, category), items in groups.items():
        lead = items[0]
        several = len(items) > 1
        subject = f"{len(items)} times {name}" if several else name
        verb = "are" if several else "is"
        words = f"{subject} {verb} {lead.words if not several or verdict == 'colour' else verdict}"
        box = union(*(item.box for item in items))
        result.append(
            Found(
                category,
                max(item.severity for item in items),
                lead.shape.where,
                words,
                tuple(item.shape for item in items),
                missing=verdict == "missing",
                box=box,
            )
        )
    return result


def _extra(
    first: Drawing, after: NDArray[np.uint8], unexplained: NDArray[np.bool_], ledger: Ledger
) -> None:
    """Patches of paint that no shape of the reference accounts for."""
    marks, count = ndimage.label(ndimage.binary_opening(unexplained, iterations=1))
    if not count:
        return
    sizes = np.bincount(marks.ravel())[1:]
    slices = ndimage.find_objects(marks)
    size = (first.width_px, first.height_px)
    for at in np.argsort(-sizes, kind="stable")[:4]:
        if sizes[at] < MIN_EXTRA_PX:
            break
        rows, columns = slices[at]
        box = (
            float(columns.start),
            float(rows.start),
            float(columns.stop),
            float(rows.stop),
        )
        colour = _hex(np.median(after[slices[at]][marks[slices[at]] == at + 1], axis=0))
        spot = place(box, *size)
        ledger.add(
            Found(
                SvgCategory.STRUCTURE,
                of_area_share(float(sizes[at]) / first.owner.size),
                f"{spot} of the picture" if spot != "whole picture" else spot,
                f"a {colour_name(colour)} patch is extra",
                (),
                box=box,
            )
        )


def rest(first: Drawing, second: Drawing, pairs: list[Pair], ledger: Ledger) -> None:
    """Name changed pixels that no difference of the scenes explains, by whose pixels they are."""
    ledger.settle()
    left_over = ledger.unexplained
    if left_over.sum() < MIN_REST_PX:
        return
    marks, _ = ndimage.label(left_over, structure=np.ones((3, 3)))
    sizes = np.bincount(marks.ravel())[1:]
    slices = ndimage.find_objects(marks)
    partner = {shape.index: other.index for shape, other in pairs}
    spots: dict[tuple[int, int], list[tuple[int, Box]]] = defaultdict(list)
    for at in np.argsort(-sizes, kind="stable")[:32]:
        if sizes[at] < MIN_REST_PX:
            break
        part = slices[at]
        mask = marks[part] == at + 1
        mine = _main(first.owner[part][mask])
        its = _main(second.owner[part][mask])
        rows, columns = part
        box = (
            float(columns.start),
            float(rows.start),
            float(columns.stop),
            float(rows.stop),
        )
        spots[mine, its].append((int(sizes[at]), box))
    for (mine, its), items in spots.items():
        area = sum(size for size, _ in items)
        box = union(*(box for _, box in items))
        shape = first.shapes[mine] if mine != NOBODY else None
        other = second.shapes[its] if its != NOBODY else None
        subject = shape or other
        if subject is None:
            continue
        same = shape is not None and partner.get(mine) == its
        if subject.is_text:
            category, words = SvgCategory.TEXT_SYMBOL, "is drawn otherwise"
        elif same:
            category, words = SvgCategory.STYLE, "is painted otherwise"
        else:
            category, words = SvgCategory.SHAPE, "ends elsewhere"
        ledger.add(
            Found(
                category,
                of_area_share(area / first.owner.size),
                subject.where,
                f"{subject.name} {words}",
                (),
                box=box,
            )
        )


def _main(values: NDArray[np.uint16]) -> int:
    """The commonest value."""
    return int(np.bincount(values).argmax())


def _ints(box: Box) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    return int(left), int(top), int(right), int(bottom)


def _hex(colour: NDArray[np.float64]) -> str:
    return "#" + "".join(f"{int(channel):02x}" for channel in colour) + "ff"
