"""Merges labels of two things that belong together: a figure's line and fill, what grew side by side, what
stands level, or farther apart."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from annotators.structural.svg.masks import count, widened
from annotators.structural.svg.seen.areas import drawn_in
from annotators.structural.svg.seen.claims import sentence
from annotators.structural.svg.seen.fits import thickness
from annotators.structural.svg.seen.groups import plain
from annotators.structural.svg.seen.labels import Scenes, SeenLabel, came, named, size_of, union
from annotators.structural.svg.seen.names import where
from annotators.structural.svg.seen.repaints import FIGURE_PX
from annotators.structural.svg.seen.sizes import SEEN_SCALE
from annotators.structural.svg.seen.things import Thing
from annotators.structural.visibility import PLACE_PX
from records.rows import Box
from records.taxonomy import SvgCategory

LEVEL_PX = 2.5
"""Largest distance of edges or middles that are seen on one line."""
ASIDE_PX = 8.0
"""Least distance of middles that are seen not to be."""
GAVE_WAY = 0.9
"""Least share of what a thing lost, and of what another one gained, that is both if one edge moved."""
FOLLOWS, EDGE_PX = 0.7, 2
"""Least share of a line that is beside a piece of the thing that it surrounds, and width of a soft edge."""
LIKE, SAME_SIZE = 1.2, 1.07
"""Largest ratio of sides of two things of one size, and of one thing that is seen to have kept its own."""


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


def pushed(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """Leave out what gave way where the edge between two things moved: one edge is one difference."""
    grew = [one for one in labels if one.fit and one.fit.scale > 1 and _stretched(one)]
    return [
        label
        for label in labels
        if not (_stretched(label) and any(_gave_way(label.thing, one.thing) for one in grew))
    ]


def followed(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """Leave out a new part of a line that is around a thing of which another label says that its edge is elsewhere."""
    filled = [one for one in labels if one.thing.before and one.thing.after and one.fit]
    return [
        label
        for label in labels
        if not (label.of_line and came(label))
        or not any(_follows(label.thing, one.thing) for one in filled)
    ]


def _follows(line: Thing, thing: Thing) -> bool:
    """True if a line runs where the edge of a thing is in one picture only."""
    mine = line.new
    edge = drawn_in(line.part, thing.before) ^ drawn_in(line.part, thing.after)
    near = widened(edge, round(thickness(mine)) + EDGE_PX)
    return count(mine & near) >= FOLLOWS * count(mine)


def _gave_way(thing: Thing, other: Thing) -> bool:
    """True if all that a thing lost is all that another one gained."""
    lost, gained = thing.old & ~thing.new, other.new & ~other.old
    taken = count(lost & drawn_in(thing.part, other.after))
    return taken >= GAVE_WAY * max(count(lost), count(gained))


def moved_apart(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """Merge moves of two things alike after which they stand level, or no longer do, or farther apart."""
    result = list(labels)
    for one, two in combinations(labels, 2):
        kept = [any(label is other for other in result) for label in (one, two)]
        if not (all(kept) and _moved(one) and _moved(two)):
            continue
        (left, now_left), (right, now_right) = sorted((one.places(), two.places()))
        if not (_of_one_size(left, right) and _of_one_size(now_left, now_right)):
            continue
        ways = [_apart(*places)[0] for places in ((left, now_left), (right, now_right))]
        same = all(_scaled(label) < SAME_SIZE for label in (one, two))
        words = _levels(_apart(left, right), _apart(now_left, now_right), ways, same=same)
        if words and left[2] <= right[0] and now_left[2] <= now_right[0]:
            whole = replace(_pair(one, two, scenes), words=words, category=SvgCategory.STRUCTURE)
            result[result.index(one)] = whole
            result.remove(two)
    return result


def _levels(
    was: tuple[float, float], now: tuple[float, float], ways: list[float], *, same: bool
) -> str:
    """Words for another relation of two things side by side; empty if they moved as one, or otherwise.

    Args:
        was: By how many pixels the right one stands farther right, and lower.
        now: The same in the candidate.
        ways: By how many pixels each of them moved to the right.
        same: True if both kept their sizes.
    """
    level, aslant = sorted((abs(was[1]), abs(now[1])))
    if level <= LEVEL_PX and aslant >= ASIDE_PX:
        higher = "left" if max(was[1], now[1], key=abs) > 0 else "right"
        if abs(now[1]) < abs(was[1]):
            return f"stand at the same height; the {higher} one was higher"
        return f"no longer stand at the same height; the {higher} one is higher"
    if aslant <= LEVEL_PX and same and ways[0] * ways[1] < 0 and min(map(abs, ways)) >= PLACE_PX:
        return f"stand {abs(now[0] - was[0]):.0f} px {'farther apart' if now > was else 'closer'}"
    return ""


def _moved(label: SeenLabel) -> bool:
    """True if a thing stands elsewhere and is hardly larger or smaller."""
    fit = label.fit
    if fit is None or label.ends is not None or not (label.thing.before and label.thing.after):
        return False
    return fit.kind in ("moved", "resized", "stretched", "reshaped") and _scaled(label) < LIKE


def _scaled(label: SeenLabel) -> float:
    """The greatest ratio of a thing's sides in both pictures."""
    assert label.fit is not None
    sizes = label.fit.scale_x, label.fit.scale_y
    return max(*sizes, *(1 / size for size in sizes))


