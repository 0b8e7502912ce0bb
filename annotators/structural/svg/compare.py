"""Compares two drawings: shape by shape if one is an edit of the other, else by appearance.

An edit keeps most shapes, so shapes are matched, and a difference counts only if pixels of these
shapes changed. A drawing by another author shares only the picture with the reference: there
`svg.seen` compares what is visible. It also decides for an uncertain edit if it needs fewer labels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from annotators.structural.pixels import PixelDifference
from annotators.structural.severity import of_area_share, of_shift
from annotators.structural.svg.composition import (
    alone,
    in_view,
    inverse,
    moved_together,
    reordered,
    went_along,
)
from annotators.structural.svg.geometry import UNSEEN_PX, OutlineChange, center, change
from annotators.structural.svg.ledger import MIN_PIXELS, FoundDifference, PixelLedger
from annotators.structural.svg.looks import SLIGHTLY, Looks
from annotators.structural.svg.masks import bounds, count, squared
from annotators.structural.svg.matching import Pair, pair_up
from annotators.structural.svg.outlines import is_flat
from annotators.structural.svg.parts import part_changes, shown
from annotators.structural.svg.recount import recounted, spaced_anew
from annotators.structural.svg.regroup import regrouped
from annotators.structural.svg.seen import compare as by_looks
from annotators.structural.svg.seen.compare import visible
from annotators.structural.svg.seen.sizes import SEEN_SCALE
from annotators.structural.svg.shapes import IconScene, IconShape, where_all
from annotators.structural.svg.shares import EDGE_PX, share_out
from annotators.structural.svg.style import paint_differences, painted_anew
from annotators.structural.svg.symbols import replaced
from annotators.structural.svg.texts import text_changes, together
from annotators.structural.svg.words import of_several, several
from annotators.structural.visibility import PLACE_PX, unexplained
from records.rows import Box, Discrepancy, box_around
from records.taxonomy import SvgCategory
from renderers.scene import Scene

MAX_SHAPES = 250
"""With more changed shapes per side than this, shapes are not matched one by one."""
FEW = 3
"""One shape of so many that is as it was shows that a drawing is an edit of the other one."""
COPIED = 0.2
"""Share of the lines of a drawing's outlines from which it is an edit of the drawing that has them."""
ERRORS = 4
"""With so many labels, and an outline drawn anew, a drawing is hardly an edit of the other one."""
PETALS = 3
"""At least this many shapes of one name that moved equally far are parts of one figure."""

PLAIN = "#", "none"
"""How a paint of one color begins, and none."""
ALIKE_SCALE = 0.08
ALIKE_PX = 4.0
"""Shapes of one name that grew or moved by amounts that differ by at most this changed alike."""
SEEN_ALONE = 0.3
"""Least share of a missing or extra shape that changed for the shape to be an edit."""


