"""Compares the paint of matched shapes: fill, stroke, gradient, opacity, dash, clip, mask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import atan2, pi

import numpy as np
from numpy.typing import NDArray

from annotators.structural.colors import color_change, color_name
from annotators.structural.severity import of_area_share, of_color_change, of_size_change
from annotators.structural.svg.geometry import UNSEEN_PX, OutlineChange
from annotators.structural.svg.ledger import MIN_PIXELS, FoundDifference
from annotators.structural.svg.matching import Pair
from annotators.structural.svg.shapes import IconScene, IconShape, where_all
from annotators.structural.svg.words import several, thicker, with_article
from annotators.structural.visibility import color_noticed, stroke_noticed
from records.taxonomy import SvgCategory
from renderers.svg.scene import NOBODY

CHANNEL = 3
"""Colors whose channels (0-255) differ by at most this count as equal."""
THIN_PX = 4.0
"""Width of a line below which its color is harder to tell."""
ASLANT = 0.35
"""A gradient that leaves a row or a column by more, in radians, runs from corner to corner."""
OTHER_SHARE = 0.05
"""Change of the share of a pattern's color that is seen."""
KINDS = {"linear": "a linear gradient", "radial": "a radial gradient", "pattern": "a pattern"}
ALONE = 0.9
"""If shapes own at least this share of the changed pixels, these belong to them alone."""
ENDS = {"butt": "flat", "miter": "pointed", "bevel": "cut off"}
"""What ends and corners of lines look like, by their names in SVG."""


@dataclass(frozen=True)
class Trait:
    """One changed property of one matched shape."""

    shape: IconShape
    other: IconShape
    key: tuple[object, ...]
    """A key that is equal for shapes with the same change, such as all members of a group."""
    severity: int
    words: str
    """End of a sentence about the shape; begins with "is" or "has"."""
    category: SvgCategory = SvgCategory.STYLE

    @property
    def visible(self) -> bool:
        return self.shape.changed + self.other.changed >= MIN_PIXELS


def paint_differences(
    pairs: list[Pair], changes: Mapping[int, OutlineChange]
) -> list[FoundDifference]:
    """Report paint changes of matched shapes; shapes with the same change are one difference.

    Args:
        pairs: Matched shapes.
        changes: The changes of their outlines, by index of the reference's shape.
    """
    groups: dict[tuple[object, ...], list[Trait]] = defaultdict(list)
    for shape, other in pairs:
        if shape.key != other.key:
            for trait in _traits(shape, other, changes.get(shape.index)):
                groups[trait.key].append(trait)
    found = []
    for key, traits in list(groups.items()):
        if key not in groups:
            continue
        back = groups.get((key[0], *reversed(key[1:])))
        if key[0] == "fill" and len(key) == 3 and back and back is not traits:
            found.append(_exchanged(traits, back))
            del groups[key[0], key[2], key[1]]
            continue
        found.append(_together(traits))
    return found


def _together(traits: list[Trait]) -> FoundDifference:
    seen = [trait for trait in traits if trait.visible] or traits
    lead = max(seen, key=lambda trait: trait.shape.area)
    words = lead.words
    if len(seen) > 1:
        words = words.replace("is ", "are ", 1).replace("has ", "have ", 1)
    name = lead.shape.name if len({trait.shape.name for trait in seen}) == 1 else "shape"
    subject = several(len(seen), name)
    return FoundDifference(
        lead.category,
        max(trait.severity for trait in seen),
        where_all(subject, [trait.shape for trait in seen]),
        f"{subject} {words}",
        tuple(shape for trait in seen for shape in (trait.shape, trait.other)),
    )


def _exchanged(one: list[Trait], two: list[Trait]) -> FoundDifference:
    first, second = (max(traits, key=lambda trait: trait.shape.area) for traits in (one, two))
    return FoundDifference(
        SvgCategory.STYLE,
        max(trait.severity for trait in (*one, *two)),
        f"{first.shape.where} and {second.shape.where}",
        f"{first.shape.where} and {second.shape.where} have exchanged their colors",
        tuple(shape for trait in (*one, *two) for shape in (trait.shape, trait.other)),
    )


