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

from annotators.structural.pixels import THRESHOLD, PixelDifference
from annotators.structural.severity import colour_distance, of_area_share, of_colour_change
from annotators.structural.svg.ledger import Found, Ledger
from annotators.structural.svg.matching import Pair
from annotators.structural.svg.shapes import Drawing, Shape, union
from annotators.structural.svg.words import colour_name, place, two_colours
from annotators.structural.visibility import seen_gaps
from records.rows import Box
from records.taxonomy import SvgCategory
from renderers.svg.scene import NOBODY

STRONG = 32
"""Difference of a channel (0-255) from all near colours that is more than a softened edge."""
MIN_AREA_PX = 12
JUST_SEEN_DELTA_E = 2.3
"""CIEDE2000 difference below which two areas of colour look the same."""
MAX_STENCILS = 200
LOST = 0.5
"""Share of a stencil that differs strongly, from which its shape is lost or recoloured."""
GONE = 0.6
"""Share of a stencil that is seen to differ, below which part of its shape is still there."""
TORN = 0.15
"""The same, from which its outline is distorted."""
LEGIBLE = 0.6
"""Share of its likeness to its own letters that a text keeps where it can be read."""
BLENDS = 24
"""Difference of a channel up to which a colour is that of its surroundings."""
MIN_EXTRA_PX = 40
MAX_PATCHES = 40
MIN_REST_PX = 6
ENOUGH = 2_000
"""Pixels that tell the colour of an area."""
GRADED = ("linear", "radial", "pattern")


@dataclass(frozen=True)
class _Seen:
    """One shape of the reference, as it shows in the candidate."""

    verdict: str
    shape: Shape
    severity: int
    words: str
    box: Box
    category: SvgCategory


@dataclass(frozen=True)
class _View:
    """Both pictures, whose pixels are whose in the reference, and where they are seen to differ."""

    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    owner: NDArray[np.uint16]
    strong: NDArray[np.bool_]
    seen: NDArray[np.bool_]
    """Where they differ at all."""


def account(first: Drawing, second: Drawing, pixels: PixelDifference, ledger: Ledger) -> None:
    """Label a candidate whose shapes are not the reference's, by what is seen."""
    before, after = pixels.pictures()
    height, width = first.owner.shape
    before, after = before[:height, :width], after[:height, :width]
    if before.shape != after.shape or before.shape[:2] != first.owner.shape:
        return
    gaps = seen_gaps(before, after)
    view = _View(before, after, first.owner, gaps > STRONG, gaps > THRESHOLD)
    told = _ground(view, ledger)
    shapes = sorted(
        (shape for shape in first.shapes if shape.area >= MIN_AREA_PX and shape.changed),
        key=lambda shape: -shape.area,
    )
    seen = []
    for shape in shapes[:MAX_STENCILS]:
        found = _through(shape, view)
        if found is None:
            continue
        seen.append(found)
        if found.verdict != "distorted":
            part, stencil = _stencil(shape, view, margin_px=3)
            told[part] |= ndimage.binary_dilation(stencil, iterations=3)
    seen += _patches(first, view, view.strong & ~told, ledger)
    for item in _merged(seen) if seen or ledger.found else _specks(first, view.seen):
        ledger.add(item)


def _specks(first: Drawing, differs: NDArray[np.bool_]) -> list[Found]:
    """Specks of a copy that is right otherwise, by the shape that most of them lie on or beside."""
    rows, columns = np.nonzero(differs)
    if not rows.size:
        return []
    owners = _nearest(first.owner, _around(rows, columns))[differs]
    if (owners == NOBODY).all():
        return []
    shape = first.shapes[_main(owners[owners != NOBODY])]
    rows, columns = rows[owners == shape.index], columns[owners == shape.index]
    kind = SvgCategory.TEXT_SYMBOL if shape.is_text else SvgCategory.SHAPE
    severity = of_area_share(rows.size / first.owner.size)
    words = f"{shape.name} is drawn a little otherwise"
    return [Found(kind, severity, shape.where, words, (shape,), box=_around(rows, columns))]


def _nearest(owner: NDArray[np.uint16], box: Box) -> NDArray[np.uint16]:
    """The map of owners with the bare ground given to the nearest shape, around a box."""
    left, top, right, bottom = _ints(box)
    part = slice(max(top - 8, 0), bottom + 8), slice(max(left - 8, 0), right + 8)
    at = ndimage.distance_transform_edt(
        owner[part] == NOBODY, return_distances=False, return_indices=True
    )
    result = owner.copy()
    result[part] = owner[part][tuple(at)]
    return result


