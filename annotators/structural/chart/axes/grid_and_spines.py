"""Compares grid lines and spines (the lines around an axes)."""

from __future__ import annotations

from functools import partial

from annotators.structural.chart.aspects import aspects
from annotators.structural.chart.findings import STYLE, Finding, shown
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.texts.titles import changes_of
from annotators.structural.chart.words import listed
from annotators.structural.colors import over
from annotators.structural.severity import color_distance
from annotators.structural.visibility import color_noticed
from renderers.scene import Element


def grids(pair: PanelPair, rescaled: set[str]) -> list[Finding]:
    """Findings on grid lines; ``rescaled`` are the axes with another scale."""
    mine, theirs = (
        {(grid.data.get("axis"), grid.data.get("which")): grid for grid in parts}
        for parts in pair.parts("grid")
    )
    box = shown(*pair.sides)
    say = partial(Finding, "grid", STYLE, 1, pair.at("grid"), boxes=box)
    # An axis with another scale has other ticks, and perhaps none for grid lines.
    follow = {key for key in {*mine, *theirs} if str(key[0]) in rescaled}
    lost = [key for key in mine if key not in theirs and key not in follow]
    new = [key for key in theirs if key not in mine and key not in follow]
    found = []
    for axis in sorted({str(key[0]) for key in lost} & {str(key[0]) for key in new}):
        # The lines of an axis are minor ones in one chart, to run between the categories.
        way = "between" if (axis, "minor") in new else "through"
        found.append(say(description=f"lines along {axis} run {way} the ticks"))
        (was,), (now,) = ([key for key in keys if key[0] == axis] for keys in (lost, new))
        mine[now] = mine.pop(was)
        lost.remove(was)
        new.remove(now)
    for keys, word in ((lost, "missing"), (new, "extra")):
        if keys:
            minor = " minor" if all(key[1] == "minor" for key in keys) else ""
            axes = sorted({str(key[0]) for key in keys})
            which = f" along {axes[0]}" if len(axes) == 1 else ""
            found.append(say(description=f"{minor} grid lines{which} are {word}".strip()))
    changed: list[str] = []
    for key in (key for key in mine if key in theirs):
        style = changes_of(mine[key], theirs[key])
        if _pale(mine[key], pair.reference) and _pale(theirs[key], pair.candidate):
            style.pop("dash", None)
            style.pop("color", None)
        changed += [aspect.words for aspect in aspects(style)]
    layers = [_layer(pair, mine[key], theirs[key]) for key in mine if key in theirs]
    words = "; ".join(dict.fromkeys(filter(None, [*changed, *layers])))
    same = BEHIND if not any(changed) and set(filter(None, layers)) == {BEHIND} else ""
    return [*found, say(description=words, same=same)] if words else found


def all_lines(pair: PanelPair) -> list[Finding]:
    """A finding on an axes that has grid lines in one picture only, whatever their direction."""
    before, after = map(bool, pair.parts("grid"))
    if before == after:
        return []
    words = f"grid lines are {'missing' if before else 'extra'}"
    return [Finding("grid", STYLE, 1, pair.at("grid"), words, shown(*pair.sides))]


PALE = 10.0
"""CIEDE2000 from the ground of the axes below which nobody sees how a grid line is drawn."""


def _pale(grid: Element, axes: Element) -> bool:
    """True for grid lines that can hardly be distinguished from the ground."""
    ground = str(axes.style.get("face") or "#ffffffff")
    seen = over(str(grid.style.get("color", "")), ground)
    return bool(seen) and color_distance(seen, ground) < PALE


BEHIND, OVER = "lies behind the marks", "lies over the marks"
"""What is said of grid lines in another order; a finding that says only the first has it as its `same`."""

AREAS = frozenset(("bar", "wedge", "area", "areas", "box", "heatmap", "contour", "photo"))
LINES = frozenset(("line", "markers", "errorbars", "segments"))


def _layer(pair: PanelPair, one: Element, two: Element) -> str:
    """How grid lines lie over or behind marks that both charts have, if that changed and is visible."""
    roles = set.intersection(*({child.role for child in axes.children} for axes in pair.sides))
    before, after = one.data.get("layer"), two.data.get("layer")
    if before == after or before is None or after is None:
        return ""
    if "below" in (before, after) and roles & AREAS:
        return OVER if before == "below" else BEHIND
    if "above" in (before, after) and roles & LINES:
        return f"lies {'over' if after == 'above' else 'behind'} the lines"
    return ""


WHITE = "#ffffffff"

AXES = frozenset(("left", "bottom"))
"""Sides whose spines people call axes."""


def spines(pair: PanelPair) -> list[Finding]:
    mine, theirs = (
        {str(part.data.get("side")): part for part in parts} for parts in pair.parts("spine")
    )
    groups: dict[str, list[str]] = {}
    for side in sorted(mine.keys() | theirs.keys()):
        one, two = mine.get(side), theirs.get(side)
        if one is None or two is None:
            groups.setdefault("extra" if one is None else "missing", []).append(side)
            continue
        style = changes_of(one, two)
        faces = (str(part.style.get("face") or WHITE) for part in (one, two))
        if "face" in style and not color_noticed(*faces, thin=False):
            del style["face"]  # a wall of a 3D plot that is white, or not filled
        for aspect in aspects(style)[:1]:
            groups.setdefault(aspect.words, []).append(side)
        if one.data.get("position") != two.data.get("position"):
            groups.setdefault("is in another place", []).append(side)
    found = []
    for words, sides in groups.items():
        boxes = [box for side in sides for box in shown(mine.get(side), theirs.get(side))]
        whole = len(sides) == 4 or sides == ["outline"]
        line = f"{'axis line' if set(sides) <= AXES else 'border'}{'s' * (len(sides) > 1)}"
        walls = all(side.endswith("wall") for side in sides)
        where = "frame" if whole else listed(sides) if walls else f"{listed(sides)} {line}"
        if words in ("extra", "missing"):
            words = f"{'is' if whole or len(sides) == 1 else 'are'} {words}"
        found.append(Finding("spines", STYLE, 1, pair.at(where), words, boxes, same=(where, words)))
    return found
