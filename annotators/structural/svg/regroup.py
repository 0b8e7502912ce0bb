"""Cuts the shapes of both drawings alike, where only the elements differ.

A policy writes a circle as a path, several parts as one path, or the parts of one path as several.
Nobody sees that, so it must not change what the comparison shape by shape finds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from matplotlib.path import Path
from numpy.typing import NDArray
from scipy import ndimage

from annotators.structural.severity import color_distance
from annotators.structural.svg.geometry import SAME_PX, apart
from annotators.structural.svg.matching import pair_up
from annotators.structural.svg.outlines import Points, covered
from annotators.structural.svg.shapes import IconScene, IconShape
from records.rows import Box
from renderers.scene import Element, Value
from renderers.svg.scene import NOBODY

MOST_PARTS = 250
"""With more changed parts on a side than this, shapes stay as they are written."""

ONE_COLOR = 14.0
"""CIEDE2000 up to which a part in another paint may be one that lies elsewhere now."""


def regrouped(
    first: IconScene, second: IconScene, changed: NDArray[np.bool_]
) -> tuple[IconScene, IconScene]:
    """Both drawings, the candidate with the reference's outlines where they look equal, cut alike.

    Args:
        first: The reference.
        second: The candidate.
        changed: H x W: the changed pixels.
    """
    before, after = _unlike(first, second)
    lent = dict(_lent(first, second, before, after, changed)) if before and after else {}
    if lent:
        paints = tuple(lent.get(shape.index, shape.element) for shape in second.shapes)
        second = second.as_painted(paints)
        before, after = _unlike(first, second)
    ours, theirs = ([part for shape in side for part in parts(shape)] for side in (before, after))
    one_each = len(ours) == len(before) and len(theirs) == len(after)
    if one_each or not ours or not theirs or max(len(ours), len(theirs)) > MOST_PARTS:
        return first, second
    pairs = pair_up(replace(first, shapes=ours), replace(second, shapes=theirs))
    groups = _groups(second, theirs, {id(two): one for one, two in pairs})
    # A part of another paint, or at another place of the paint order, is one in the reference too.
    at = {id(part): number for number, group in enumerate(groups) for part in group}
    mates = [
        (at[id(two)], one) for one, two in pairs
        if color_distance(one.color, two.color) < ONE_COLOR or apart(one, two) < 2 * SAME_PX
    ]  # fmt: skip
    cut = [part for shape in first.shapes for part in _as_cut(shape, ours, mates)]
    if len(cut) != len(first.shapes):
        first = _recut(first, cut)
    as_written = all(len({part.index for part in group}) == 1 for group in groups)
    if as_written and len(groups) == len(second.shapes):
        return first, second
    return first, _recut(second, groups)


def _as_cut(
    shape: IconShape, ours: list[IconShape], mates: list[tuple[int, IconShape]]
) -> list[list[IconShape]]:
    """The parts of a shape of the reference, by the candidate's shape that they belong to."""
    goals = {id(one): number for number, one in mates if one.index == shape.index}
    if len(set(goals.values())) < 2:
        return [[shape]]
    usual = Counter(goals.values()).most_common(1)[0][0]
    groups: dict[int, list[IconShape]] = defaultdict(list)
    for part in ours:
        if part.index == shape.index:
            groups[goals.get(id(part), usual)].append(part)
    return list(groups.values())


def _unlike(first: IconScene, second: IconScene) -> tuple[list[IconShape], list[IconShape]]:
    """Outlined shapes of each side that the other side does not have."""
    known = Counter(shape.key for shape in first.shapes)
    known.subtract(Counter(shape.key for shape in second.shapes))
    return (
        [shape for shape in first.shapes if known[shape.key] > 0 and shape.runs],
        [shape for shape in second.shapes if known[shape.key] < 0 and shape.runs],
    )


def _lent(
    first: IconScene,
    second: IconScene,
    before: list[IconShape],
    after: list[IconShape],
    changed: NDArray[np.bool_],
) -> Iterator[tuple[int, Element]]:
    """Elements of the reference, or their outlines, for the candidate's shapes that look like them."""
    traces = {shape.trace for shape in before}
    bounds = np.array([shape.bounds for shape in before])
    for shape in after:
        if shape.trace in traces or shape.look("dash"):
            continue
        gaps = np.abs(bounds - np.array(shape.bounds)).max(axis=1)
        for at, gap in enumerate(gaps.tolist()):
            own = before[at]
            if gap < 2 * SAME_PX and apart(own, shape) < SAME_PX:
                yield shape.index, with_outline(shape, own.element.data["outline"]).element
                break
            if own.filled != shape.filled and _seen_alike(own, shape, (first, second), changed):
                yield shape.index, own.element
                break


def _seen_alike(
    own: IconShape, shape: IconShape, sides: tuple[IconScene, IconScene], changed: NDArray[np.bool_]
) -> bool:
    """True for a line and an area of its color: they are seen on the same unchanged pixels."""
    if (
        own.color != shape.color
        or not own.area
        or {own.look("stroke"), shape.look("stroke")} != {"none", own.color}
    ):
        return False
    mine, its = (side.owner == one.index for side, one in zip(sides, (own, shape), strict=True))
    both = mine & its & ~changed
    return bool(2 * both.sum() > max(own.area, shape.area) and not ((mine ^ its) & ~changed).any())