def _traits(shape: IconShape, other: IconShape, outline: OutlineChange | None) -> Iterator[Trait]:
    """Every changed property, each once."""
    share = shape.area / (shape.picture[0] * shape.picture[1])
    faded = _faded(shape, other)
    recast = _recast(shape, other)
    if faded:
        severity = max(
            of_color_change(before, after, share if name == "fill" else None)
            for name, before, after in faded
        )
        _, before, after = faded[0]
        words = f"is drawn at {_opacity(after)} % opacity instead of {_opacity(before)} %"
        yield Trait(shape, other, ("opacity", _opacity(before), _opacity(after)), severity, words)
    elif recast:
        key = ("recast", shape.look("fill") == "none")
        yield Trait(shape, other, key, of_area_share(share), recast)
    else:
        for name in ("fill", "stroke"):
            yield from _paint(shape, other, name, share, moved=outline is not None)
    scale = outline.scale if outline is not None else 1.0
    if shape.look("stroke") != "none" and other.look("stroke") != "none":
        yield from _pen(shape, other, scale, share)
        if outline is None:
            yield from _corners(shape, other)
    yield from _cut(shape, other, moved=outline is not None)


def _faded(shape: IconShape, other: IconShape) -> list[tuple[str, str, str]]:
    """The paints of a shape that differ only in opacity; empty if more differs."""
    result = []
    for name in ("fill", "stroke"):
        before, after = shape.look(name), other.look(name)
        if before == after:
            continue
        if not (before.startswith("#") and after.startswith("#")):
            return []
        if not _same_color(before[:7] + "ff", after[:7] + "ff"):
            return []
        result.append((name, before, after))
    return [item for item in result if not _same_color(item[1], item[2])]


def _recast(shape: IconShape, other: IconShape) -> str:
    """Words for a filled shape that is only outlined, or the reverse."""
    fill, stroke = shape.look("fill"), shape.look("stroke")
    new_fill, new_stroke = other.look("fill"), other.look("stroke")
    if fill != "none" and new_fill == "none" and stroke == "none" and new_stroke != "none":
        return f"is only outlined{_in(new_stroke)}, not filled{_in(fill)}"
    if fill == "none" and new_fill != "none" and stroke != "none" and new_stroke == "none":
        return f"is filled{_in(new_fill)}, not outlined{_in(stroke)}"
    return ""


def _in(paint: str) -> str:
    return f" {color_name(paint)}" if paint.startswith("#") else ""


def _paint(
    shape: IconShape, other: IconShape, name: str, share: float, *, moved: bool
) -> Iterator[Trait]:
    """Fill or stroke: another color, another kind of paint, none, or another gradient."""
    noun, verb = ("fill", "filled") if name == "fill" else ("outline", "outlined")
    before, after = shape.look(name), other.look(name)
    if before.startswith("#") and after.startswith("#"):
        thin = name == "stroke" and shape.number("stroke_width") < THIN_PX
        if not _same_color(before, after) and color_noticed(
            before, after, thin=thin, text=shape.is_text
        ):
            two, one = color_change(before, after)
            shift = of_color_change(before, after, share if name == "fill" else None)
            words = f"is {verb} {two} instead of {one}"
            yield Trait(shape, other, (name, before[:7], after[:7]), shift, words)
    elif before != after:
        whole = before == "none" or after == "none"
        visible = of_area_share(share)
        severity: int = visible if whole else max(1, visible - 1)
        if name == "stroke":
            severity = min(severity, 2)  # A line is thin, however large the shape inside it is.
        if after == "none":
            words = f"has lost its{_in(before)} {noun}"
        elif before == "none" and name == "fill":
            words = f"is filled{_in(after)} instead of empty"
        elif before == "none":
            outline = f"{_in(after)} outline".strip()
            words = f"has {with_article(outline)} it should not have"
        else:
            two, one = (
                KINDS.get(paint) or f"plain {color_name(paint)}" for paint in (after, before)
            )
            words = f"has {two} as {noun} instead of {one}"
        yield Trait(shape, other, (name, before, after), severity, words)
    elif before != "none":
        find = _pattern if before == "pattern" else _gradient
        key, words = find(shape, other, name, moved=moved)
        if words:
            yield Trait(shape, other, (name, *key), max(1, of_area_share(share) - 1), words)


