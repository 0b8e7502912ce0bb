"""Compares the composition of drawings: groups, paint order, missing and extra shapes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from math import hypot

import numpy as np

from annotators.structural.colors import color_name
from annotators.structural.severity import of_area_share, of_color_change
from annotators.structural.svg.geometry import OutlineChange, center, fits
from annotators.structural.svg.ledger import MIN_PIXELS, FoundDifference, PixelLedger
from annotators.structural.svg.masks import bounds, count, widened
from annotators.structural.svg.matching import Pair, out_of_order
from annotators.structural.svg.outlines import between
from annotators.structural.svg.seen.whole import of_drawing_shift
from annotators.structural.svg.shapes import IconScene, IconShape, where_all
from annotators.structural.svg.shares import EDGE_PX
from annotators.structural.svg.texts import carried
from annotators.structural.svg.transforms import Points, moved_by
from annotators.structural.svg.words import move_words, other_face, several
from annotators.structural.visibility import PLACE_PX
from records.rows import Box
from records.taxonomy import SvgCategory

THINNED = 0.05
"""Share of its size by which an outline of which not all points are stored may be off."""
EXACT = 0.01
"""The same for outlines of an edited drawing."""
SHOWN = 0.2
"""Least share of what is seen to differ that lies along the outlines of what moved, if all of it moved."""
SOFT_PX = 2.0
"""Of an area, a strip that is narrower is a soft edge of what lies on it."""
MAX_REORDERED = 24
"""With more reordered shapes than this, the whole order changed."""


@dataclass
class Together:
    """Shapes that moved with the same transform."""

    indices: set[int] = field(default_factory=set)
    """Of the reference's shapes."""
    matrices: list[Points] = field(default_factory=list)
    all_matrix: Points | None = None
    """The transform of the whole drawing, if all of it moved."""


def moved_together(
    first: IconScene,
    second: IconScene,
    pairs: list[Pair],
    changes: dict[int, OutlineChange],
    ledger: PixelLedger,
) -> Together:
    """Report shapes that moved, grew or rotated together as one difference."""
    result = Together()
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
        riders = [pair for pair in texts if carried(found.matrix, *pair)]
        everything = len(group) + len(riders) >= (0.5 if other_view else 0.9) * len(pairs)
        if len(group) + len(riders) < 2 and not (everything and other_view):
            continue
        members = [by_index[index] for index in sorted(group)] + riders
        shape, other = by_index[seed]
        words = found.words(shape, other)
        if found.kind == "moved":
            words = move_words(*np.subtract(center(other), center(shape))) or words
        everything = everything and _explains(members, ledger)
        if len(members) < 2 and not everything:
            continue
        description, location = _said(words, members, shape, everything=everything)
        visible = sum(one.changed + two.changed for one, two in members) / 2
        ledger.add(
            FoundDifference(
                _category(found, everything),
                of_drawing_shift(found.distance_px)
                if everything and found.kind == "moved"
                else of_area_share(visible / _pixels(shape)),
                location,
                description,
                tuple(side for pair in members for side in pair),
            )
        )
        result.indices |= set(group)
        result.matrices.append(found.matrix)
        if everything:
            result.all_matrix = found.matrix
            if other_view:
                # Of a long outline only some points are stored; it moved with the others.
                result.indices |= {i for i in changes if fits(found.matrix, *by_index[i], THINNED)}
    _texts_together(texts, result, ledger)
    return result


def _said(words: str, members: list[Pair], lead: IconShape, *, everything: bool) -> tuple[str, str]:
    """Description and place of shapes that moved, grew or turned together."""
    if not everything:
        return (
            f"a group of {len(members)} shapes is {words}",
            f"{len(members)} shapes with the {lead.where}",
        )
    if any(_beyond(two) >= CUT_PX and _beyond(one) < 0 for one, two in members):
        words += " and cut off at the edge of the picture"
    return f"the whole drawing is {words}", "whole picture"


def _explains(members: list[Pair], ledger: PixelLedger) -> bool:
    """True if shapes that moved, grew or turned together show most of what is seen to differ."""
    seen = ledger.seen_at()
    shown_ = np.zeros_like(seen)
    for shape, other in members:
        if shape.runs:
            reach = EDGE_PX + round(shape.number("stroke_width"))
            shown_ |= between(shape.runs, other.runs, seen, filled=shape.filled, reach_px=reach)
        else:
            shown_ |= seen & ledger.owned_by(shape, other)
    return count(shown_) >= SHOWN * count(seen)


def _category(found: OutlineChange, everything: bool) -> SvgCategory:
    """Another size of the whole drawing is its shape; what moves, or is a part of it, its structure."""
    whole = everything and found.kind in ("resized", "stretched")
    return SvgCategory.SHAPE if whole else SvgCategory.STRUCTURE