def _ground(view: _View, ledger: Ledger) -> NDArray[np.bool_]:
    """The white between the shapes: True where one other colour took its place everywhere."""
    bare = view.owner == NOBODY
    if bare.sum() < MIN_AREA_PX:
        return np.zeros_like(bare)
    old, new = _middle(view.before[bare]), _middle(view.after[bare])
    if np.abs(old - new).max() <= THRESHOLD:
        return np.zeros_like(bare)
    one, two = two_colours(_hex(old), _hex(new))
    rows, columns = np.nonzero(bare)
    words = f"the ground is {two} instead of {one}"
    severity = of_colour_change(_hex(old), _hex(new), float(bare.mean()))
    ledger.add(Found(SvgCategory.STYLE, severity, "ground", words, (), box=_around(rows, columns)))
    told: NDArray[np.bool_] = np.zeros(bare.shape, dtype=bool)
    told[bare] = np.abs(view.after[bare] - new).max(axis=1) <= BLENDS
    return told


def _through(shape: Shape, view: _View) -> _Seen | None:
    """Look at the candidate through one stencil."""
    part, stencil = _stencil(shape, view, margin_px=4)
    before, after = view.before[part], view.after[part]
    differs = view.strong[part] & stencil
    share = float(differs.sum()) / shape.area
    old, new = _middle(before[stencil]), _middle(after[stencil])
    area = shape.area / view.owner.size
    shift = float(np.abs(old - new).max())
    box = shape.box
    assert box is not None
    shaded = view.seen[part] & stencil
    graded = shape.look("fill") in GRADED and shaded.sum() >= max(MIN_EXTRA_PX, TORN * shape.area)
    if graded and (~_of_paint(after[shaded], before[stencil])).mean() < TORN:
        visible = 2 if of_area_share(float(shaded.sum()) / view.owner.size) > 1 else 1
        return _Seen("uneven", shape, visible, "shaded otherwise", box, SvgCategory.STYLE)
    gone = (share > LOST or shift > THRESHOLD) and shaded.sum() >= GONE * shape.area
    if gone and _blended(old, new, before, after, stencil):
        kind = SvgCategory.TEXT_SYMBOL if shape.is_text else SvgCategory.STRUCTURE
        loss = 3 if shape.is_text else of_area_share(area)
        return _Seen("missing", shape, loss, "missing", box, kind)
    seen = colour_distance(_hex(old), _hex(new)) >= JUST_SEEN_DELTA_E
    partly = share <= TORN and TORN * shape.area < shaded.sum() < GONE * shape.area
    if seen and shift > THRESHOLD and partly:
        # The middle of two paints, such as fill and line, is neither.
        visible = of_area_share(float(shaded.sum()) / view.owner.size)
        words = "painted otherwise in part"
        return _Seen("in part", shape, visible, words, box, SvgCategory.STYLE)
    if shape.is_text and share > LOST and not _legible(before, after, stencil):
        return _Seen("illegible", shape, 3, "illegible", box, SvgCategory.TEXT_SYMBOL)
    if seen and shift > THRESHOLD and (share > LOST or share <= TORN):
        one, two = two_colours(_hex(old), _hex(new))
        severity: int = of_colour_change(_hex(old), _hex(new), area)
        words = f"{two} instead of {one}"
        return _Seen("colour", shape, severity, words, box, SvgCategory.STYLE)
    if (share > TORN and differs.sum() >= MIN_AREA_PX) or differs.sum() >= MIN_EXTRA_PX:
        rows, columns = np.nonzero(differs)
        where = _around(rows + part[0].start, columns + part[1].start)
        kind = SvgCategory.TEXT_SYMBOL if shape.is_text else SvgCategory.SHAPE
        severity = min(of_area_share(area * share) + (share > 0.3), 3)
        return _Seen("distorted", shape, severity, "distorted", where, kind)
    return None


def _stencil(
    shape: Shape, view: _View, margin_px: int
) -> tuple[tuple[slice, slice], NDArray[np.bool_]]:
    """The part of the picture around a shape, and its visible pixels there."""
    assert shape.box is not None
    left, top, right, bottom = _ints(shape.box)
    part = (
        slice(max(top - margin_px, 0), bottom + margin_px),
        slice(max(left - margin_px, 0), right + margin_px),
    )
    return part, view.owner[part] == shape.index