def _pen(shape: IconShape, other: IconShape, scale: float, share: float) -> Iterator[Trait]:
    """Width, dashes, ends and corners of a line.

    Args:
        scale: Size of the candidate's outline relative to the reference; width and dashes may scale
            with it. A stretched line is as much longer, and its width is the mean of both directions.
    """
    width, new = shape.number("stroke_width"), other.number("stroke_width")
    if all(stroke_noticed(width * grown, new) for grown in (1.0, scale**0.5, scale)):
        much = thicker(new / width) if width and new else f"{new:.1f} px wide"
        line = "is drawn with a line" if shape.look("fill") == "none" else "has an outline"
        words = f"{line} {much}"
        key = ("width", round(new / width, 1) if width else 0)
        yield Trait(shape, other, key, of_size_change(width, new), words)
    dash, new_dash = shape.numbers("dash"), other.numbers("dash")
    if bool(dash) != bool(new_dash):
        words = "is dashed instead of solid" if new_dash else "is solid instead of dashed"
        yield Trait(shape, other, ("dash", bool(dash)), 2 if share > 0.01 else 1, words)
    elif len(dash) != len(new_dash) or any(
        min(abs(after - before), abs(after - before * scale)) > max(0.3, 0.05 * before)
        for before, after in zip(dash, new_dash, strict=True)
    ):
        longer = sum(new_dash) / sum(dash) if sum(dash) else 1.0
        kind = "longer" if longer > 1.1 else "shorter" if longer < 0.9 else "other"
        yield Trait(shape, other, ("dashes", kind), 1, f"has {kind} dashes")
    elif new_dash and abs(other.number("dash_offset") - shape.number("dash_offset")) > UNSEEN_PX:
        yield Trait(shape, other, ("dash offset",), 1, "has dashes that begin elsewhere")
    for name, noun in (("cap", "line ends"), ("join", "corners")):
        before, after = shape.look(name), other.look(name)
        if before != after:
            words = (
                f"has {ENDS.get(after, after)} {noun} instead of {ENDS.get(before, before)} ones"
            )
            yield Trait(shape, other, (name, before, after), 1, words)


def _corners(shape: IconShape, other: IconShape) -> Iterator[Trait]:
    """Tips of sharp corners that only one picture shows."""
    cut = bool(other.element.style.get("cut_corners"))
    if cut != bool(shape.element.style.get("cut_corners")):
        words = "has corners that are cut off" if cut else "has pointed corners"
        yield Trait(shape, other, ("cut corners", cut), 1, words)


def _cut(shape: IconShape, other: IconShape, *, moved: bool) -> Iterator[Trait]:
    """Clip, mask and fill rule: which parts of the shape are visible."""
    before, after = bool(shape.clip_runs), bool(other.clip_runs)
    masked, now_masked = (bool(side.element.style.get("masked")) for side in (shape, other))
    words = ""
    if before != after:
        words = "is cut off" if after else "is no longer cut off"
    elif masked != now_masked:
        words = "is no longer hidden in part" if masked else "is hidden in part"
    elif before and not moved and shape.element.data.get("clip") != other.element.data.get("clip"):
        words = "is cut off elsewhere"
    if words:
        bare = (shape.changed + other.changed) / 2 / (shape.picture[0] * shape.picture[1])
        grade = max(2, of_area_share(bare))
        yield Trait(shape, other, ("cut", words), grade, words, SvgCategory.SHAPE)
    holes = bool(other.element.data.get("even_odd"))
    seen = other.area < shape.area if holes else shape.area < other.area
    if (
        bool(shape.element.data.get("even_odd")) != holes
        and seen
        and len(shape.runs) == len(other.runs)
    ):
        words = "has holes that should be filled" if holes else "has its holes filled in"
        yield Trait(shape, other, ("rule", holes), 2, words)


def _pattern(
    shape: IconShape, other: IconShape, name: str, *, moved: bool
) -> tuple[tuple[object, ...], str]:
    """The change between two patterns: their colors, or how much of them is seen."""
    before, after = (
        dict(zip(side.words(f"{name}_stops"), side.numbers(f"{name}_stops"), strict=True))
        for side in (shape, other)
    )
    lost = [color for color in before if color not in after]
    new = [color for color in after if color not in before]
    if lost and new:
        two, one = color_change(lost[0], new[0])
        return (lost[0], new[0]), f"has a pattern with {two} instead of {one}"
    shares = {
        color: after.get(color, 0) - share for color, share in before.items() if color[7:] != "00"
    }
    ink = max(shares, key=lambda color: abs(shares[color]), default="")
    if ink and abs(shares[ink]) > OTHER_SHARE:
        more = "more" if shares[ink] > 0 else "less"
        return (ink, more), f"has a pattern with {more} {color_name(ink)} in it"
    return (), ""


