"""Describes style changes in words: colors, lines, markers, outlines, opacity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.noticed import PX_PER_POINT
from annotators.structural.chart.words import dash_name, figure, hatched, marker_name
from annotators.structural.colors import a_color, color_change, color_name, over
from annotators.structural.typefaces import typeface
from annotators.structural.visibility import is_gray
from records.taxonomy import Severity
from renderers.scene import Value


@dataclass(frozen=True, slots=True)
class Aspect:
    """One change of a style."""

    name: str
    before: str
    after: str
    words: str
    severity: Severity
    now: str = ""
    """The candidate's style in words, if the description only says "`now` instead of `was`"."""
    was: str = ""
    ratio: float = 0.0
    """How many times as large as in the reference, for a difference of size only."""

    @classmethod
    def swap(
        cls, name: str, before: str, after: str, now: str, was: str, grade: Severity
    ) -> Aspect:
        """A change that is described as one style instead of another."""
        return cls(name, before, after, f"{now} instead of {was}", grade, now, was)

    @property
    def key(self) -> tuple[str, str, str]:
        return self.name, self.before, self.after


COLOR_KEYS = (
    "color", "face", "marker_face", "edge", "marker_edge", "median_color", "whisker_color", "cap_color", "fill_color",
)  # fmt: skip

UNFILLED = frozenset("+x|_1234")
"""Markers that consist of lines only."""

OUTLINE_KEYS = frozenset(("edge", "marker_edge"))

OUTLINE_WIDTHS = ("edge_width", "marker_edge_width")

Style = dict[str, tuple[Value, Value]]
"""Style key -> before, after."""

Keys = dict[tuple[str, str], list[str]]
"""(Color or opacity before, after) -> the style keys with this change."""


def aspects(style: Mapping[str, tuple[Value, Value]], area_share: float = 0.0) -> list[Aspect]:
    """Describe a change of style in as few aspects as possible.

    >>> [aspect.words for aspect in aspects({"dash": ("-", "--")})]
    ['dashed instead of solid']
    """
    rest = {key: value for key, value in style.items() if not key.startswith("flier_")}
    found = list(_mapped(rest))
    hues, opacities = _colors(rest)
    found += [
        *_around(rest),
        *_hues(hues, rest, area_share, solid="marker_face" not in style),
        *_opacity(opacities),
        *_color_map(rest, hues, opacities),
    ]
    marker = rest.pop("marker", None)
    if marker is not None:
        if None in marker:
            _drop(rest, "marker_size", "marker_edge_width", "marker_every")
        if None in marker or UNFILLED & {str(part) for part in marker}:
            found = [a for a in found if a.name not in ("fill", "outline")]
        now, was = marker_name(marker[1]), marker_name(marker[0])
        now = f"marked by {now}" if marker[1] else now
        found.append(Aspect.swap("marker", str(marker[0]), str(marker[1]), now, was, 1))
    dash = rest.pop("edge_dash", None)
    dash = rest.pop("dash", dash)
    if dash is not None and not _dashed_alike(*dash):
        now, was = dash_name(dash[1] or "-"), dash_name(dash[0] or "-")
        found.append(Aspect.swap("dash", str(dash[0]), str(dash[1]), now, was, 1))
    steps = rest.pop("steps", None)
    if steps is not None:
        words = "steps rise elsewhere"
        if None in steps:
            ways = ("in steps", "in slanted lines")[:: 1 if steps[1] else -1]
            words = f"runs {ways[0]} instead of {ways[1]}"
        found.append(Aspect("steps", str(steps[0]), str(steps[1]), words, 2))
    if "head" in rest:
        # An open head has no filling.
        found = [aspect for aspect in found if aspect.name != "fill"]
        _drop(rest, "head_size", "shaft_width")
    sizes = rest.get("marker_size")
    if sizes is not None and None in sizes:
        _drop(rest, "marker_size")  # one side has points of several sizes, which is no style
    for key, implied in (
        ("cap_size", "cap_width"),
        ("marker_size", "marker_edge_width"),
        ("head_size", "shaft_width"),
    ):
        if key in rest:
            _drop(rest, implied)
    fliers = {key: value for key, value in style.items() if key.startswith("flier_")}
    if fliers:
        found.append(_outliers(fliers))
    return found + [_plain(key, *change) for key, change in rest.items()]


