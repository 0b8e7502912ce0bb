"""Compares two icons by their visible areas, which are matched, explained and reported.

seen (areas) -> things (matched) -> to blame (fewest that account for all changed pixels)
-> tell (one label each) -> fold (labels alike become one)
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotators.structural.kept import Same
from annotators.structural.pixels import THRESHOLD, PixelDifference
from annotators.structural.svg.masks import EIGHT, Mask, around, count, eroded, wider
from annotators.structural.svg.seen.areas import BARE, SPECK_PX, SeenIcon, drawn_in, read
from annotators.structural.svg.seen.blame import blame, or_its_holes, remade
from annotators.structural.svg.seen.evidence import with_filled_lines
from annotators.structural.svg.seen.fits import thickness, unlike
from annotators.structural.svg.seen.fold import folded
from annotators.structural.svg.seen.gaps import changed_gaps
from annotators.structural.svg.seen.joints import joined_anew
from annotators.structural.svg.seen.labels import Scenes, SeenLabel, union
from annotators.structural.svg.seen.lines import net_pieces, without
from annotators.structural.svg.seen.names import OUTLINE, line_name, where
from annotators.structural.svg.seen.openings import opened
from annotators.structural.svg.seen.order import came_to_light, grown, outgrown
from annotators.structural.svg.seen.pieces import bare_figures, cut_figures
from annotators.structural.svg.seen.places import VAGUE, patch
from annotators.structural.svg.seen.register import out_of_register
from annotators.structural.svg.seen.repaints import bared
from annotators.structural.svg.seen.runs import text_labels
from annotators.structural.svg.seen.sentences import OTHER_FORM
from annotators.structural.svg.seen.spaces import changed_spaces
from annotators.structural.svg.seen.tell import labels_of
from annotators.structural.svg.seen.things import Thing, shared, things
from annotators.structural.svg.seen.whole import whole_drawing
from annotators.structural.svg.words import without_verb
from annotators.structural.visibility import PATCH_PX
from annotators.structural.why import unsaid
from records.rows import Box, Discrepancy
from records.taxonomy import Severity, SvgCategory
from renderers.scene import Scene

STRONG = 32
"""Least channel difference (0-255) that is noticed even along an edge."""
BESIDE_PX = 3
ALONE = 0.4
"""Least share of the changed pixels of a net that no other label covers for it to have its own."""
SEEN_BESIDE = 0.05
"""Largest share of a thing that is beside a line along its edge."""
MOSTLY = 0.8
"""Share of a line from which a piece of it is all of it."""
DEEP_PX = 12
"""A faint change with at least this many pixels, without its rim, is noticed as an area."""


def differences(reference: Scene, candidate: Scene, pixels: PixelDifference) -> list[Discrepancy]:
    """Every visible difference of two SVG scenes, each named once at its cause.

    Raises:
        SceneError: a scene's map of owners is damaged.
    """
    if not pixels.changed.any():
        return []
    before, after = pixels.pictures()
    if before.shape != after.shape:
        return []
    differs = visible(pixels.seen)
    if not differs.any():
        unsaid("changed pixels", f"none differs by {STRONG} of 255 nor covers an area")
        return []
    first = _seen(Same(reference), Same(before))
    second = _seen(Same(candidate), Same(after))
    scenes = Scenes(first, second, differs, pixels.seen > STRONG)
    whole = whole_drawing(scenes)
    if whole is None:
        return [_discrepancy(label) for label in _part_by_part(scenes)]
    label, rest = whole
    return [_discrepancy(one) for one in (label, *_part_by_part(rest))]


def _part_by_part(scenes: Scenes) -> list[SeenLabel]:
    """Labels of all parts that differ, merged to one per cause."""
    if not scenes.differs.any():
        return []
    labels, reported_first, reported_second = text_labels(scenes)
    known = grown(things(scenes.first, scenes.second, scenes.differs), scenes)
    known = with_filled_lines(bared(known, scenes), scenes)
    for thing in known:
        thing.revealed = came_to_light(thing, known, scenes)
    blamed = blame(known, scenes)
    blamed += [one for one in known if one not in blamed and remade(one)]
    blamed = [cause for one in blamed for cause in or_its_holes(one, known)]
    weak: list[SeenLabel] = []
    for thing in known:
        if _is_reported(thing, reported_first, reported_second) or _inside(
            thing, [one.box for one in labels if one.category is SvgCategory.TEXT_SYMBOL]
        ):
            continue
        changed = any(thing is one for one in blamed) or outgrown(thing, known, scenes)
        found = labels_of(thing, known, scenes, blamed=changed)
        pieces = net_pieces(thing, known, scenes) if any(_redrawn(one) for one in found) else None
        one_sided = not (thing.before and thing.after)
        if one_sided and pieces and pieces[0].size > MOSTLY * thing.size:
            pieces = None
        if pieces is not None:
            anew = [] if pieces else found
            if pieces and (rest := without(thing, pieces)):
                anew = labels_of(rest, known, scenes, blamed=True)
            # Of its form, pieces say all, if there are some.
            anew = [one for one in anew if _redrawn(one) and (one.words[:3] == "is " or not pieces)]
            weak += [_of_line(label, scenes) for label in anew]
            found = [label for label in found if not _redrawn(label)]
            for piece in pieces:
                for label in labels_of(piece, known, scenes, blamed=True):
                    style = label.category is SvgCategory.STYLE
                    found.append(
                        replace(
                            _of_line(label, scenes),
                            category=SvgCategory.STYLE if style else SvgCategory.STRUCTURE,
                        )
                    )
        labels += found
    for figure in cut_figures(labels, known, scenes):
        whole = labels_of(figure, known, scenes, blamed=True)
        cut = any(not one.thing.after for one in labels if _part_of(one.thing, figure))
        if cut or all(one.fit is None or one.fit.kind != "reshaped" for one in whole):
            labels = [one for one in labels if one.recolored or not _part_of(one.thing, figure)]
            labels += [one for one in whole if not one.recolored]
    for bare, shown in bare_figures(labels, known, scenes):
        whole = labels_of(bare, known, scenes, blamed=True)
        if len(whole) == 1 and whole[0].category is not SvgCategory.STYLE:
            labels = [one for one in labels if all(one is not label for label in shown)] + whole
    labels = [label for label in labels if not _shown_by_frame(label, [*labels, *weak])]
    clear = [label for label in labels if label.fit is None or label.fit.kind != "same"]
    clear += [one for one in weak if _sized(one) or not _goes_along(one, clear, scenes)]
    clear += left_over(labels, clear, scenes)
    for label in (one for one in (*labels, *weak) if one not in clear):
        unsaid(label, "what changed beside it shows this too")
    return folded(_between(clear, known, scenes), scenes)


def _between(labels: list[SeenLabel], known: list[Thing], scenes: Scenes) -> list[SeenLabel]:
    """The same labels, with those of what is seen between things, and without what these explain."""
    labels = opened(changed_spaces(changed_gaps(labels, scenes), scenes), scenes)
    return joined_anew(out_of_register(labels, known, scenes), known, scenes)


def left_over(labels: list[SeenLabel], clear: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """Labels of small pieces of large things: their size leaves them out, but they are seen, and no other
    label is at their place."""
    left = scenes.strong.copy()
    for left_, top, right, bottom in (one.box for one in clear):
        rows, columns = wider(
            (slice(int(top), int(bottom)), slice(int(left_), int(right))), BESIDE_PX
        )
        left[rows, columns] = False
    if count(left) < PATCH_PX:
        return []
    patches, number = ndimage.label(left, EIGHT)
    sizes = np.bincount(patches.ravel(), minlength=number + 1)
    deep = np.bincount(patches[eroded(eroded(left))], minlength=number + 1)
    open_ = (sizes >= PATCH_PX) & (deep >= SPECK_PX)
    open_[0] = False
    found = []
    for label in labels:
        if label.fit is not None and label.fit.kind == "same":
            thing, here = label.thing, patches[label.thing.part]
            apart = thing.old ^ thing.new
            own = open_ & (2 * np.bincount(here[apart], minlength=number + 1) > sizes)
            if own.any():
                open_ &= ~own
                mask = apart & own[here]
                words = " ".join(patch(thing.old, thing.new, mask, count(own))).strip()
                if words.startswith(VAGUE):
                    continue  # Edges that run a little beside themselves.
                changed, box = replace(label.fit, kind="reshaped"), thing.box_of(mask)
                found.append(replace(label, words=words, severity=1, fit=changed, box=box))
    return found


@lru_cache(maxsize=8)
def _seen(scene: Same, rgb: Same) -> SeenIcon:
    """What is seen on one side; kept, since a reference is compared with many candidates."""
    return read(cast(Scene, scene.held), cast(NDArray[np.uint8], rgb.held))


def visible(gaps: NDArray[np.uint8]) -> Mask:
    """H x W: changed pixels, without those that are only anti-aliased edges.

    Args:
        gaps: By how much each pixel lies outside the nearby colors of the other picture.
    """
    result = gaps > THRESHOLD
    if result.any():
        part = around(result)
        labels, number = ndimage.label(result[part], EIGHT)
        strong = np.bincount(labels[gaps[part] > STRONG], minlength=number + 1)
        deep = np.bincount(labels[eroded(result[part])], minlength=number + 1)
        seen = (strong >= SPECK_PX) | (deep >= DEEP_PX)
        seen[0] = False
        result[part] = seen[labels]
    return result


def _is_reported(thing: Thing, first: set[int], second: set[int]) -> bool:
    """True if a thing consists of a text that is on both sides."""
    before = {item for area in thing.before for item in area.items}
    after = {item for area in thing.after for item in area.items}
    return before <= first and after <= second and bool(before or after)


def _part_of(thing: Thing, figure: Thing) -> bool:
    return bool(thing.before) and all(area in figure.before for area in thing.before)


def _redrawn(label: SeenLabel) -> bool:
    """True if a thing is on one side only, or has another outline."""
    one_sided = not (label.thing.before and label.thing.after)
    return one_sided or (
        label.fit is not None and label.fit.kind in ("reshaped", "stretched", "aspect")
    )


def _of_line(label: SeenLabel, scenes: Scenes) -> SeenLabel:
    """The same label; its thing is named by what the line surrounds."""
    side, areas = (
        (scenes.first, label.thing.before)
        if label.thing.before
        else (scenes.second, label.thing.after)
    )
    lead = max(areas, key=lambda area: area.area)
    name = line_name(lead, side)
    of_line = " of " in name
    if not (label.thing.before and label.thing.after) and of_line:
        name = f"part of the {name}"
    return replace(label, name=name, spot=where(name, label.box, side), of_line=of_line)


def _goes_along(label: SeenLabel, labels: list[SeenLabel], scenes: Scenes) -> bool:
    """True if a net of lines changed mostly where other reported changes are."""
    thing = label.thing
    left = (thing.old ^ thing.new) & scenes.differs[thing.part]
    changed = count(left)
    x, y = thing.corner
    for box in (
        union([one.box, one.thing.box()]) if one.thing.before else one.box for one in labels
    ):
        rows, columns = (
            slice(max(int(low) - BESIDE_PX - start, 0), max(int(high) + BESIDE_PX - start, 0))
            for low, high, start in ((box[1], box[3], y), (box[0], box[2], x))
        )
        left[rows, columns] = False
    return count(left) < ALONE * changed


def _sized(label: SeenLabel) -> bool:
    """True if a line around something is said to be of another size by what all of it shows."""
    fit = label.fit
    return fit is not None and fit.greatly and label.words.startswith("is ")


def _inside(thing: Thing, boxes: list[Box]) -> bool:
    """True for the background between the letters of a changed text."""
    left, top, right, bottom = thing.box()
    return any(
        box[0] - 2 <= left and box[1] - 2 <= top and right <= box[2] + 2 and bottom <= box[3] + 2
        for box in boxes
    )


def _shown_by_frame(label: SeenLabel, labels: list[SeenLabel]) -> bool:
    """True for a hole in a thing of another outline: the hole changed with it, unless the hole alone
    has another form."""
    thing = label.thing
    if any(_surrounded(thing, one.thing) for one in labels if one.fit is not None):
        return True
    if label.fit is not None and any(
        _within(thing, one.thing) for one in labels if one.words == "is a new outline"
    ):
        return True
    if not thing.before and any(
        one.words.startswith("is hollow") and _inside(thing, [one.box]) for one in labels
    ):
        return True
    if not thing.before or not thing.opening:
        return False
    reshaped = bool(thing.after) and unlike(thing.old, thing.new) > OTHER_FORM
    return any(
        one.fit is not None
        and one.thing is not thing
        and _inside(thing, [one.box])
        and (one.fit.kind == "reshaped" or not (reshaped or one.fit.kind == "same"))
        for one in labels
    )


def _within(thing: Thing, line: Thing) -> bool:
    """True if a thing lost only what a line covers that was drawn along its edge."""
    kept = drawn_in(thing.part, [*thing.after, *line.after])
    return (
        count(thing.old & ~kept) <= SEEN_BESIDE * count(thing.old) >= count(thing.new & ~thing.old)
    )


def _surrounded(thing: Thing, line: Thing) -> bool:
    """True if a white thing is what a thin line surrounds in both pictures."""
    areas = (*thing.before, *thing.after)
    white = all(area.opening or area.color.min() >= BARE for area in areas)
    if not (white and thing.before and thing.after and line.before and line.after):
        return False
    for mine, theirs in ((thing.before, line.before), (thing.after, line.after)):
        frame = max(theirs, key=lambda area: area.area)
        inside = replace(frame, mask=frame.filled & ~frame.mask)
        held = sum(shared(area, inside) for area in mine)
        thin = thickness(frame.mask) < OUTLINE * min(frame.mask.shape)
        if not thin or held < MOSTLY * max(sum(area.area for area in mine), inside.area):
            return False
    return True


def _discrepancy(label: SeenLabel) -> Discrepancy:
    return Discrepancy(
        category=label.category.value,
        severity=_severity(label.severity),
        location=label.spot,
        description=without_verb(label.words),
        box=label.box,
    )


def _severity(value: int) -> Severity:
    return 3 if value >= 3 else 2 if value == 2 else 1