def _gradient(
    shape: IconShape, other: IconShape, name: str, *, moved: bool
) -> tuple[tuple[object, ...], str]:
    """The change between two gradients of one kind: a key to group by, and words."""
    before, after = (side.element.style.get(f"{name}_stops") for side in (shape, other))
    if isinstance(before, list) and isinstance(after, list):
        if len(before) != len(after):
            words = f"has a gradient of {len(after) // 2} colors instead of {len(before) // 2}"
            return (len(before), len(after)), words
        colors, now = (
            [part for part in stops if isinstance(part, str)] for stops in (before, after)
        )
        if now == colors[::-1] != colors:
            if _runs_back(shape.numbers(f"{name}_points"), other.numbers(f"{name}_points")):
                return (), ""  # The same colors at the same places.
            return ("reversed",), "has its gradient reversed"
        for old, new in zip(before, after, strict=True):
            if isinstance(old, str) and isinstance(new, str):
                if not _same_color(old, new):
                    two, one = color_change(old, new)
                    return (old, new), f"has a gradient with {two} instead of {one}"
            elif abs(float(old or 0) - float(new or 0)) > 0.01:
                return ("offset", old, new), "has a gradient whose colors change elsewhere"
    ends, goal = shape.numbers(f"{name}_points"), other.numbers(f"{name}_points")
    if moved or all(abs(old - new) <= UNSEEN_PX for old, new in zip(ends, goal, strict=False)):
        return (), ""
    if len(ends) == len(goal) == 4 and _course(ends) != _course(goal):
        words = f"has a gradient {_course(goal)} instead of {_course(ends)}"
        return ("course", _course(ends), _course(goal)), words
    return ("direction",), "has a gradient that runs another way"


def _runs_back(ends: list[float], goal: list[float]) -> bool:
    """True if the second of two linear gradients runs the other way."""
    return len(ends) == len(goal) == 4 and _course(ends) == _course(goal[2:] + goal[:2])


def _course(ends: list[float]) -> str:
    """Where a linear gradient runs, in words.

    >>> _course([0, 0, 0, 90]), _course([10, 10, 90, 85])
    ('from top to bottom', 'from upper left to lower right')
    """
    x, y, x2, y2 = ends
    steep = atan2(abs(y2 - y), abs(x2 - x))
    rows = ("top", "bottom")[:: 1 if y2 > y else -1]
    columns = ("left", "right")[:: 1 if x2 > x else -1]
    if steep < ASLANT:
        return f"from {columns[0]} to {columns[1]}"
    if steep > pi / 2 - ASLANT:
        return f"from {rows[0]} to {rows[1]}"
    high = {"top": "upper", "bottom": "lower"}
    return f"from {high[rows[0]]} {columns[0]} to {high[rows[1]]} {columns[1]}"


def _same_color(before: str, after: str) -> bool:
    return all(
        abs(int(before[at : at + 2], 16) - int(after[at : at + 2], 16)) <= CHANNEL
        for at in (1, 3, 5, 7)
    )


def _opacity(color: str) -> int:
    return round(int(color[7:9], 16) / 2.55)


def painted_anew(
    first: IconScene, second: IconScene, pairs: list[Pair], changed: NDArray[np.bool_]
) -> FoundDifference | None:
    """A label for shapes that own the changed pixels in both pictures: their paint changed."""
    places = np.full(max(len(second.shapes), NOBODY) + 1, -1)
    places[[other.index for _, other in pairs]] = [shape.index for shape, _ in pairs]
    mine, its = first.owner[changed], places[second.owner[changed]]
    kept = np.bincount(mine[mine == its], minlength=len(first.shapes))
    if kept.sum() < ALONE * len(mine):
        return None
    members = [pair for pair in pairs if kept[pair[0].index] >= MIN_PIXELS]
    lead = max((shape for shape, _ in members), key=lambda shape: int(kept[shape.index]))
    alone = len(members) == 1
    name = lead.name if alone else f"{len(members)} shapes with the {lead.name}"
    return FoundDifference(
        SvgCategory.STYLE,
        of_area_share(float(changed.mean())),
        where_all(name, [shape for shape, _ in members]),
        f"{name} {'is' if alone else 'are'} painted differently",
        tuple(side for pair in members for side in pair),
    )