def _blended(
    old: NDArray[np.float64],
    new: NDArray[np.float64],
    before: NDArray[np.uint8],
    after: NDArray[np.uint8],
    stencil: NDArray[np.bool_],
) -> bool:
    """True where a shape stood out from its surroundings and is of their colour now."""
    ring = ndimage.binary_dilation(stencil, iterations=4) & ~stencil
    if not ring.any():
        return False
    stood_out = np.abs(old - _middle(before[ring])).max()
    stands_out = np.abs(new - _middle(after[ring])).max()
    # A neighbour that spilled over its edge has its own colour around it, and is still there.
    went = np.abs(new - old).max() >= 0.5 * stood_out
    return bool(went and stood_out > THRESHOLD and stands_out <= min(BLENDS, 0.4 * stood_out))


def _legible(
    before: NDArray[np.uint8], after: NDArray[np.uint8], stencil: NDArray[np.bool_]
) -> bool:
    """True where the letters still stand out from what is around them, in their own form."""
    forms = []
    for picture in (before, after):
        around = _middle(picture[~stencil]) if (~stencil).any() else np.full(3, 255.0)
        contrast = np.abs(picture - around).max(axis=2)
        forms.append(
            float(np.corrcoef(contrast.ravel(), stencil.ravel())[0, 1]) if contrast.std() else 0.0
        )
    return forms[1] >= LEGIBLE * forms[0]


def _patches(first: Drawing, view: _View, open_: NDArray[np.bool_], ledger: Ledger) -> list[_Seen]:
    """Areas of other paint: a neighbour spills over, a shape is unevenly painted, or it is extra."""
    marks, count = ndimage.label(ndimage.binary_opening(open_, structure=np.ones((3, 3))))
    if not count:
        return []
    sizes = np.bincount(marks.ravel())[1:]
    slices = ndimage.find_objects(marks)
    colours: dict[int, NDArray[np.float64]] = {}
    seen: list[_Seen] = []
    extra: list[tuple[int, str, Box]] = []
    for at in np.argsort(-sizes, kind="stable")[:MAX_PATCHES]:
        size = int(sizes[at])
        if size < MIN_EXTRA_PX:
            break
        rows, columns = slices[at]
        box = (float(columns.start), float(rows.start), float(columns.stop), float(rows.stop))
        wide = (
            slice(max(rows.start - 5, 0), rows.stop + 5),
            slice(max(columns.start - 5, 0), columns.stop + 5),
        )
        patch = marks[wide] == at + 1
        colour = _middle(view.after[wide][patch])
        under = _main(view.owner[wide][patch])
        ring = ndimage.binary_dilation(patch, iterations=5) & ~patch
        neighbours = np.unique(view.owner[wide][ring])
        share = of_area_share(size / view.owner.size)
        graded = under != NOBODY and first.shapes[under].look("fill") in GRADED
        shape = first.shapes[under] if graded else None
        if shape is not None and _in_paint_of(shape, colour, view):
            seen.append(_Seen("uneven", shape, share, "shaded otherwise", box, SvgCategory.STYLE))
            continue
        spilled = None
        for index in neighbours.tolist():
            if index in (NOBODY, under):
                continue
            if index not in colours:
                part, stencil = _stencil(first.shapes[index], view, margin_px=0)
                colours[index] = _middle(view.before[part][stencil])
            if np.abs(colours[index] - colour).max() <= STRONG:
                spilled = first.shapes[index]
                break
        if spilled is not None:
            seen.append(_Seen("distorted", spilled, share, "distorted", box, SvgCategory.SHAPE))
        elif under != NOBODY and NOBODY in neighbours and np.abs(colour - 255).max() <= STRONG:
            lost = first.shapes[under]
            seen.append(_Seen("distorted", lost, share, "distorted", box, SvgCategory.SHAPE))
        else:
            extra.append((size, colour_name(_hex(colour)), box))
    for name in dict.fromkeys(name for _, name, _ in extra):
        _extra(first, [(size, box) for size, other, box in extra if other == name], name, ledger)
    return seen