def differences(reference: Scene, candidate: Scene, pixels: PixelDifference) -> list[Discrepancy]:
    """Every visible difference of two SVG scenes, each reported once at its cause.

    Raises:
        SceneError: a scene's map of owners is damaged.
    """
    if not pixels.changed.any():
        return []
    changed = pixels.changed

    @cache
    def seen_at() -> NDArray[np.bool_]:
        if pixels.scale != 1.0 or len({side.shape for side in pixels.pictures()}) > 1:
            return changed
        return changed & squared(visible(pixels.seen), EDGE_PX)

    first = IconScene.of(reference)
    second = IconScene.of(candidate)
    ledger = PixelLedger(first, second, changed, seen_at)
    if spaced_anew(first, second, ledger):
        return ledger.discrepancies()
    written = first, second
    first, second = regrouped(first, second, changed)
    ledger = PixelLedger(first, second, changed, seen_at)
    kept = {shape.key for shape in first.shapes} & {shape.key for shape in second.shapes}
    most = max(sum(one.key not in kept for one in side.shapes) for side in (first, second))
    if most > MAX_SHAPES:
        return by_looks.differences(reference, candidate, pixels)
    redrawn = 2 * len(kept) < len(first.shapes)  # Most shapes changed.
    pairs = pair_up(first, second)
    changes = _outlines(first, second, pairs)
    copied = not redrawn or FEW * len(kept) >= len(first.shapes) or _copied(*written)
    if changes is None or not (copied or _may_have_moved(pairs, changes)):
        return by_looks.differences(reference, candidate, pixels)
    for side in (first, second):
        side.count(np.flatnonzero(changed))
    if _covered_up(first, second, pairs):
        return by_looks.differences(reference, candidate, pixels)
    share_out(first, second, pairs, changed)
    hidden = [(one, two) for one, two in pairs if one.area and not two.area]
    gone = {one.index for one, two in hidden if _vanished(two, changes.get(one.index))}
    # Nothing is seen of them: they are missing, whatever their elements became.
    pairs = [pair for pair in pairs if pair[0].index not in gone]
    changes = {at: found for at, found in changes.items() if at not in gone}
    copied |= _shape_by_shape(first, second, pairs, changes, ledger)
    ledger.settle()
    if not ledger.found:
        # No shape differs, but the picture does: a pattern, a mask, or how a gradient repeats.
        seen = by_looks.differences(reference, candidate, pixels)
        painted = painted_anew(first, second, pairs, changed) if len(seen) > 1 else None
        if painted is None:
            return seen
        ledger.add(painted)
    found = ledger.discrepancies()
    guessed = any(one.kind == "transformed" for one in changes.values())
    paired = {id(side) for pair in pairs for side in pair}
    free = [any(id(one) not in paired for one in _seen(side.shapes)) for side in (first, second)]
    kin = all(one.kin for one in changes.values())
    edited = kin and not all(free)
    fewer = min(len(first.shapes), len(second.shapes))
    sure = edited and (len(first.shapes) == len(second.shapes) or 2 * len(kept) >= fewer)
    many = not kin and len({one.description for one in found}) >= ERRORS
    if many or (redrawn and (guessed or not copied or (len(found) > 1 and not sure))):
        seen = by_looks.differences(reference, candidate, pixels)
        complete = unexplained(pixels, [one.box for one in seen if one.box]) is None
        if not copied or (many and len(seen) < len(found)):
            return seen
        return seen if complete and len(seen) <= len(found) + guessed - edited else found
    return found


def _covered_up(first: IconScene, second: IconScene, pairs: list[Pair]) -> bool:
    """True if a shape is on one side only and nearly all of it looks as the other picture does there: what one
    author cut out, another one painted over."""
    paired = {id(side) for pair in pairs for side in pair}
    return any(
        one.area >= MIN_PIXELS and one.changed < SEEN_ALONE * one.area
        for side in (first, second)
        for one in side.shapes
        if id(one) not in paired
    )


def _vanished(shape: IconShape, change: OutlineChange | None) -> bool:
    """True if a shape is not seen for its own sake: another outline, or lines without paint."""
    if change is not None and change.kind == "distorted":
        return True
    return shape.look("stroke") == "none" and bool(shape.runs) and is_flat(shape.runs)


def _copied(first: IconScene, second: IconScene) -> bool:
    """True if a good part of the second drawing's outlines runs between the same points as the first's, or
    both are a single shape; edges of the picture are anybody's."""
    if len(first.shapes) == len(second.shapes) == 1:
        return True
    before, after = (
        [
            (x, y, x2, y2)
            for shape in side.shapes
            for run in shape.runs
            for (x, y), (x2, y2) in pairwise(run.tolist())
            if 0 < x + x2 < 2 * side.width_px and 0 < y + y2 < 2 * side.height_px
        ]
        for side in (first, second)
    )
    known = set(before)
    return sum(line in known for line in after) >= COPIED * len(after)


def _may_have_moved(pairs: list[Pair], changes: dict[int, OutlineChange]) -> bool:
    """False if no outline was moved, turned or scaled, and no two texts can have moved together."""
    texts = sum(one.is_text and one.key != two.key for one, two in pairs)
    return texts > 1 or any(found.kind != "distorted" for found in changes.values())


def _seen(shapes: list[IconShape]) -> list[IconShape]:
    return [shape for shape in shapes if shape.area]