def _dashed_alike(one: Value, two: Value) -> bool:
    """True if lengths and gaps of two dash patterns differ by less than a viewer sees.

    >>> _dashed_alike("--", "4,1.5"), _dashed_alike("--", ":"), _dashed_alike("-", "--")
    (True, False, False)
    """
    if (one or "-") == (two or "-"):
        return True
    lengths = []
    for dash in (one, two):
        words = PATTERNS.get(str(dash), str(dash)).split(",")
        if not all(word.replace(".", "", 1).isdigit() for word in words):
            return False
        lengths.append([float(word) for word in words])
    return len(lengths[0]) == len(lengths[1]) and np.allclose(lengths[0], lengths[1], rtol=0.2)


PATTERNS = {"--": "3.7,1.6", "-.": "6.4,1.6,1,1.6", ":": "1,1.65"}
"""matplotlib's dash patterns: strokes and gaps in line widths (its rcParams)."""


def _outliers(style: Style) -> Aspect:
    """How the outliers of a box are drawn differently, in words."""
    inner = {key.removeprefix("flier_"): value for key, value in style.items()}
    parts = aspects(inner)
    words = "; ".join(aspect.words for aspect in parts)
    ratio = parts[0].ratio if len(parts) == 1 else 0.0
    return Aspect("outliers", "", words, f"outliers: {words}", 1, ratio=ratio)


def _drop(style: Style, *keys: str) -> None:
    for key in keys:
        style.pop(key, None)


WHITE = "#ffffffff"


def _colors(rest: Style) -> tuple[Keys, Keys]:
    """Remove and return the color changes of a style: other hues, and other opacities of the same hue."""
    style = dict(rest)
    hues: Keys = {}
    opacities: Keys = {}
    for key in COLOR_KEYS:
        if key in rest:
            before, after = (str(value or "") for value in rest.pop(key))
            if key == "color" and "width" in style:
                before, after = map(_paler, (before, after), style["width"])
            if before[:7] == after[:7] and before and after:
                opacities.setdefault((before[7:], after[7:]), []).append(key)
            else:
                hues.setdefault((before, after), []).append(key)
    strokes = [
        OUTLINE_KEYS.issuperset(keys) or (keys == ["color"] and is_gray(str(style["color"][0])))
        for keys in opacities.values()
    ]
    if opacities and not hues and all(strokes):
        # A thin line over white is read as a paler color, a black or gray one as another gray.
        for ends, keys in opacities.items():
            hue = str(style[keys[0]][0])[:7]
            seen = [over(f"{hue}{end or 'ff'}", WHITE) for end in ends]
            hues.setdefault((seen[0], seen[1]), []).extend(keys)
        opacities = {}
    if any(before and not after and set(keys) - OUTLINE_KEYS for (before, after), keys in hues.items()):  # fmt: skip
        # Shapes without filling get an outline instead.
        hues = {pair: keys for pair, keys in hues.items() if pair[0] or set(keys) - OUTLINE_KEYS}
        _drop(rest, *OUTLINE_WIDTHS)
    return hues, opacities


def _mapped(rest: Style) -> Iterator[Aspect]:
    """Remove and return colors by value of one side, where the other side has one color."""
    ramps = rest.get("ramp")
    solid = [rest.get(key, (None, None)) for key in ("face", "marker_face", "color")]
    colors = [color for side in solid for color in side if color]
    if ramps is None or None not in ramps or len(colors) != 1:
        return
    _drop(rest, "ramp", "cmap", "face", "marker_face", "color")
    # Points have outlines in their own colors if these are not set.
    _drop(rest, *(key for key in OUTLINE_KEYS if colors[0] in rest.get(key, ())))
    only = color_name(str(colors[0]))
    words = f"{only} instead of colored by value" if ramps[1] is None else f"colored by value instead of {only}"  # fmt: skip
    yield Aspect("color_map", "", "", words, 2)


def _paler(color: str, width: Value) -> str:
    """A color as seen in a stroke of a width in points: gray ones below a pixel are paler."""
    seen = float(width) * PX_PER_POINT if isinstance(width, int | float) else 1.0
    if seen >= 1 or len(color) != 9 or not is_gray(color):
        return color
    return f"{color[:7]}{round(int(color[7:], 16) * seen):02x}"


