"""Many things alike that changed alike, such as the ticks of a dial: all lie farther out, all are longer."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np

from annotators.structural.colors import color_name
from annotators.structural.severity import of_area_share
from annotators.structural.svg.masks import count
from annotators.structural.svg.seen.areas import drawn_in
from annotators.structural.svg.seen.crowds import DETAIL_SHARE
from annotators.structural.svg.seen.groups import plain
from annotators.structural.svg.seen.labels import Scenes, SeenLabel, union
from annotators.structural.svg.seen.names import where
from annotators.structural.svg.seen.things import Thing
from annotators.structural.svg.words import percent, plural
from records.rows import Box
from records.taxonomy import SvgCategory

MANY = 8
"""Things of one color that are a pattern."""
OUT_PX, SIZE = 2.5, 1.08
"""Least way out or in, and ratio of sizes, that is seen of a pattern."""
MOST = 0.8
"""Least share of its things that went this way."""


def patterns(labels: list[SeenLabel], scenes: Scenes) -> list[SeenLabel]:
    """Merge labels of many small things of one color that all lie farther out or in, or are larger or smaller."""
    groups: dict[str, list[SeenLabel]] = defaultdict(list)
    for label in labels:
        areas = label.thing.before or label.thing.after
        if label.ends is None and areas[0].area < DETAIL_SHARE * scenes.pixels:
            groups[color_name(areas[0].hex)].append(label)
    for group in groups.values():
        things = list({id(one.thing): one for one in group}.values())
        members = [one for one in things if len(one.thing.before) == len(one.thing.after) == 1]
        areas_ = sum(max(len(one.thing.before), len(one.thing.after)) for one in things)
        if len(members) < max(MANY, MOST * areas_):
            continue
        words = _words([one.places() for one in members])
        if words:
            own = [one for one in group if any(one.thing is member.thing for member in members)]
            own += [one for one in labels if _is_all(one.thing, members)]
            labels = [one for one in labels if all(one is not label for label in own)]
            labels.append(_label(members, words, scenes))
    return labels


def _is_all(thing: Thing, members: list[SeenLabel]) -> bool:
    """True if a thing consists of things of a pattern, which its author painted as one."""
    areas = [area for one in members for area in one.thing.before]
    return 2 * count(drawn_in(thing.part, areas) & thing.old) > count(thing.old) > 0


def _words(places: list[tuple[Box, Box]]) -> str:
    """What most of some things did, of their boxes before and after; empty if they have nothing in common."""
    was, now = (np.array(side) for side in zip(*places, strict=True))
    middles = [(side[:, :2] + side[:, 2:]) / 2 for side in (was, now)]
    center = (was[:, :2].min(axis=0) + was[:, 2:].max(axis=0)) / 2
    far, far_now = (np.hypot(*(middle - center).T) for middle in middles)
    sizes, sizes_now = (np.hypot(*(side[:, 2:] - side[:, :2]).T) for side in (was, now))
    ratios, ways = sizes_now / sizes, far_now - far
    said = []
    for more, words in ((ways, "lie farther out"), (-ways, "lie farther in")):
        if np.median(more) >= OUT_PX and (more > 0).mean() >= MOST:
            said.append(words)
    typical = float(np.median(ratios))
    larger = ratios > 1 if typical > 1 else ratios < 1
    if not 1 / SIZE < typical < SIZE and larger.mean() >= MOST:
        said.append(f"are {percent(typical)}")
    return " and ".join(said)


def _label(members: list[SeenLabel], words: str, scenes: Scenes) -> SeenLabel:
    lead = max(members, key=lambda one: one.thing.size)
    name = Counter(plain(one.name) for one in members).most_common(1)[0][0]
    if name.endswith(("line", "bar")):
        words = words.replace("larger", "longer").replace("smaller", "shorter")
    box = union([one.box for one in members])
    share = sum(one.thing.size for one in members) / scenes.pixels
    return replace(
        lead, category=SvgCategory.SHAPE, severity=min(of_area_share(share), 2), name=plural(name),
        spot=where(plural(name), box, scenes.first), words=words, box=box, fit=None, claims=(),
        ends=(box, box), number=len(members), each=name,
    )  # fmt: skip
