"""Merges labels of two things whose relation changed: what grew side by side, what stands level now."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from annotators.structural.svg.seen.claims import sentence
from annotators.structural.svg.seen.groups import plain
from annotators.structural.svg.seen.labels import Scenes, SeenLabel, union
from annotators.structural.svg.seen.names import where
from annotators.structural.svg.seen.sentences import SEEN_SCALE
from annotators.structural.svg.words import several
from records.rows import Box
from records.taxonomy import SvgCategory

LEVEL_PX = 2.5
"""Largest distance of edges or middles that are seen on one line."""
ASIDE_PX = 8.0
"""Least distance of middles that are seen not to be."""
LIKE = 1.2
"""Largest ratio of sides of two things of one size."""


def grown_alike(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """Merge the new height, or width, of things side by side; what else changed of one of them is told
    apart."""
    result = list(labels)
    for two in labels:
        if len(two.claims) < 2 or two.claims[0].pixels is not None:
            continue
        mates = (one for one in result if _stretched(one) and _side_by_side(one, two))
        mate = next(mates, None)
        if mate is not None:
            rest = two.claims[1:]
            boxes = [two.thing.box_of(one.pixels) for one in rest if one.pixels is not None]
            apart = replace(two, words=sentence(rest), box=union(boxes or [two.box]), claims=rest)
            result[result.index(two)] = apart
            result[result.index(mate)] = replace(
                _pair(mate, two, scenes), words=mate.words.replace("is ", "are ", 1)
            )
    return result


def _stretched(label: SeenLabel) -> bool:
    """True if a thing only became taller or wider."""
    fit = label.fit
    if fit is None or label.ends is not None:
        return False
    of_all = len(label.claims) == 1 and label.claims[0].pixels is None
    if fit.kind != "stretched" and not of_all:
        return False
    return min(abs(fit.scale_x - 1), abs(fit.scale_y - 1)) < SEEN_SCALE


def _side_by_side(one: SeenLabel, two: SeenLabel) -> bool:
    """True if the edges that moved of one thing were and are on one line with those of another."""
    assert one.fit is not None
    axis = int(abs(one.fit.scale_y - 1) > abs(one.fit.scale_x - 1))
    return all(
        abs(mine[edge] - theirs[edge]) <= LEVEL_PX
        for mine, theirs in zip(one.places(), two.places(), strict=True)
        for edge in (axis, axis + 2)
    )


def levelled(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """Merge moves of two things alike after which they stand level, or no longer do."""
    result = list(labels)
    for one, two in combinations(labels, 2):
        if not (_moved(one) and _moved(two)) or not all(
            any(label is kept for kept in result) for label in (one, two)
        ):
            continue
        (left, now_left), (right, now_right) = sorted((one.places(), two.places()))
        if not (_of_one_size(left, right) and _of_one_size(now_left, now_right)):
            continue
        was, now = _below(left, right), _below(now_left, now_right)
        level, aslant = sorted((abs(was), abs(now)))
        if (
            level > LEVEL_PX
            or aslant < ASIDE_PX
            or left[2] > right[0]
            or now_left[2] > now_right[0]
        ):
            continue
        higher = "left" if max(was, now, key=abs) > 0 else "right"
        words = (
            f"stand at the same height; the {higher} one was higher"
            if abs(now) < abs(was)
            else f"no longer stand at the same height; the {higher} one is higher"
        )
        whole = replace(_pair(one, two, scenes), words=words, category=SvgCategory.STRUCTURE)
        result[result.index(one)] = whole
        result.remove(two)
    return result


def _moved(label: SeenLabel) -> bool:
    """True if a thing stands elsewhere and is hardly larger or smaller."""
    fit = label.fit
    if fit is None or label.ends is not None or not (label.thing.before and label.thing.after):
        return False
    size = max(fit.scale_x, fit.scale_y, 1 / fit.scale_x, 1 / fit.scale_y)
    return fit.kind in ("moved", "resized", "stretched", "reshaped") and size < LIKE


def _below(one: Box, two: Box) -> float:
    """By how many pixels the middle of the second box is lower."""
    return (two[1] + two[3] - one[1] - one[3]) / 2


def _of_one_size(one: Box, two: Box) -> bool:
    return all(
        1 / LIKE < (one[axis + 2] - one[axis]) / (two[axis + 2] - two[axis]) < LIKE
        for axis in (0, 1)
    )


def _pair(one: SeenLabel, two: SeenLabel, scenes: Scenes) -> SeenLabel:
    """A label of both things."""
    box = union([one.box, two.box])
    names = {plain(label.name) for label in (one, two)}
    name = several(2, names.pop()) if len(names) == 1 else f"{one.name} and {two.name}"
    severity = max(one.severity, two.severity)
    return replace(
        one, name=name, spot=where(name, box, scenes.first), box=box, severity=severity, claims=()
    )