def _hues(hues: Keys, rest: Style, area_share: float, *, solid: bool) -> Iterator[Aspect]:
    """Changed colors; widths of an added or removed outline are removed from ``rest``."""
    first: tuple[str, str] | None = None
    for (before, after), keys in hues.items():
        outline, change = set(keys) <= OUTLINE_KEYS, (before[:7], after[:7])
        if outline and not (before and after):
            _drop(rest, *OUTLINE_WIDTHS, "edge_dash")
            named = a_color(color_name(after or before))
            words = f"has {named} outline" if after else f"has no outline instead of {named} one"
            yield Aspect("outline", *change, words, 1)
        elif not (before and after):
            words = f"is filled with {color_name(after)}" if after else "is not filled"
            yield Aspect("fill", change[0] if after else "", change[1], words, 2)
        elif first != change:  # line and markers, or face and outline, of one color are one
            first = first or change
            now, was = color_change(before, after)
            grade = 1 if outline else severity.of_color_change(before, after, area_share)
            part = PARTS.get(keys[0].removesuffix("_color"), "") if len(keys) == 1 else ""
            if part:
                yield Aspect.swap("color", *change, f"{part} {now}", was, grade)
            elif outline and len(hues) == 1 and solid:
                yield Aspect.swap("outline_color", *change, f"outline is {now}", was, grade)
            else:
                yield Aspect.swap("color", *change, now, was, grade)


PARTS = {"median": "median lines", "whisker": "whiskers", "cap": "caps", "fill": "markers"}
"""Parts of boxes and lines with colors of their own."""


def _around(rest: Style) -> Iterator[Aspect]:
    """Remove and return changes around a mark or a text: outline by a path effect, shadow, corners, bow."""
    width, halo = rest.pop("halo_width", None), rest.pop("halo", None)
    if halo is not None:
        before, after = (str(value or "") for value in halo)
        if before and after:
            now, was = color_change(before, after)
            yield Aspect.swap("halo", before, after, f"outlined in {now}", was, 1)
        else:
            named = color_name(after or before)
            words = f"has {a_color(named) if after else f'no {named}'} outline around it"
            yield Aspect("halo", before, after, words, 1)
    elif width is not None:
        yield _plain("halo_width", *width)
    before, after = (str(value or "") for value in rest.pop("shadow", ("", "")))
    if bool(before) != bool(after):
        yield Aspect("shadow", before, after, "has a shadow" if after else "has no shadow", 1)
    before, after = (str(value or "square") for value in rest.pop("corners", ("", "")))
    if before != after:
        was, now = (f"{form} corners" if form in CORNERS else f"the form of {form}" for form in (before, after))  # fmt: skip
        yield Aspect("corners", before, after, f"has {now} instead of {was}", 1)
    bows = [
        value if isinstance(value, float | int) else 0.0 for value in rest.pop("bow", (0.0, 0.0))
    ]
    if bows[0] != bows[1] and "shaft" not in rest:
        turned = bows[0] * bows[1] < 0
        words = "to the other side" if turned else "more" if abs(bows[1]) > abs(bows[0]) else "less"
        yield Aspect("bow", f"{bows[0]}", f"{bows[1]}", f"curves {words}", 1)


CORNERS = frozenset(("round", "square", "jagged", "wavy"))
"""Forms of a box that only its corners or edges show."""


def _opacity(opacities: Keys) -> Iterator[Aspect]:
    for before, after in list(opacities)[:1]:
        first, second = (int(part or "ff", 16) / 255 for part in (before, after))
        words = f"{'more' if second < first else 'less'} transparent: opacity {figure(round(second, 2))} instead of {figure(round(first, 2))}"
        grade = severity.grade(abs(first - second), medium=0.4)
        yield Aspect("opacity", before, after, words, grade)


def _color_map(rest: Style, hues: Keys, opacities: Keys) -> Iterator[Aspect]:
    """Remove and return a changed color map."""
    before_map, after_map = rest.pop("cmap", ("", ""))
    before, after = rest.pop("ramp", (None, None))
    if _without_opacity(before) == _without_opacity(after):
        if before != after and not opacities:
            yield Aspect("opacity", "ramp", "ramp", "of another opacity", 1)
    elif before != after and not (hues and before_map == after_map):
        words = "other colors"
        if str(before_map).removesuffix("_r") == str(after_map).removesuffix("_r") != "":
            words = "its colors run the other way round"
        elif before_map != after_map and after_map and before_map:
            words = f"color map {after_map} instead of {before_map}"
        elif isinstance(before, list) and isinstance(after, list) and len(after) == 1:
            words = f"{color_name(str(after[0]))} throughout"
        yield Aspect("color_map", str(before_map), str(after_map), words, 2)


