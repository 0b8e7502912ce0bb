"""Merges labels with one cause: a figure's line and fill, shapes that moved together, petals of a
flower."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np

from annotators.structural.severity import color_distance, of_area_share
from annotators.structural.svg.seen.areas import SeenArea
from annotators.structural.svg.seen.claims import OUTLINES
from annotators.structural.svg.seen.crowds import crowded, in_crowd, ran_together
from annotators.structural.svg.seen.fits import Fit, unlike
from annotators.structural.svg.seen.groups import LARGER, common, gone_as_one, plain, told_apart
from annotators.structural.svg.seen.labels import (
    Scenes,
    SeenLabel,
    named,
    size_of,
    union,
)
from annotators.structural.svg.seen.places import VAGUE
from annotators.structural.svg.seen.relations import (
    figures,
    followed,
    grown_alike,
    moved_apart,
    pushed,
)
from annotators.structural.svg.seen.repaints import (
    SAME_COLOR,
    colors_of,
    emptied,
    exchanged,
    held,
    shown_through,
)
from annotators.structural.svg.seen.sentences import words_of
from annotators.structural.svg.seen.sizes import SEEN_SCALE, main_sizes
from annotators.structural.svg.seen.things import Thing
from annotators.structural.svg.words import of_several, percent
from annotators.structural.why import explains, unsaid
from records.rows import Box
from records.taxonomy import SvgCategory

TOGETHER_PX, SAME_SIZE = 2.5, 0.15
"""Pixels by which a thing may be off where another one's move puts it, and share of a side that it may differ."""
RIGID = ("moved", "resized", "stretched", "rotated", "mirrored")
MAX_LABELS = 12
OF_ONE_FORM = 0.05
"""Misfit, place and size aside, up to which a thing that moved has the form that it had."""
MANY = 3
"""Things of one name from which other outlines are told of all of them at once."""
APART = 4
"""Things of one name up to which each is told by itself if their outlines have nothing in common."""
SPREAD = 2.0
"""Ratio of a label's box to that of one of its things from which these are apart from each other."""