def went_along(pairs: list[Pair], moved: Together) -> int:
    """Number of shapes that went, to a pixel, where others went, as those of an edited drawing do."""
    return sum(
        any(
            carried(one, *pair) if pair[0].is_text else fits(one, *pair, EXACT)
            for one in moved.matrices
        )
        for pair in pairs
    )


def _texts_together(texts: list[Pair], result: Together, ledger: PixelLedger) -> None:
    """Report texts that moved together."""
    left = [
        (one, two)
        for one, two in texts
        if not other_face(one.element, two.element)
        and not any(carried(matrix, one, two) for matrix in result.matrices)
    ]
    while left:
        (x, y), (new_x, new_y) = center(left[0][0]), center(left[0][1])
        matrix = np.array([[1, 0, new_x - x], [0, 1, new_y - y]], float)
        members = [left[0], *(pair for pair in left[1:] if carried(matrix, *pair))]
        left = [pair for pair in left if pair not in members]
        words = move_words(new_x - x, new_y - y)
        if len(members) < 2 or not words or hypot(new_x - x, new_y - y) < PLACE_PX:
            continue
        lead = members[0][0]
        visible = sum(one.changed + two.changed for one, two in members) / 2
        ledger.add(
            FoundDifference(
                SvgCategory.STRUCTURE,
                of_area_share(visible / _pixels(lead)),
                lead.where,
                f"a group of {len(members)} texts with the {lead.name} is {words}",
                tuple(side for pair in members for side in pair),
            )
        )
        result.matrices.append(matrix)


def reordered(pairs: list[Pair], ledger: PixelLedger) -> None:
    """Report shapes that are painted above what they were below, or the reverse."""
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
                if _one_color(other) == _one_color(other2) != "":
                    continue  # Nobody sees which one is above.
                if shape2 is shape or not _overlap(shape, shape2, other, other2):
                    continue
                if shape.index < shape2.index and other.index > other2.index:
                    over.append(((shape, other), (shape2, other2)))
                elif shape.index > shape2.index and other.index < other2.index:
                    under.append(((shape, other), (shape2, other2)))
        rivals = over or under
        if not rivals:
            continue
        (shape, _), (rival, _) = max(rivals, key=lambda item: (item[0][0].changed, item[1][0].area))
        name = (
            shape.name if len(run) == 1 else f"a group of {len(run)} shapes with the {shape.name}"
        )
        there, here = ("over", "under") if over else ("under", "over")
        crossing = _crossing(rivals, ledger)
        if crossing is None:
            continue  # Nobody sees which one is above.
        sides = tuple(side for pair in run for side in pair)
        visible = max(sum(one.changed for one, _ in run), sum(two.changed for _, two in run))
        ledger.add(
            FoundDifference(
                SvgCategory.STRUCTURE,
                of_area_share(visible / _pixels(shape)),
                shape.where,
                f"{name} is drawn {there} the {rival.name} instead of {here} it",
                sides,
                crossing,
            )
        )


def _crossing(rivals: list[tuple[Pair, Pair]], ledger: PixelLedger) -> Box | None:
    """Box of the changed pixels at which another one of two shapes is seen; None if they are few."""
    before, after = ledger.first.owner, ledger.second.owner
    crossed = np.zeros(before.shape, bool)
    for (one, one_after), (two, two_after) in rivals:
        crossed |= (before == one.index) & (after == two_after.index)
        crossed |= (before == two.index) & (after == one_after.index)
    seen = widened(crossed & ledger.changed, EDGE_PX) & ledger.changed
    return bounds(seen) if count(seen) >= MIN_PIXELS else None


def _one_color(shape: IconShape) -> str:
    """The color of a shape of one opaque color; else empty."""
    colors = {shape.look("fill"), shape.look("stroke")} - {"none", ""}
    return shape.color if colors == {shape.color} and shape.color[7:] in ("", "ff") else ""


def _overlap(*shapes: IconShape) -> bool:
    """True if the first two, or the last two, share part of their bounds."""
    for one, two in (shapes[:2], shapes[2:]):
        a, b = one.bounds, two.bounds
        if a and b and a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
            return True
    return False


def alone(
    shapes: list[IconShape], pairs: list[Pair], ledger: PixelLedger, *, missing: bool
) -> None:
    """Report shapes that are missing or extra.

    Neighbors in paint order are one difference, and so are all groups with the same shapes.
    """
    runs: list[list[IconShape]] = []
    for shape in (shape for shape in shapes if shape.area and not _shows_nothing(shape)):
        if runs and shape.index - runs[-1][-1].index <= 1:
            runs[-1].append(shape)
        else:
            runs.append([shape])
    alike: dict[tuple[str, ...], list[list[IconShape]]] = defaultdict(list)
    for run in runs:
        alike[tuple(shape.name for shape in run)].append(run)
    for groups in alike.values():
        ledger.add(_absence(groups, pairs, missing=missing))