def parts(shape: IconShape) -> list[IconShape]:
    """Each part of a shape as a shape with its index: a line, or filled outlines that meet."""
    if len(shape.runs) < 2:
        return [shape]
    groups: list[list[Points]] = []
    for run in shape.runs:
        meets = [
            group for group in groups if shape.filled and any(_meet(run, one) for one in group)
        ]
        groups = [group for group in groups if not any(group is one for one in meets)]
        groups.append([*(one for group in meets for one in group), run])
    if len(groups) < 2:
        return [shape]
    return [with_outline(shape, joined(runs)) for runs in groups]


def _meet(one: Points, two: Points) -> bool:
    """True if two filled outlines cross, or one lies within the other."""
    boxes = [(*run.min(axis=0).tolist(), *run.max(axis=0).tolist()) for run in (one, two)]
    return _near(*boxes) and Path(one).intersects_path(Path(two), filled=True)


def _near(one: Box, two: Box) -> bool:
    return one[0] <= two[2] and two[0] <= one[2] and one[1] <= two[3] and two[1] <= one[3]


def joined(runs: Iterable[Points]) -> Value:
    """Outlines as a scene lists them."""
    points: list[str | float | int | None] = []
    for run in runs:
        points += [*([None] if points else []), *run.ravel().tolist()]
    return points


def with_outline(shape: IconShape, outline: Value) -> IconShape:
    """The same shape with another outline."""
    data = {**shape.element.data, "outline": outline}
    return replace(shape, element=shape.element.having(data=data))


def _groups(
    second: IconScene, pieces: list[IconShape], partner: dict[int, IconShape]
) -> list[list[IconShape]]:
    """The parts that make one shape, in paint order.

    Args:
        second: The candidate.
        pieces: Parts of its changed shapes.
        partner: The reference's part that is drawn as a part, by the part's id.
    """
    goal = {piece: one.index for piece, one in partner.items()}
    groups: list[tuple[int, list[IconShape]]] = []
    for shape in second.shapes:
        mine = [piece for piece in pieces if piece.index == shape.index]
        goals = [goal[id(piece)] for piece in mine if id(piece) in goal]
        usual = Counter(goals).most_common(1)[0][0] if goals else -1
        for target in dict.fromkeys(goals or [-1]):
            own = [piece for piece in mine if goal.get(id(piece), usual) == target] or [shape]
            mate = _mate(groups, target, shape)
            if mate is None:
                groups.append((target, own))
            else:
                mate += own
    return [group for _, group in groups]


def _mate(
    groups: list[tuple[int, list[IconShape]]], target: int, shape: IconShape
) -> list[IconShape] | None:
    """The group that a shape's parts join: of one target and paint, with nothing painted between."""
    for other, group in reversed(groups) if target >= 0 else ():
        if target == other and group[0].paint == shape.paint:
            return group
        if any(part.bounds and shape.bounds and _near(part.bounds, shape.bounds) for part in group):
            break
    return None


def _recut(drawing: IconScene, groups: list[list[IconShape]]) -> IconScene:
    """The drawing with a shape for each group of parts, and the pixels that it owns."""
    parted: dict[int, list[tuple[int, IconShape]]] = defaultdict(list)
    place = np.arange(NOBODY + 1, dtype=np.uint16)
    for at, group in enumerate(groups):
        for part in group:
            parted[part.index].append((at, part))
            place[part.index] = at
    owner = place.take(drawing.owner)
    for index, mine in parted.items():
        places = np.array([at for at, _ in mine])
        if (places != places[0]).any():
            pixels = np.nonzero(drawing.owner == index)
            owner[pixels] = places[_nearest([part for _, part in mine], pixels, owner.shape)]
    frames = ndimage.find_objects(np.where(owner == NOBODY, 0, owner + 1), max_label=len(groups))
    paints = []
    for group, frame in zip(groups, frames, strict=True):
        outline = joined(run for part in group for run in part.runs)
        whole = with_outline(group[0], outline) if len(group) > 1 else group[0]
        box = frame and tuple(
            float(part) for part in (frame[1].start, frame[0].start, frame[1].stop, frame[0].stop)
        )
        paints.append(whole.element.having(box=box))
    return replace(drawing, owner=owner).as_painted(tuple(paints))


def _nearest(
    pieces: list[IconShape], pixels: tuple[NDArray[np.intp], ...], size: tuple[int, ...]
) -> NDArray[np.intp]:
    """Which part each pixel belongs to: one that covers it, else the one whose box is nearest."""
    if len(pieces) == 1:
        return np.zeros(len(pixels[0]), np.intp)
    far = []
    for piece in pieces:
        left, top, right, bottom = piece.bounds or (0.0, 0.0, 0.0, 0.0)
        across = np.maximum(np.maximum(left - pixels[1], pixels[1] - right), 0)
        down = np.maximum(np.maximum(top - pixels[0], pixels[0] - bottom), 0)
        far.append(np.hypot(across, down) + ~covered(piece.element, size)[pixels])
    return np.asarray(np.argmin(far, axis=0))