def _in_paint_of(shape: Shape, colour: NDArray[np.float64], view: _View) -> bool:
    part, stencil = _stencil(shape, view, margin_px=0)
    return bool(_of_paint(colour[None], view.before[part][stencil]).all())


def _of_paint(colours: NDArray[np.generic], paint: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """True for each colour that lies within the range of a paint's colours."""
    low, high = paint.min(axis=0).astype(float), paint.max(axis=0).astype(float)
    inside = (colours >= low - THRESHOLD) & (colours <= high + THRESHOLD)
    return np.asarray(inside.all(axis=1))


def _extra(first: Drawing, patches: list[tuple[int, Box]], colour: str, ledger: Ledger) -> None:
    """Patches of one colour that no shape of the reference accounts for."""
    box = union(*(box for _, box in patches))
    assert box is not None
    spot = place(patches[0][1], first.width_px, first.height_px)
    words = f"a {colour} patch is extra"
    if len(patches) > 1:
        words = f"{len(patches)} {colour} patches are extra"
    severity = of_area_share(sum(size for size, _ in patches) / first.owner.size)
    location = spot if spot == "whole picture" else f"{spot} of the picture"
    ledger.add(Found(SvgCategory.STRUCTURE, severity, location, words, (), box=box))


def _merged(seen: list[_Seen]) -> list[Found]:
    """One label for a shape, and one for all shapes of one name that suffered the same."""
    groups: dict[tuple[str, str], list[_Seen]] = defaultdict(list)
    for item in seen:
        groups[item.verdict, item.shape.name].append(item)
    result = []
    for (verdict, name), items in groups.items():
        lead = items[0]
        count = len({item.shape.index for item in items})
        subject = f"{count} times {name}" if count > 1 else name
        words = lead.words if count == 1 or verdict in ("colour", "in part") else verdict
        if verdict == "distorted":
            words = "distorted: its outline is off" if count == 1 else "distorted"
        result.append(
            Found(
                lead.category,
                max(item.severity for item in items),
                lead.shape.where,
                f"{subject} {'are' if count > 1 else 'is'} {words}",
                tuple(item.shape for item in items),
                box=union(*(item.box for item in items)),
            )
        )
    return result


def rest(first: Drawing, second: Drawing, pairs: list[Pair], ledger: Ledger) -> None:
    """Name changed pixels that no difference of the scenes explains, by whose pixels they are."""
    ledger.settle()
    left_over = ledger.unexplained
    if left_over.sum() < MIN_REST_PX:
        return
    if ledger.found:
        marks, _ = ndimage.label(left_over, structure=np.ones((3, 3)))
    else:
        # Nothing else explains the change, so specks count together.
        marks = left_over.astype(np.int32)
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
        shape = first.shapes[mine] if mine != NOBODY else None
        other = second.shapes[its] if its != NOBODY else None
        same = shape is not None and partner.get(mine) == its
        if shape is None or other is None or not same or shape.key == other.key:
            # Nothing is wrong with this shape itself: what is, shows here as well.
            items = [item for item in items if not ledger.absorb(item[1])]
        subject = shape or other
        if subject is None or not items:
            continue
        if subject.is_text:
            category, words = SvgCategory.TEXT_SYMBOL, "is drawn otherwise"
        elif same and other is not None and subject.outlined_as(other):
            category, words = SvgCategory.STYLE, "is painted otherwise"
        else:
            category, words = SvgCategory.SHAPE, "ends elsewhere"
        area = sum(size for size, _ in items)
        severity = of_area_share(area / first.owner.size)
        around = union(*(box for _, box in items))
        text = f"{subject.name} {words}"
        ledger.add(Found(category, severity, subject.where, text, (), box=around))


def _around(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Box:
    """Smallest box around pixels."""
    return (
        float(columns.min()),
        float(rows.min()),
        float(columns.max() + 1),
        float(rows.max() + 1),
    )


def _middle(colours: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The median of each channel, of some thousand of the colours at the most."""
    return np.asarray(np.median(colours[:: len(colours) // ENOUGH + 1], axis=0))


def _main(values: NDArray[np.uint16]) -> int:
    """The commonest value."""
    return int(np.bincount(values).argmax())


def _ints(box: Box) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    return int(left), int(top), int(right), int(bottom)


def _hex(colour: NDArray[np.float64]) -> str:
    return "#" + "".join(f"{int(channel):02x}" for channel in colour) + "ff"