def _shows_nothing(shape: IconShape) -> bool:
    """True for an area of which only a row of soft pixels is seen, like white paint on paper."""
    if not (shape.filled and shape.box and shape.bounds):
        return False
    seen, whole = (min(box[2] - box[0], box[3] - box[1]) for box in (shape.box, shape.bounds))
    return seen < SOFT_PX < whole / 2


def _absence(groups: list[list[IconShape]], pairs: list[Pair], *, missing: bool) -> FoundDifference:
    """The label of equal groups of shapes that are on one side only."""
    group = [shape for members in groups for shape in members]
    lead = max(group, key=lambda shape: shape.area)
    alike = len({shape.name for shape in group}) == 1 and len(group) > 1
    ground = len(group) == 1 and _is_ground(lead)
    if alike:
        subject = several(len(group), lead.name)
    elif len(groups[0]) == 1:
        subject = f"{color_name(lead.color)} background" if ground else lead.name
    else:
        groups_of = several(len(groups), "group") if len(groups) > 1 else "a group"
        subject = f"{groups_of} of {len(groups[0])} shapes with the {lead.name}"
    verb = "are" if alike or len(groups) > 1 else "is"
    doubled = not missing and len(group) == 1 and _doubled(lead, pairs)
    words = "drawn twice" if doubled else "missing" if missing else "extra"
    words_only = all(shape.is_text for shape in group)
    category = SvgCategory.TEXT_SYMBOL if words_only and not doubled else SvgCategory.STRUCTURE
    share = sum(shape.area for shape in group) / _pixels(lead)
    severity: int = of_area_share(share)
    if ground:  # On paper; a pale one is hardly missed.
        severity = min(severity, of_color_change("#ffffff", lead.color, share))
    if any(shape.is_text for shape in group):
        # Lost words among shapes are as severe as lost words alone.
        of_words = 3 if missing else 2
        severity = of_words if words_only else max(severity, of_words)
    where = lead.where if len(group) > 1 and not alike else where_all(subject, group)
    return FoundDifference(category, severity, where, f"{subject} {verb} {words}", tuple(group))


def _is_ground(shape: IconShape) -> bool:
    """True for a sheet of one color below everything else."""
    left, top, right, bottom = shape.bounds or (0.0, 0.0, 0.0, 0.0)
    width, height = shape.picture
    whole = left < 1 and top < 1 and right > width - 1 and bottom > height - 1
    return (
        whole
        and shape.index == 0
        and bool(_one_color(shape))
        and shape.kind in ("square", "rectangle")
    )


def _doubled(shape: IconShape, pairs: list[Pair]) -> bool:
    """True if just one matched shape looks like ``shape``, perhaps at another place: of many alike, it
    is one more."""
    left, top, right, bottom = shape.bounds or (0.0, 0.0, 0.0, 0.0)
    alike = [
        other
        for _, other in pairs
        if other.color == shape.color and other.kind == shape.kind and other.bounds
        and abs(other.bounds[2] - other.bounds[0] - right + left) < 1.5
        and abs(other.bounds[3] - other.bounds[1] - bottom + top) < 1.5
    ]  # fmt: skip
    return len(alike) == 1


def in_view(shape: IconShape, matrix: Points) -> bool:
    """True if the transformed shape is still inside the picture."""
    if shape.bounds is None:
        return True
    left, top, right, bottom = shape.bounds
    corners = moved_by(
        matrix, np.array([[left, top], [right, top], [left, bottom], [right, bottom]])
    )
    low, high = corners.min(axis=0), corners.max(axis=0)
    width, height = shape.picture
    return bool(high[0] > 0 and high[1] > 0 and low[0] < width and low[1] < height)


def inverse(matrix: Points) -> Points:
    turn = np.linalg.pinv(matrix[:, :2])
    return np.column_stack((turn, -turn @ matrix[:, 2]))


CUT_PX = 4.0
"""Least length of a part beyond the edge of the picture that is missed there, unless it reached the edge
in the reference, like a ground."""


def _beyond(shape: IconShape) -> float:
    """How far a shape reaches beyond the picture, in pixels; negative inside."""
    left, top, right, bottom = shape.bounds or (0.0, 0.0, 0.0, 0.0)
    return max(-left, -top, right - shape.picture[0], bottom - shape.picture[1])


def _pixels(shape: IconShape) -> int:
    return shape.picture[0] * shape.picture[1]
