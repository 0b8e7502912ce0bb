"""Reduces two charts to what a viewer can distinguish: one width, and values read from the axes.

Differences of the programs that do not show in the pictures are removed here, before the
comparison: texts become what their glyphs show, sizes in points become relative to the picture,
values are read by the tick labels, an axis that is not drawn has no numbers, and a text counts
whichever object it belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import cast

import msgspec

from annotators.structural.chart import owners
from annotators.structural.chart.marks import MARKS
from annotators.structural.chart.owners import with_axes, with_parts
from annotators.structural.chart.panels import axes_of, paired_axes
from annotators.structural.chart.seen import drawn, paper
from annotators.structural.chart.seen.axis_units import in_order, read_off
from annotators.structural.chart.seen.axis_words import numbered_in_line, with_small_ticks
from annotators.structural.chart.seen.color_fields import explained, unexplained_colors
from annotators.structural.chart.seen.covered import without_covered_texts
from annotators.structural.chart.seen.insets import zooms
from annotators.structural.chart.seen.letter_values import letter_values
from annotators.structural.chart.seen.other_numbers import renumbered
from annotators.structural.chart.seen.rectangles import as_bar
from annotators.structural.glyphs import as_glyphs
from annotators.structural.kept import Same
from annotators.structural.visibility import size_noticed
from records.rows import Box
from renderers.scene import Element, Scene, Value, length_of

SAME_WIDTH = 0.02
"""Figure widths that differ by less than this share count as equal."""


@dataclass(frozen=True, slots=True)
class SeenCharts:
    """Two charts in the pixels and points of the reference."""

    reference: Scene
    candidate: Scene
    scale: float
    """Pixels of the candidate times this are pixels of the reference."""
    points: float
    """Points of the candidate times this are points of the reference."""
    canvas: float
    """The same, for the width or the height of the pictures, whichever is nearer to 1."""
    resized: float
    """The same as ``points``, if all letters are larger or smaller with the canvas; 1 if some kept their
    size, so that others, and markers, are seen to differ."""
    candidate_size: tuple[int, int]
    """Width and height of the candidate's picture in its own pixels."""


def as_seen(reference: Scene, candidate: Scene) -> SeenCharts:
    """Both charts, without differences that only the code shows."""
    scale = width_scale(reference, candidate)
    dots = [float(scene.root.number("dpi") or 100.0) for scene in (reference, candidate)]
    points = scale * dots[1] / dots[0]
    first, second = _cleared(Same(reference), 1.0, 1.0), _cleared(Same(candidate), scale, points)
    told = _told(first.root) | _told(second.root)
    first, second = (msgspec.structs.replace(side, root=_without_untold(side.root, told))
                     for side in (first, second))  # fmt: skip
    axes = paired_axes(first, second)
    mine, theirs, pairs = axes.mine, axes.theirs, axes.sides
    read = {
        id(two): paper.from_zero(renumbered(one, read_off(one, two, pairs))) for one, two in pairs
    }
    if not explained(mine) and not explained(theirs):
        read = {id(two): unexplained_colors(one, read[id(two)]) for one, two in pairs}
    alike = [
        (one, two, *without_covered_texts(*drawn.drawn_alike(one, read[id(two)]), dots[0] / 72))
        for one, two in pairs
    ]
    alike = [
        (
            one,
            two,
            paper.with_lines_of_others(two, mine_, mine),
            paper.with_lines_of_others(one, theirs_, theirs),
        )
        for one, two, mine_, theirs_ in alike
    ]
    first = with_axes(first, {id(one): made for one, _, made, _ in alike})
    second = with_axes(second, {id(two): made for _, two, _, made in alike})
    upright = points / scale * reference.height_px / candidate.height_px
    canvas = min(points, points if scale == 1.0 else upright, key=lambda ratio: abs(log(ratio)))
    size = candidate.width_px, candidate.height_px
    second = owners.legends_with(first, second)
    resized = 1.0 if _letters_kept(first.root, second.root, points) else points
    return SeenCharts(*owners.same_roles(first, second), scale, points, canvas, resized, size)