def _apart(one: Box, two: Box) -> tuple[float, float]:
    """How far right and below the middle of the first box that of the second one is, in pixels."""
    across, down = ((two[axis] + two[axis + 2] - one[axis] - one[axis + 2]) / 2 for axis in (0, 1))
    return across, down


def _of_one_size(one: Box, two: Box) -> bool:
    return all(
        1 / LIKE < (one[axis + 2] - one[axis]) / (two[axis + 2] - two[axis]) < LIKE
        for axis in (0, 1)
    )


def _pair(one: SeenLabel, two: SeenLabel, scenes: Scenes) -> SeenLabel:
    """A label of both things."""
    names = {plain(label.name) for label in (one, two)}
    one = replace(one, severity=max(one.severity, two.severity), claims=())
    if len(names) == 1:
        return named(one, [one, two], names.pop(), scenes)
    box, name = union([one.box, two.box]), f"{one.name} and {two.name}"
    return replace(one, name=name, spot=where(name, box, scenes.first), box=box)


def figures(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """Merge a fill and the line around it if both changed in the same way."""
    result: list[SeenLabel] = []
    for label in sorted(labels, key=lambda label: -size_of(label.box)):
        mate = next((other for other in result if _one_figure(label, other, scenes)), None)
        if mate is None:
            result.append(label)
            continue
        at = result.index(mate)
        lead = mate if "line" not in mate.name and "outline" not in mate.name else label
        if label.fit is None:
            lead = mate
        result[at] = replace(
            lead, box=union([mate.box, label.box]), severity=max(mate.severity, label.severity)
        )
    return [label for label in labels if label in result] + [
        label for label in result if label not in labels
    ]


def _one_figure(label: SeenLabel, other: SeenLabel, scenes: Scenes) -> bool:
    if label.aspect or other.aspect:
        return False
    if label.thing is other.thing or (label.fit is None) != (other.fit is None):
        return False
    if label.fit is None and label.words != other.words:
        return False
    if not (label.thing.before and label.thing.after and other.thing.before and other.thing.after):
        return False
    style = SvgCategory.STYLE in (label.category, other.category)
    if style and (label.fit is None or label.category is not other.category):
        return False
    one, two = label.places()[0], other.places()[0]
    if max(abs(a - b) for a, b in zip(one, two, strict=True)) >= FIGURE_PX:
        return False
    mine, theirs = (
        {
            str(scenes.first.items[item].data.get("outline"))
            for area in side.thing.before
            for item in area.items
        }
        for side in (label, other)
    )
    return bool(mine & theirs)