def _outlines(
    first: IconScene, second: IconScene, pairs: list[Pair]
) -> dict[int, OutlineChange] | None:
    """How changed outlines changed, by index of the reference's shape.

    None if the shapes of the two documents do not correspond because one was redrawn. An edited
    document has shapes on one side only, or outlines of which a large part is exactly equal; a
    redrawn copy has neither.
    """
    alone = len(_seen(first.shapes)) - sum(bool(shape.area) for shape, _ in pairs)
    extra = len(_seen(second.shapes)) - sum(bool(other.area) for _, other in pairs)
    edited = alone == extra == 0 and all(shape.paint == other.paint for shape, other in pairs)
    enough = (len(pairs) + alone + extra) / 2
    changes: dict[int, OutlineChange] = {}
    anew = 0
    for shape, other in pairs:
        misfits = anew + min(alone, extra)
        if not edited and misfits and anew + alone + extra > enough:
            return None
        if shape.key != other.key and not shape.is_text:
            found = change(shape, other)
            if found is not None:
                changes[shape.index] = found
                anew += not found.kin
    unlike = anew + min(alone, extra) and anew + alone + extra > enough
    return None if unlike and not edited else changes


def _shape_by_shape(
    first: IconScene,
    second: IconScene,
    pairs: list[Pair],
    changes: dict[int, OutlineChange],
    ledger: PixelLedger,
) -> bool:
    """Add all differences; True if most shapes moved together, as those of an edited drawing do."""
    reported = replaced(first, second, pairs, changes, ledger)
    reported |= recounted(first, second, ledger)
    pairs = [pair for pair in pairs if not reported & {id(side) for side in pair}]
    # Shapes of a replaced symbol are not reported again.
    seen = {
        shape.index
        for shape, other in pairs
        if shape.index in changes and _is_seen(changes[shape.index], shape, other)
    }
    changes = {index: found for index, found in changes.items() if index in seen}
    moved = moved_together(first, second, pairs, changes, ledger)
    reordered(pairs, ledger)
    texts = [
        label
        for shape, other in pairs
        if shape.is_text and shape.key != other.key
        for label in text_changes(shape, other, moved.matrices)
    ]
    for item in together(texts):
        ledger.add(item)
    for item in _geometry(pairs, changes, moved.indices, ledger):
        ledger.add(item)
    for item in paint_differences(pairs, changes):
        ledger.add(item)
    reported |= {id(shape) for pair in pairs for shape in pair}
    missing = [shape for shape in first.shapes if id(shape) not in reported]
    extra = [shape for shape in second.shapes if id(shape) not in reported]
    if moved.all_matrix is not None:
        # If the whole drawing moved, shapes that left or entered the picture are not missing or extra.
        missing = [shape for shape in missing if in_view(shape, moved.all_matrix)]
        back = inverse(moved.all_matrix)
        extra = [shape for shape in extra if in_view(shape, back)]
    alone(missing, pairs, ledger, missing=True)
    alone(extra, pairs, ledger, missing=False)
    return 2 * went_along(pairs, moved) >= len(pairs) > 0


def _is_seen(found: OutlineChange, shape: IconShape, other: IconShape) -> bool:
    """False for an outline that moved, or grew, less than anybody notices."""
    grew = found.kind not in ("moved", "resized") or abs(found.scale - 1) >= SEEN_SCALE
    return grew or float(np.hypot(*np.subtract(center(other), center(shape)))) >= PLACE_PX


def _geometry(
    pairs: list[Pair],
    changes: dict[int, OutlineChange],
    but: set[int],
    ledger: PixelLedger,
) -> Iterator[FoundDifference]:
    """The labels of changed outlines; shapes of one name with the same change share one label."""
    groups: list[tuple[tuple[str, str], tuple[float, ...], list[Pair]]] = []
    in_parts: dict[tuple[str, int], list[FoundDifference]] = defaultdict(list)
    for shape, other in pairs:
        found = changes.get(shape.index)
        if found is not None and shape.index not in but:
            parts = []
            looks = Looks.of(shape, other)
            if (
                looks is not None
                and not (ledger.changed[looks.part] & (looks.old ^ looks.new)).any()
            ):
                continue  # It has the color of what lies beside it.
            if found.kind == "distorted":
                if found.distance_px < UNSEEN_PX and looks is not None and looks.unseen:
                    continue
                parts = part_changes(shape, other, ledger.owned_by(shape, other))
            for at, part in enumerate(parts):
                in_parts[part.description, at].append(part)
            if parts:
                continue
            much: tuple[float, ...] = (
                found.scale / ALIKE_SCALE,
                abs(found.angle),
                found.distance_px / ALIKE_PX,
            )
            if found.kind == "moved":
                # For example petals of a flower, each moved equally far in its own direction.
                much = (_distance(shape, other),)
            kind = shape.name, found.kind
            for name, first, members in groups:
                if name == kind and np.allclose(first, much, rtol=0, atol=1):
                    members.append((shape, other))
                    break
            else:
                groups.append((kind, much, [(shape, other)]))
    for _, _, members in groups:
        alike = [members]
        lead = changes[members[0][0].index]
        if len(members) < PETALS and lead.kind in ("moved", "distorted"):
            alike = [[pair] for pair in members]
        for group in alike:
            box = _own_box(*group[0], ledger) if len(group) == 1 else None
            yield replace(_drawn_wrong(group, changes), box=box)
    for labels in in_parts.values():
        yield from labels if len(labels) < PETALS else (_as_one(labels),)