def _letters_kept(reference: Element, candidate: Element, points: float) -> bool:
    """True if letters of several kinds are as large as those of the reference, nearer to it than by how
    much the canvas differs."""
    sizes: list[dict[str, list[float]]] = [{}, {}]
    for root, found in zip((reference, candidate), sizes, strict=True):
        for part in root.walk():
            for key in ("size", "label_size", "text_size"):
                if length := length_of(part.style, key):
                    found.setdefault(f"{part.role} {key}", []).append(length)
    ratios = [
        max(sizes[1][kind]) / max(sizes[0][kind]) for kind in sizes[0].keys() & sizes[1].keys()
    ]
    return sum(abs(log(ratio)) < abs(log(ratio / points)) for ratio in ratios) > 1


def width_scale(reference: Scene, candidate: Scene) -> float:
    """Pixels of the reference per pixel of the candidate if both pictures are shown at one width.

    A picture that is cropped to its content changes its width with every label. Of two such pictures,
    or two that are not cropped, only another figure width counts as another scale; where one is
    cropped, another width that people notice.
    """
    scenes = reference, candidate
    figures = [
        [float(scene.root.number(side) or 0.0) * float(scene.root.number("dpi") or 0.0)
         for side in ("width_in", "height_in")] for scene in scenes
    ]  # fmt: skip
    widths = [scene.width_px for scene in scenes]
    if not (figures[0][0] and figures[1][0]):
        return 1.0
    cropped = [
        max(abs(scene.width_px - wide), abs(scene.height_px - high)) > 1
        for scene, (wide, high) in zip(scenes, figures, strict=True)
    ]
    noticed = cropped[0] != cropped[1] and size_noticed(*widths)
    if abs(figures[1][0] / figures[0][0] - 1) <= SAME_WIDTH and not noticed:
        return 1.0
    return widths[0] / widths[1]


@lru_cache(maxsize=8)
def _cleared(same: Same, scale: float, points: float) -> Scene:
    """A scene without invisible marks, with texts as glyphs, at another scale; kept for more candidates."""
    scene = cast(Scene, same.held)
    root = _scaled(scene.root, scale, points)
    ground = str(root.style.get("face") or "#ffffffff")
    root = owners.with_lines_of_the_figure(root)
    root = with_parts(root, {id(part): paper.on_paper(part, ground) for part in root.parts("axes")})
    for change in (zooms, numbered_in_line, letter_values):
        root = with_parts(root, change(axes_of(msgspec.structs.replace(scene, root=root))))
    return msgspec.structs.replace(
        scene, root=root, width_px=max(1, round(scene.width_px * scale)),
        height_px=max(1, round(scene.height_px * scale)),
    )  # fmt: skip


def _scaled(part: Element, scale: float, points: float) -> Element:
    """An element and its descendants, converted to other pixels and points."""
    children = tuple(
        _scaled(child, scale, points) for child in _unrepeated(part.children) if not _hidden(child)
    )
    style, data, box = part.style, part.data, part.box
    if points != 1.0:
        unframed = {key: v for key, v in style.items() if not key.startswith(("tick_", "frame_"))}
        if part.role not in ("spine", "grid"):  # nobody measures ticks and frames
            style = style | {key: _in_points(key, v, points) for key, v in unframed.items()}
    if scale != 1.0 and box is not None:
        box = _times(box, scale)
    if scale != 1.0 or points != 1.0:
        data = dict(data)
        for key, factor in (
            ("label_boxes", scale),
            ("bubble", scale),
            ("offset", points),
            ("sizes", points),
        ):
            value = data.get(key)
            if isinstance(value, list):
                data[key] = [x if x is None or isinstance(x, str) else x * factor for x in value]
    labels = data.get("labels")
    if isinstance(labels, list) and part.role == "axis":
        data = data | {"labels": [as_glyphs(x) if isinstance(x, str) else x for x in labels]}
        data = in_order(data)
    if part.role == "box" and not data.get("flier_count"):
        style = {key: value for key, value in style.items() if not key.startswith("flier_")}
    if part.role == "legend_entry":
        style = _sample(style)
    if part.role in ("bar", "area", "areas", "wedge") and style.get("edge") == style.get("face"):
        # An outline in the color of its filling is not visible.
        style = {key: value for key, value in style.items() if not key.startswith("edge")}
    if part.role == "axes":
        children, data = drawn.without_shadows(children, data)
        children = tuple(seen for child in children for seen in drawn.without_whiskers(child))
        bars = [as_bar(drawn.oriented(child)) for child in children]
        # One rectangle may be a frame or a text box; several are bars, however they were drawn.
        changed = sum(bar.role != child.role for bar, child in zip(bars, children, strict=True))
        children = (
            tuple(bars) if changed > 1 else tuple(drawn.oriented(child) for child in children)
        )
        ground = str(style.get("face") or "#ffffff")
        for blank in (
            paper.without_paper_marks, paper.without_paper_outlines, paper.without_paper_fillings
        ):  # fmt: skip
            children = blank(children, ground)
    marked = part.role == "markers" or "marker_face" in style
    if marked and style.get("marker_edge") == style.get("marker_face"):
        style = {key: value for key, value in style.items() if not key.startswith("marker_edge")}
    if part.role == "area":
        data = drawn.without_spikes(data)
    if part.role in ("line", "markers"):
        data = drawn.drawn_points(data, lines=part.role == "line" and style.get("dash") != "none")
        data = drawn.once_each(data) if part.role == "markers" else data
    seen = Element(part.role, box, as_glyphs(part.text), style, data, children)
    if part.role == "axis":
        return with_small_ticks(seen)
    return paper.from_zero(seen) if part.role == "axes" else seen