def _without_opacity(ramp: Value) -> list[str]:
    """Colors of a color map without their opacity."""
    return [str(color)[:7] for color in ramp] if isinstance(ramp, list) else []


NAMES = {
    "width": "line width", "edge_width": "outline width", "marker_edge_width": "marker outline width",
    "hatch": "hatching", "size": "font size", "median_width": "median line width",
    "marker_every": "marked points", "whisker_width": "whisker line width",
    "headwidth": "arrow head width", "halo_width": "outline", "shaft_width": "shaft width",
}  # fmt: skip
"""Words for style keys, if they differ from the key."""


def _plain(key: str, before: Value, after: Value) -> Aspect:
    name = NAMES.get(key, key.replace("_", " "))
    if key == "scale" and isinstance(before, float | int) and isinstance(after, float | int):
        percent = 100 * abs(before / after - 1) if after else 100
        words = f"arrows are {percent:.0f} % {'shorter' if after > before else 'longer'}"
        grade = severity.of_size_change(before, after)
        return Aspect(key, f"{before:g}", f"{after:g}", words, grade)
    if isinstance(before, int | float) and isinstance(after, int | float):
        words = f"{name} {figure(after)} instead of {figure(before)}"
        ratio = after / before if before and key.endswith(IN_POINTS) else 0.0
        if ratio:
            less, more = ("thinner", "thicker") if key.endswith("width") else ("smaller", "larger")
            words = f"{more if ratio > 1 else less}: {words}"
        if ratio and any(round(value, 2) != round(value, 6) for value in (before, after)):
            # Sizes in points depend on the canvas; a viewer sees the size in the picture.
            share = f"{100 * abs(ratio - 1):.0f} %" if ratio < 2 else f"{ratio:.2g} times"
            words = f"{more if ratio > 1 else less}: {name} by {share}"
        if key == "cap_size" and ratio:
            share = (
                "about half as wide"
                if 0.4 <= ratio <= 0.6
                else f"{figure(float(f'{ratio:.2g}'))} times as wide"
            )
            words = f"caps are {'wider' if ratio > 1 else 'narrower'}: {share}"
        thin = key.endswith("width") and abs(after - before) < HAIRLINES
        thin |= key == "cap_size"
        grade = 1 if thin else severity.of_size_change(before, after)
        return Aspect(key, f"{before:g}", f"{after:g}", words, grade, ratio=ratio)
    if key == "family":
        now, was = typeface(str(after)), typeface(str(before))
        words = (
            f"{now} letters instead of {was} ones"
            if now != was
            else f"set in {after} instead of {before}"
        )
        return Aspect(key, str(before), str(after), words, 1)
    if key == "head":
        now, was = (HEADS.get(str(value), "another head") for value in (after, before))
        return Aspect(key, str(before), str(after), f"has {now} instead of {was}", 1)
    if key == "over_frame":
        words = f"markers are {'drawn over' if after else 'cut off at'} the frame"
        return Aspect(key, str(before), str(after), words, 1)
    usual = {"weight": "normal", "slant": "upright", "notch": "plain"}.get(key, "none")
    first, second = (str(value) if value is not None else usual for value in (before, after))
    if key == "cap_size":
        return Aspect(key, first, second, f"caps are {'missing' if after is None else 'extra'}", 1)
    if key == "hatch":
        return Aspect(key, first, second, hatched(str(before or ""), str(after or "")), 1)
    if key in ("weight", "slant", "shaft", "notch"):
        return Aspect(key, first, second, f"{second} instead of {first}", 1)
    return Aspect(key, first, second, f"{name} {second} instead of {first}", 1)


HEADS = {
    "Curve": "no head", "CurveB": "an open head", "CurveFilledB": "a filled head",
    "CurveA": "an open head at its start", "CurveFilledA": "a filled head at its start",
    "CurveAB": "open heads at both ends", "CurveFilledAB": "filled heads at both ends",
    "Simple": "a broad filled head", "Fancy": "a broad curved head", "Wedge": "the form of a wedge",
    "BracketA": "a bracket at its start", "BracketB": "a bracket at its end",
    "BracketAB": "brackets at both ends", "BarAB": "bars at both ends",
}  # fmt: skip
"""Arrow styles of matplotlib in words."""

HAIRLINES = 1.0
"""Widths of strokes that differ by less than this, in points, are a small difference at any ratio."""

IN_POINTS = ("size", "width", "length")
"""Endings of style keys whose values are lengths in points."""
