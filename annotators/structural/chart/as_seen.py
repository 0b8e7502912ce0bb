"""Reduces two charts to what a viewer can distinguish: one width, and values read from the axes.

Differences of the programs that do not show in the pictures are removed here, before the
comparison: texts become what their glyphs show, sizes in points become relative to the picture,
values are read by the tick labels, an axis that is not drawn has no numbers, and a text counts
whichever object it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import hypot, log
from typing import cast

import msgspec

from annotators.structural.chart.marks import MARKS
from annotators.structural.chart.panels import axes_of, paired_axes
from annotators.structural.chart.seen import drawn, paper
from annotators.structural.chart.seen.axis_units import in_order, read_off
from annotators.structural.chart.seen.axis_words import numbered_in_line
from annotators.structural.chart.seen.color_fields import explained, unexplained_colors
from annotators.structural.chart.seen.covered import without_covered_texts
from annotators.structural.chart.seen.insets import zooms
from annotators.structural.chart.seen.letter_values import letter_values
from annotators.structural.chart.seen.other_numbers import renumbered
from annotators.structural.glyphs import as_glyphs
from annotators.structural.kept import Same
from annotators.structural.matching import paired
from records.rows import Box
from renderers.scene import Element, Scene, Value

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
    read = {id(two): renumbered(one, read_off(one, two, pairs)) for one, two in pairs}
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
    first = _with_axes(first, {id(one): made for one, _, made, _ in alike})
    second = _with_axes(second, {id(two): made for _, two, _, made in alike})
    upright = points / scale * reference.height_px / candidate.height_px
    canvas = min(points, points if scale == 1.0 else upright, key=lambda ratio: abs(log(ratio)))
    size = candidate.width_px, candidate.height_px
    second = _legends_with(first, second)
    return SeenCharts(*_same_roles(first, second), scale, points, canvas, size)


def width_scale(reference: Scene, candidate: Scene) -> float:
    """Pixels of the reference per pixel of the candidate if both pictures are shown at one width.

    A picture that is cropped to its content changes its width with every label, so only another
    figure width counts as another scale.
    """
    figures = [
        float(scene.root.number("width_in") or 0.0) * float(scene.root.number("dpi") or 0.0)
        for scene in (reference, candidate)
    ]
    if not all(figures) or abs(figures[1] / figures[0] - 1) <= SAME_WIDTH:
        return 1.0
    return reference.width_px / candidate.width_px


@lru_cache(maxsize=8)
def _cleared(same: Same, scale: float, points: float) -> Scene:
    """A scene without invisible marks, with texts as glyphs, at another scale; kept for more candidates."""
    scene = cast(Scene, same.held)
    root = _scaled(scene.root, scale, points)
    ground = str(root.style.get("face") or "#ffffffff")
    root = _with(root, {id(part): paper.on_paper(part, ground) for part in root.parts("axes")})
    for change in (zooms, numbered_in_line, letter_values):
        root = _with(root, change(axes_of(msgspec.structs.replace(scene, root=root))))
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
        bars = [drawn.as_bar(drawn.oriented(child)) for child in children]
        # One rectangle may be a frame or a text box; several are bars, however they were drawn.
        changed = sum(bar.role != child.role for bar, child in zip(bars, children, strict=True))
        children = (
            tuple(bars) if changed > 1 else tuple(drawn.oriented(child) for child in children)
        )
        ground = str(style.get("face") or "#ffffff")
        children = paper.without_paper_fillings(
            paper.without_paper_outlines(children, ground), ground
        )
    if part.role == "area":
        data = drawn.without_spikes(data)
    if part.role in ("line", "markers"):
        data = drawn.drawn_points(data, lines=part.role == "line" and style.get("dash") != "none")
        data = drawn.once_each(data) if part.role == "markers" else data
    seen = Element(part.role, box, as_glyphs(part.text), style, data, children)
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


def _with_axes(scene: Scene, read: dict[int, Element]) -> Scene:
    """A scene whose axes are replaced by their converted versions."""
    return msgspec.structs.replace(scene, root=_with(scene.root, read))


def _with(part: Element, read: dict[int, Element]) -> Element:
    """An element with those of the axes in it, and itself, that others stand for replaced by them."""
    found = read.get(id(part), part)
    inner = tuple(_with(child, read) if child.role == "axes" else child for child in found.children)
    return found if inner == found.children else found.having(children=inner)


def _legends_with(reference: Scene, candidate: Scene) -> Scene:
    """The candidate with each legend where the reference has it: of the figure, or of an axes."""
    owners = [(reference.root, candidate.root), *paired_axes(reference, candidate).sides]
    lost = [(two, legend) for one, two in owners for legend in _without(one, two)]
    alone = [(two, legend) for one, two in owners for legend in _without(two, one)]
    moved: dict[int, Element] = {}
    for owner, legend in lost:
        words = {entry.text for entry in legend.children}
        for other, found in alone:
            if other is owner or {entry.text for entry in found.children} != words:
                continue
            place = ("at", "location", "auto") if _near(legend, found, reference, candidate) else ()
            data = found.data | {key: legend.data[key] for key in place if key in legend.data}
            made = found.having(data=data)
            for part, children in (
                (other, tuple(c for c in moved.get(id(other), other).children if c is not found)),
                (owner, (*moved.get(id(owner), owner).children, made)),
            ):
                moved[id(part)] = moved.get(id(part), part).having(children=children)
            alone.remove((other, found))
            break
    return _with_axes(candidate, moved) if moved else candidate


def _without(one: Element, two: Element) -> list[Element]:
    """The legends of one part that another has no counterpart of."""
    legends = [owner.parts("legend") for owner in (one, two)]
    return legends[0] if not legends[1] else legends[0][len(legends[1]) :]


WORDED = frozenset(("title", "suptitle", "axis_label", "supxlabel", "supylabel", "text"))


def _same_roles(reference: Scene, candidate: Scene) -> tuple[Scene, Scene]:
    """The candidate, with each text given the role that it has in the reference.

    A title may belong to the axes, to the figure, or to a twin axes: a viewer sees the same.
    """
    axes = paired_axes(reference, candidate)
    pairs, first_only, second_only = paired(axes.mine, axes.theirs, axes.indices)
    owners = [(reference.root, candidate.root), *pairs]
    lost = [
        (number, part) for number, (one, two) in enumerate(owners) for part in _worded(one)
        if (part.role, part.text) not in _slots(two)
    ]  # fmt: skip
    lost += [(-1, part) for axes in first_only for part in _worded(axes)]
    alone = [part for one, two in owners for part in _worded(two)
             if (part.role, part.text) not in _slots(one)]  # fmt: skip
    alone += [part for axes in second_only for part in _worded(axes)]
    found: dict[int, tuple[int, Element]] = {}
    for number, part in lost:
        for other in alone:
            free = id(other) not in found and other.text == part.text
            if free and _near(part, other, reference, candidate) and not _taken(other, owners):
                found[id(other)] = number, part
                break
    if not found:
        return reference, candidate
    gone = {id(part) for number, part in found.values() if number < 0}
    moved: dict[int, list[Element]] = {}
    for other in alone:
        if id(other) in found and found[id(other)][0] >= 0:
            number, part = found[id(other)]
            made = other.having(role=part.role, data=part.data)
            moved.setdefault(id(owners[number][1]), []).append(made)

    def rebuilt(owner: Element) -> Element:
        children = [
            rebuilt(child) if child.role == "axes" else child
            for child in owner.children if id(child) not in found and id(child) not in gone
        ]  # fmt: skip
        return owner.having(children=(*children, *moved.get(id(owner), [])))

    return (
        msgspec.structs.replace(reference, root=rebuilt(reference.root)),
        msgspec.structs.replace(candidate, root=rebuilt(candidate.root)),
    )


def _worded(owner: Element) -> Iterator[Element]:
    return (part for part in owner.children if part.role in WORDED and part.text)


def _slots(owner: Element) -> set[tuple[str, str]]:
    return {(part.role, part.text) for part in _worded(owner)}


def _taken(text: Element, owners: Sequence[tuple[Element, Element]]) -> bool:
    """True if the reference has other words where a text of the candidate stands."""
    x, y = ((text.box[i] + text.box[i + 2]) / 2 for i in (0, 1)) if text.box else (0.0, 0.0)
    return any(
        part.box and part.text != text.text
        and part.box[0] <= x <= part.box[2] and part.box[1] <= y <= part.box[3]
        for owner, _ in owners for part in _worded(owner)
    )  # fmt: skip


AT_ONE_PLACE = 0.06
"""Largest distance, as a share of the picture's width, between two places of the same text."""


def _near(one: Element, two: Element, reference: Scene, candidate: Scene) -> bool:
    if one.box is None or two.box is None:
        return False
    higher = reference.height_px / candidate.height_px
    across = (one.box[0] + one.box[2] - two.box[0] - two.box[2]) / 2
    down = (one.box[1] + one.box[3] - (two.box[1] + two.box[3]) * higher) / 2
    return hypot(across, down) < AT_ONE_PLACE * reference.width_px