def _sample(style: dict[str, Value]) -> dict[str, Value]:
    """The style of a legend entry without parts that nobody sees: white on white, or an outline in
    the color of its filling."""
    unseen: tuple[str, ...] = ()
    if style.get("edge") == style.get("face"):
        unseen += ("edge", "edge_width")
    if style.get("marker") and str(style.get("color", ""))[:7] == "#ffffff":
        unseen += ("color", "width", "dash")
    if (
        style.get("marker_edge") == style.get("marker_face")
        or str(style.get("marker_edge"))[:7] == "#ffffff"
    ):
        unseen += ("marker_edge", "marker_edge_width")
    return {key: value for key, value in style.items() if key not in unseen}


REPEATED = frozenset(("line", "markers", "bar", "area"))


def _unrepeated(children: tuple[Element, ...]) -> list[Element]:
    """The parts, without texts and opaque marks that are drawn twice at one place."""
    known: dict[object, int] = {}
    kept: list[Element] = []
    for child in children:
        at = known.setdefault(
            (child.role, child.box, child.text if child.role == "text" else ""), len(kept)
        )
        words = child.role == "text"
        if at == len(kept) or not (words or (child.role in REPEATED and _covers(child, kept[at]))):
            kept.append(child)
        elif child.text and not words:
            kept[at] = child
    return kept


def _covers(one: Element, two: Element) -> bool:
    """True for two opaque marks of one look and place, of which at most one has a name of its own."""
    tints = [v for v in one.style.values() if isinstance(v, str) and v.startswith("#")]
    opaque = all(tint.endswith("ff") for tint in tints)
    named = one.text == two.text or not (one.text and two.text)
    return opaque and named and one.style == two.style and one.data == two.data


def _in_points(key: str, value: Value, factor: float) -> Value:
    in_points = key.endswith(("size", "width", "length", "margin"))
    if in_points and isinstance(value, int | float) and not isinstance(value, bool):
        return value * factor
    return value


def _times(box: Box, scale: float) -> Box:
    return (box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale)


def _hidden(part: Element) -> bool:
    """True if a mark paints nothing: its size or its opacity is zero."""
    if part.role == "bar":
        span = part.column("span")
        if span and span[:2] == span[2:]:
            return True
    if part.role not in MARKS:
        return False
    tints = [v for v in part.style.values() if isinstance(v, str) and v.startswith("#")]
    ramp = part.style.get("ramp") or part.data.get("faces") or part.data.get("edges")
    return bool(tints) and not ramp and all(len(v) == 9 and int(v[7:], 16) <= 5 for v in tints)


def _told(part: Element) -> set[str]:
    """The words of a picture: of its texts, entries of legends and tick labels."""
    told = {str(label) for label in part.column("labels")}
    own = {part.text} if part.role not in MARKS else set()
    return told | own.union(*(_told(child) for child in part.children))


def _without_untold(part: Element, told: set[str]) -> Element:
    """An element whose marks have only names that stand in one of the pictures."""
    if part.role in MARKS:
        return part if part.text in told else part.having(text="")
    children = tuple(_without_untold(child, told) for child in part.children)
    if all(one is two for one, two in zip(children, part.children, strict=True)):
        return part
    return part.having(children=children)