def _as_one(labels: list[FoundDifference]) -> FoundDifference:
    """One label for shapes of one name with the same change of a part."""
    lead = labels[0]
    shapes = tuple(shape for label in labels for shape in label.shapes)
    count, name = len(labels), lead.shapes[0].name
    words = of_several(lead.description.removeprefix(f"{name} "))
    return replace(
        lead,
        severity=max(label.severity for label in labels),
        location=where_all(several(count, name), shapes[::2]),
        description=f"{several(count, name)} {words}",
        shapes=shapes,
        box=box_around(label.box for label in labels),
    )


def _drawn_wrong(members: list[Pair], changes: dict[int, OutlineChange]) -> FoundDifference:
    shape, other = max(members, key=lambda pair: pair[0].area)
    found = changes[shape.index]
    many = len(members) > 1
    name = several(len(members), shape.name)
    words = found.words(shape, other)
    if many and found.kind == "moved":
        words = f"displaced by {_distance(shape, other):.0f} px"
    looks = None if words else Looks.of(shape, other)
    said = f"is {words}" if words else SLIGHTLY if looks is None else looks.words()
    return FoundDifference(
        SvgCategory.SHAPE,
        max(_severity(one, two, changes[one.index]) for one, two in members),
        where_all(name, [shape for shape, _ in members]),
        f"{name} {of_several(said) if many else said}",
        tuple(side for pair in members for side in pair),
    )


def _own_box(shape: IconShape, other: IconShape, ledger: PixelLedger) -> Box | None:
    """The box of what a changed outline shows; a gradient may change all over a shape with it."""
    if shape.is_text or shape.clip_runs or other.clip_runs:
        return None
    plain = all(shape.look(name).startswith(PLAIN) for name in ("fill", "stroke"))
    if shape.paint == other.paint and not plain:
        return None
    own = shown(shape, shape.runs, other.runs, ledger.owned_by(shape, other))
    return bounds(own) if count(own) >= MIN_PIXELS else None


def _distance(shape: IconShape, other: IconShape) -> float:
    return float(np.hypot(*np.subtract(center(other), center(shape))))


def _area(shape: IconShape) -> int:
    return shape.picture[0] * shape.picture[1]


def _severity(shape: IconShape, other: IconShape, found: OutlineChange) -> int:
    """Severity by the distance of a move; else by the deviation relative to the shape's size and
    the visible area."""
    left, top, right, bottom = shape.bounds or (0.0, 0.0, 0.0, 0.0)
    size = max(right - left, bottom - top, 1.0)
    if found.kind == "moved":
        distance = _distance(shape, other)
        moved = of_shift(distance / float(np.hypot(*shape.picture)))
        # Not by changed pixels: a shape that left the picture changes fewer.
        uncovered = shape.area * min(1.0, distance / size)
        return max(1, moved, of_area_share(uncovered / _area(shape)) - 1)
    share = (shape.changed + other.changed) / 2 / _area(shape)
    if found.kind in ("resized", "stretched") and found.scale < 1:
        # A shrinking shape can uncover its own color: changed pixels understate the loss, so use the area.
        share = shape.area * (1 - found.scale**2) / _area(shape)
    return max(1, min(2 if found.distance_px / size < 0.5 else 3, of_area_share(share)))
