"""White gaps between several parts that all got narrower or wider, or closed: one label for all, instead of the
small change of size of each part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, reduce

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotators.structural.severity import of_area_share
from annotators.structural.svg.masks import Mask, around, bounds, count, parts_of, squared
from annotators.structural.svg.seen.areas import SeenIcon
from annotators.structural.svg.seen.gaps import without_gap
from annotators.structural.svg.seen.labels import Scenes, SeenLabel
from annotators.structural.svg.seen.names import where
from annotators.structural.svg.seen.things import Thing
from annotators.structural.visibility import PATCH_PX
from records.taxonomy import SvgCategory

SPACES = "white gaps between the parts"
PART = 0.004
"""Least share of the picture of a part whose distance from others is looked at."""
MOST_PARTS = 24
NEAR = 0.04
"""Half of the widest gap, as a share of the picture."""
PARALLEL_PX = 1.0
"""Half of the pixels by which a gap may be wider than at its narrowest place."""
MANY = 4
"""Gaps from which their width is told whatever is said of the edges beside them."""
LONG_PX = 12
"""Least length of a gap."""
NARROWER, WIDER, SEEN_PX = 0.89, 1.14, 1.2
"""Ratios of widths that are seen of several gaps, and least difference."""
FOUND, CLOSED = 0.6, 0.7
"""Least share of a gap that is found again, and that is drawn over if it is closed."""
SMALL = 0.05
"""Largest change of size of a part that the gaps around it show as well."""
BESIDE_PX = 8
RIGID = "moved", "resized", "stretched", "rotated", "mirrored"


@dataclass(frozen=True)
class Gap:
    """The middle line of the bare strip between two parts."""

    parts: tuple[int, int]
    middle: Mask
    """H x W."""
    width: float


def changed_spaces(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """The same labels, with one for several gaps that changed alike, and without what this explains."""
    if len({id(one.thing) for one in labels}) == 1:
        return labels  # One part that changed has other gaps all around.
    parts, depth, middle = _depth(scenes.first)
    if not middle.any():
        return labels
    gaps = list(_gaps(parts, depth, middle))
    touched = [gap for gap in gaps if _is_touched(gap, scenes.differs)]
    if len(touched) < 2:
        return labels  # Its width is that of the parts beside it.
    _, depth_now, middle_now = _depth(scenes.second)
    nearest = ndimage.distance_transform_edt(~middle_now, return_indices=True)
    changed: dict[str, list[Gap]] = {}
    for gap in touched:
        if words := _words(gap, nearest, depth_now, scenes):
            changed.setdefault(words, []).append(gap)
    for words, alike in changed.items():
        most = len(alike) >= MANY and 2 * len(alike) > len(gaps)
        own = [gap for gap in alike if not any(_causes(one, gap, most=most) for one in labels)]
        # One part that grew has other gaps all around.
        if not own or reduce(set.intersection, (set(one.parts) for one in own)):
            continue
        lines = np.logical_or.reduce([one.middle for one in own])
        label = _label(lines, words, len(own), max(one.width for one in own), scenes)
        kept = [_beside(one, label, scenes) for one in labels]
        labels = [one for one in kept if one is not None] + [label]
    return labels


@lru_cache(maxsize=8)
def _depth(side: SeenIcon) -> tuple[NDArray[np.int32], NDArray[np.float64], Mask]:
    """The nearest part of each bare pixel, how far it is, and where another one is as near."""
    drawn = ~side.bare
    parts = parts_of(drawn)
    sizes = np.bincount(parts.ravel())
    large = np.flatnonzero(sizes[1:] >= PART * drawn.size) + 1
    if not 2 < len(large) <= MOST_PARTS:
        return parts, np.zeros(drawn.shape), np.zeros(drawn.shape, bool)
    parts[~np.isin(parts, large)] = 0
    depth, (rows, columns) = ndimage.distance_transform_edt(parts == 0, return_indices=True)
    near = parts[rows, columns]
    middle = np.zeros(drawn.shape, bool)
    middle[:, 1:] |= near[:, 1:] != near[:, :-1]
    middle[1:] |= near[1:] != near[:-1]
    middle &= (depth < NEAR * max(drawn.shape)) & ~drawn
    return near, np.asarray(depth), middle


def _gaps(parts: NDArray[np.int32], depth: NDArray[np.float64], middle: Mask) -> Iterator[Gap]:
    """The gaps of one picture, where they are about as narrow as at their narrowest place."""
    rows, columns = np.nonzero(middle)
    other = np.where(
        parts[rows, columns] != parts[rows, np.maximum(columns - 1, 0)],
        parts[rows, np.maximum(columns - 1, 0)],
        parts[np.maximum(rows - 1, 0), columns],
    )
    pairs = np.sort(np.stack((parts[rows, columns], other)), axis=0)
    for one, two in np.unique(pairs, axis=1).T.tolist():
        here = (pairs[0] == one) & (pairs[1] == two)
        depths = depth[rows[here], columns[here]]
        mask = np.zeros_like(middle)
        mask[rows[here], columns[here]] = depths <= depths.min() + PARALLEL_PX
        if one != two and count(mask) >= LONG_PX:
            yield Gap((one, two), mask, 2 * float(depth[mask].mean()))


def _is_touched(gap: Gap, differs: Mask) -> bool:
    """True if something is seen to differ in a gap."""
    near = around(gap.middle, round(gap.width))
    return bool((squared(gap.middle[near], round(gap.width)) & differs[near]).any())


def _words(
    gap: Gap,
    nearest: tuple[NDArray[np.float64], NDArray[np.int32]],
    depth: NDArray[np.float64],
    scenes: Scenes,
) -> str:
    """What became of a gap; empty if nothing that is seen."""
    (far, (rows, columns)), middle = nearest, gap.middle
    found = middle & (far <= gap.width)
    if count(found) >= FOUND * count(middle):
        now = 2 * float(depth[rows[found], columns[found]].mean())
        if abs(now - gap.width) < SEEN_PX:
            return ""
        return (
            "are narrower"
            if now < NARROWER * gap.width
            else "are wider"
            if now > WIDER * gap.width
            else ""
        )
    covered = ~scenes.second.bare[middle]
    return "are closed" if count(covered) >= CLOSED * count(middle) else ""


def _small(label: SeenLabel) -> bool:
    """True if a label is of a slightly larger or smaller thing, or says no more than that its outline differs."""
    fit = label.fit
    if fit is None or label.ends is not None or not (label.thing.before and label.thing.after):
        return False
    slight = max(abs(fit.scale_x - 1), abs(fit.scale_y - 1)) <= SMALL
    vague = fit.kind == "reshaped" and all(one.pixels is None for one in label.claims)
    return slight and (vague or fit.kind in ("resized", "stretched", "moved", "same"))


def _causes(label: SeenLabel, gap: Gap, *, most: bool) -> bool:
    """True if a gap changed since it is painted, or what lies beside it is missing, extra or clearly another size or form.

    Args:
        label: Of what may lie beside it.
        gap: The gap.
        most: True if most gaps changed alike: edges at them are theirs.
    """
    thing = label.thing
    painted = label.category is SvgCategory.STYLE and label.ends is None
    if painted and count(thing.new & gap.middle[thing.part]) >= CLOSED * count(gap.middle):
        return True  # Another paint lies in the gap.
    if label.recolored or label.aspect or label.ends is not None or _small(label):
        return False
    if most and label.fit is not None and label.fit.kind not in RIGID:
        return False
    beside = squared(gap.middle, round(gap.width / 2) + BESIDE_PX)[thing.part]
    return count((thing.old ^ thing.new) & beside) >= PATCH_PX


def _beside(label: SeenLabel, gaps: SeenLabel, scenes: Scenes) -> SeenLabel | None:
    """A label without what it says of the gaps; None if that is one of them, or a slight change of size beside
    them."""
    near = np.zeros(scenes.differs.shape, bool)
    near[gaps.thing.part] = gaps.thing.old
    mine = label.thing.part
    if label.ends is not None:
        one = "gap" in label.name and bool((label.thing.old & near[mine]).any())
        return None if one else label
    if _small(label) and (label.thing.old & squared(near, BESIDE_PX)[mine]).any():
        return None
    return without_gap(label, near)


def _label(lines: Mask, words: str, number: int, width: float, scenes: Scenes) -> SeenLabel:
    mask = squared(lines, round(width / 2)) & scenes.first.bare
    box, part = bounds(mask), around(mask)
    area = replace(scenes.first.area_of(part, mask[part]), ground=False, opening=False)
    thing = Thing([area], [area], scenes.differs.shape)
    name = "two white gaps" if number == 2 else SPACES
    severity = min(of_area_share(count(mask & scenes.differs) / scenes.pixels), 2)
    spot = where(name, box, scenes.first)
    return SeenLabel(SvgCategory.SHAPE, severity, name, spot, words, box, thing, ends=(box, box))