def folded(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """Merge labels to one per cause; the most severe first, at most `MAX_LABELS`."""
    for rule, step in STEPS.items():
        merged = step(labels, scenes)
        _note(rule, labels, merged)
        labels = merged
    ranked = sorted(told_apart(labels), key=lambda label: (-label.severity, -size_of(label.box)))
    for label in ranked[MAX_LABELS:]:
        unsaid(label, f"beyond the first {MAX_LABELS}")
    return ranked[:MAX_LABELS]


def _note(rule: str, before: list[SeenLabel], after: list[SeenLabel]) -> None:
    """Record for `--why` which labels a step merged into which: the one that covers them, or the
    nearest."""
    for label in before:
        if after and not any(label is other for other in after):
            (x, y), (left, top, right, bottom) = _middle(label.box), label.box
            cause = max(
                after,
                key=lambda one: (
                    min(right, one.box[2]) - max(left, one.box[0]) > 0
                    and min(bottom, one.box[3]) - max(top, one.box[1]) > 0,
                    -np.hypot(x - _middle(one.box)[0], y - _middle(one.box)[1]),
                ),
            )
            explains(rule, cause, label)


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _goes_along(label: SeenLabel, total: Fit, middle: tuple[float, float]) -> bool:
    """True if another thing's transform explains the new box of a thing."""
    one, two = label.places()
    turn = np.radians(total.angle)
    x, y = _middle(one)
    x, y = (x - middle[0]) * total.scale_x, (y - middle[1]) * total.scale_y
    goal = (
        middle[0] + total.across_px + np.cos(turn) * x - np.sin(turn) * y,
        middle[1] + total.down_px + np.sin(turn) * x + np.cos(turn) * y,
    )
    x, y = _middle(two)
    near = TOGETHER_PX + 0.01 * max(two[2] - two[0], two[3] - two[1])
    if total.kind == "moved":  # Of a short way, much less is another one.
        near = min(near, max(TOGETHER_PX, total.distance_px / 2))
    if np.hypot(goal[0] - x, goal[1] - y) > near:
        return False
    if total.angle:
        return True
    return all(
        abs(now - scale * was) <= min(2 * TOGETHER_PX, TOGETHER_PX / 2 + SAME_SIZE * now)
        for was, now, scale in (
            (one[axis + 2] - one[axis], two[axis + 2] - two[axis], scale)
            for axis, scale in ((0, total.scale_x), (1, total.scale_y))
        )
    )


def _together(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """Merge things that moved, grew or rotated together."""
    seeds = sorted(
        (label for label in labels if label.fit is not None and label.fit.kind in RIGID),
        key=lambda label: -size_of(label.box),
    )
    gone: list[SeenLabel] = []
    result: list[SeenLabel] = []
    for seed in seeds:
        if any(seed is label for label in gone):
            continue
        assert seed.fit is not None
        middle = _middle(seed.places()[0])
        group = [
            label
            for label in labels
            if label.fit is not None
            and not label.aspect
            and (label.fit.kind in RIGID or _keeps_form(label) or _within(label, seed))
            and not any(label is other for other in gone)
            and (
                label is seed
                or (label.thing is not seed.thing and _goes_along(label, seed.fit, middle))
            )
        ]
        if len(group) < 2:
            continue
        gone += group
        if all(label is seed or _within(label, seed) for label in group):
            result.append(seed)
            continue
        share = sum(label.thing.moved_px for label in group) / 2 / scenes.pixels
        areas = [area for label in group for area in label.thing.before]
        of_one = seed.words.startswith(OUTLINES)  # An edge of one thing is none of several.
        whole = replace(
            seed,
            words=words_of(seed.fit, seed.thing) if of_one else seed.words,
            severity=max(of_area_share(share), seed.severity),
            box=union([label.box for label in group]),
        )
        apart = not areas or len({_outline_of(area, scenes) for area in areas} - {""}) > 1
        alike = len({plain(label.name) for label in group}) == 1
        if alike:
            whole = named(whole, group, plain(seed.name), scenes)
            whole = replace(whole, words=of_several(whole.words))
        elif apart:
            kind = "text" if all(label.name.startswith("text ") for label in group) else "shape"
            name, spot = (f"{len(group)} {kind}s with the {one}" for one in (seed.name, seed.spot))
            whole = replace(whole, name=name, spot=spot)
        if apart and not (alike and seed.fit.kind in ("resized", "stretched")):
            symbol = _one_symbol(areas, scenes)
            category = SvgCategory.TEXT_SYMBOL if symbol else SvgCategory.STRUCTURE
            whole = replace(whole, category=category)
        result.append(whole)
    return [label for label in labels if not any(label is other for other in gone)] + result


def _keeps_form(label: SeenLabel) -> bool:
    """True if place and size are nearly all that changed of a thing's outline."""
    thing = label.thing
    one_sided = not (thing.before and thing.after)
    return one_sided or unlike(thing.old, thing.new) < OF_ONE_FORM


def _within(label: SeenLabel, seed: SeenLabel) -> bool:
    """True if a thing lies within another one in both pictures, as a hole does."""
    return all(
        held(mine, its) == 1 for mine, its in zip(label.places(), seed.places(), strict=True)
    )


def _outline_of(area: SeenArea, scenes: Scenes) -> str:
    """A key of the element that an area belongs to; empty if there are several."""
    outlines = {str(scenes.first.items[item].data.get("outline")) for item in area.items}
    return outlines.pop() if len(outlines) == 1 else " ".join(sorted(outlines))


def _one_symbol(areas: list[SeenArea], scenes: Scenes) -> bool:
    """True if one place of one `use` shows all of the areas."""
    names = {scenes.first.items[item].data.get("symbol") for a in areas for item in a.items}
    return len(names) == 1 and None not in names


def _alike(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """Merge things of one name with the same change; many that grew or shrank alike have any name."""
    groups: dict[object, list[SeenLabel]] = defaultdict(list)
    labels = _of_one_color(labels)
    often = Counter(_key(label) for label in labels if _only_resized(label))
    for label in labels:
        many = _only_resized(label) and often[_key(label)] >= MANY
        any_ = label.recolored or label.aspect or _of_kind(label, "thickness") or many
        text = label.name.startswith("text ")
        name = "text" if text else "" if any_ else label.each or plain(label.name)
        groups[label.category, name, _key(label)].append(label)
    alike = [some for members in groups.values() for some in _of_onesize_of(members)]
    return [_one(members, scenes, common(members)) for members in alike]


def _of_one_color(labels: list[SeenLabel]) -> list[SeenLabel]:
    """The same labels; what changed from one color to another one is said in the same words of all things."""
    colors: dict[tuple[str, ...], str] = {}
    result = []
    for label in sorted(labels, key=lambda label: -label.thing.size):
        if mine := colors_of(label):
            near = (
                words
                for theirs, words in colors.items()
                if all(map(lambda a, b: color_distance(a, b) < SAME_COLOR, mine, theirs))
            )
            label = replace(label, words=next(near, label.words))
            colors.setdefault(mine, label.words)
        result.append(label)
    return result


def _of_kind(label: SeenLabel, kind: str) -> bool:
    return label.fit is not None and label.fit.kind == kind


def _only_resized(label: SeenLabel) -> bool:
    """True if another size is all that is said of a thing."""
    return label.fit is not None and label.words == f"is {percent(label.fit.scale)}"


def _of_onesize_of(members: list[SeenLabel]) -> list[list[SeenLabel]]:
    """Things that are missing, extra or stretched are named together if they are about as large and as wide."""
    one_sided = all(bool(label.thing.before) != bool(label.thing.after) for label in members)
    if not one_sided and not all(_of_kind(label, "stretched") for label in members):
        unlike_ = len({label.words for label in members}) > 1
        few = len(members) <= APART and members[0].words.startswith(OUTLINES) and unlike_
        return [[label] for label in members] if few else [members]
    groups: list[list[SeenLabel]] = []
    for label in sorted(members, key=lambda label: label.thing.size):
        mates = (group for group in groups if _of_one_size(label.thing, group[-1].thing))
        group = next(mates, None)
        if group is not None:
            group.append(label)
        else:
            groups.append([label])
    return groups


def _of_one_size(one: Thing, two: Thing) -> bool:
    sides = [sorted(thing.old.shape) for thing in (one, two)]
    ratios = [one.size / two.size, *(float(a / b) for a, b in zip(*sides, strict=True))]
    return all(1 / LARGER <= ratio <= LARGER for ratio in ratios)


def _one_sentence(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """Merge what is said of the form of one thing."""
    result = list(labels)
    for label in labels:
        mate = next(
            (
                other
                for other in result
                if label.aspect and other.thing is label.thing and not other.aspect
                and other.category is label.category and other.name == label.name
            ),
            None,
        )  # fmt: skip
        if mate is not None:
            vague = mate.words.startswith(VAGUE)
            words = label.words if vague else f"{mate.words} and {label.words}"
            result[result.index(mate)] = replace(mate, words=words)
            result.remove(label)
    return result


def _key(label: SeenLabel) -> object:
    if label.words.startswith(OUTLINES):
        return VAGUE
    if (
        label.fit is None
        or label.aspect
        or (label.fit.kind == "reshaped" and not (label.fit.greatly or _only_resized(label)))
    ):
        return label.words
    if label.fit.kind == "moved":
        return label.fit.kind, round(label.fit.distance_px / 4)
    if label.fit.kind in ("rotated", "mirrored"):
        return label.fit.kind
    sizes = main_sizes(label.fit)
    if label.fit.kind == "thickness":
        about = label.words.partition("about")[2]
        return label.fit.kind, about or round(float(np.log2(label.fit.thicker)))
    steps = [round(2 * float(np.log2(size))) for size in sizes]
    if label.fit.kind == "reshaped" and not _only_resized(label):
        return label.words.split()[0], *steps
    signs = [int(np.sign(round((size - 1) / SEEN_SCALE))) for size in sizes]
    return *signs, *(round(3 * float(np.log2(size))) for size in sizes)


def _one(members: list[SeenLabel], scenes: Scenes, name: str) -> SeenLabel:
    lead = max(members, key=lambda label: (label.severity, size_of(label.box)))
    if len(members) == 1:
        return lead
    words = lead.words
    if lead.fit is not None and lead.fit.kind == "moved" and len({m.words for m in members}) > 1:
        words = "are off their places"
    if len({member.words for member in members}) > 1:
        words = words.partition(" and sits ")[0]
        if words.startswith(OUTLINES):
            words = "have other outlines"
    words = of_several(words)
    words = (
        words.replace(" sits ", " sit ")
        .replace(" its ", " their ")
        .replace("it is", "they are")
        .replace(" it should", " they should")
    )
    total = sum(size_of(label.box) for label in members)
    severity = max(lead.severity, min(of_area_share(0.6 * total / scenes.pixels), 2))
    return named(replace(lead, words=words, severity=severity), members, name, scenes)


STEPS = {
    "fill_taken_from_outline": emptied,
    "line_and_fill_of_one_figure": figures,
    "ran_together": ran_together,
    "moved_as_one": _together,
    "edge_between_two_things": pushed,
    "line_around_a_new_edge": followed,
    "moved_apart": moved_apart,
    "grown_alike": grown_alike,
    "painted_as_one": gone_as_one,
    "changed_alike": _alike,
    "form_of_one_thing": _one_sentence,
    "exchanged": exchanged,
    "shown_through": shown_through,
    "many_details": crowded,
    "one_of_many": in_crowd,
}
"""The merging steps, by name of their rule, in order."""
