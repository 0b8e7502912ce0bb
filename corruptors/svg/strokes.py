"""Strokes of an icon that come out wrong: color, width, dashes, ends and joins: ``style_error``."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from corruptors.corruption import corruption
from corruptors.markup.elements import MarkupElement
from corruptors.svg.program.colors import color_name, hex_of, other_color
from corruptors.svg.program.geometry import applied
from corruptors.svg.program.path_data import plain
from corruptors.svg.program.svg_program import LEAST, SvgProgram
from records.edits import Mutation
from records.taxonomy import SvgCategory

LOOKS = {"butt": "flat", "miter": "pointed", "bevel": "cut off"}
"""What ends and corners of lines look like, by their names in SVG."""


def _stroked(svg: SvgProgram) -> Iterator[tuple[MarkupElement, float]]:
    """Stroked shapes that are large enough to be seen, and their widths as shares of the picture."""
    for shape in svg.shapes:
        if shape.name != "use" and svg.painted(shape, "stroke") and svg.extent(shape) >= LEAST:
            yield shape, svg.number(shape, "stroke-width") * svg.scale(shape) / svg.size


def _ended(svg: SvgProgram, shape: MarkupElement) -> bool:
    """True if a stroke has ends within the picture."""
    if shape.name == "path":
        left, top, width, height = svg.view_box
        matrix = svg.matrix(shape)
        ends = (applied(matrix, end) for end in svg.path(shape).open_ends)
        return any(left < x < left + width and top < y < top + height for x, y in ends)
    return shape.name in ("line", "polyline")


def _cornered(svg: SvgProgram, shape: MarkupElement) -> bool:
    """True if a stroke turns sharply."""
    if shape.name == "path":
        return svg.path(shape).corners > 0
    if shape.name == "rect":
        return not svg.attribute(shape, "rx") and not svg.attribute(shape, "ry")
    return shape.name in ("polygon", "polyline")


def _setting(svg: SvgProgram, name: str) -> Iterator[MarkupElement]:
    """Groups and the picture itself, where they set a property for two shapes or more."""
    for element in svg.named("svg", "g"):
        if svg.declared(element, name) is not None and sum(1 for _ in svg.shapes_in(element)) > 1:
            yield element


@corruption(SvgProgram, SvgCategory.STYLE)
def change_stroke(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A line or outline, or all lines of a group, have another color.

    Example:
        >>> change_stroke('<svg><circle stroke="red" r="9"/></svg>', seed=0)[0]
        '<svg><circle stroke="#3300ff" r="9"/></svg>'
    """
    owners = [(shape, svg.color(shape, "stroke")) for shape, _ in _stroked(svg)]
    for element, color in (*owners, *svg.painters("stroke")):
        if color is not None:
            wrong = other_color(color, rng)
            words = f"lines are {color_name(wrong)} instead of {color_name(color)}"
            yield svg.restyled(element, words, "stroke", hex_of(wrong))


@corruption(SvgProgram, SvgCategory.STYLE)
def change_stroke_width(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A line or outline, or all lines of a group, are too thick or too thin.

    Yields:
        One mutation per stroked shape, and per group that sets a width; the factor is drawn.

    Example:
        >>> change_stroke_width('<svg><circle stroke="red" stroke-width="2" r="9"/></svg>', 0)[0]
        '<svg><circle stroke="red" stroke-width="4.5" r="9"/></svg>'
    """
    shapes = [shape for shape, share in _stroked(svg) if share >= 0.004]
    for element in (*shapes, *_setting(svg, "stroke-width")):
        width = svg.number(element, "stroke-width")
        factor = rng.choice((0.4, 0.5, 1.75, 2.25))
        if width * svg.scale(element) / svg.size < 0.015 and factor < 1:
            factor = 2.5
        size = "thick" if factor > 1 else "thin"
        wrong = plain(width * factor)
        words = f"lines are too {size}: {wrong} instead of {plain(width)}"
        yield svg.restyled(element, words, "stroke-width", wrong)


@corruption(SvgProgram, SvgCategory.STYLE)
def drop_stroke(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape has lost its outline.

    Example:
        >>> drop_stroke('<svg><circle stroke="red" r="9"/></svg>', seed=0)[0]
        '<svg><circle stroke="none" r="9"/></svg>'
    """
    for shape, share in _stroked(svg):
        if shape.name != "line" and svg.painted(shape, "fill") and share >= 0.004:
            yield svg.restyled(shape, "the outline is missing", "stroke", "none")


@corruption(SvgProgram, SvgCategory.STYLE)
def add_stroke(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape has an outline that should not be there.

    Example:
        >>> add_stroke('<svg><circle fill="red" r="9"/></svg>', seed=0)[0]
        '<svg><circle stroke="#000" stroke-width="2.5" fill="red" r="9"/></svg>'
    """
    for shape in svg.shapes:
        if shape.name in ("use", "line") or svg.extent(shape) < LEAST:
            continue
        if svg.painted(shape, "stroke") or not svg.painted(shape, "fill"):
            continue
        fill = svg.color(shape, "fill")
        color = "#d33" if fill is not None and max(fill) < 0.4 else "#000"
        width = plain(svg.units(shape, rng.choice((0.015, 0.025))))
        edits = svg.set_all(shape, {"stroke": color, "stroke-width": width})
        yield svg.error(shape, "an outline has been added", *edits)


@corruption(SvgProgram, SvgCategory.STYLE)
def drop_dashes(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A dashed line is drawn in one piece.

    Example:
        >>> drop_dashes('<svg><circle stroke="red" stroke-dasharray="2" r="9"/></svg>', seed=0)[0]
        '<svg><circle stroke="red" stroke-dasharray="none" r="9"/></svg>'
    """
    for shape, _ in _stroked(svg):
        if svg.value(shape, "stroke-dasharray") not in ("none", "0", ""):
            yield svg.restyled(shape, "the line is not dashed", "stroke-dasharray", "none")


@corruption(SvgProgram, SvgCategory.STYLE)
def add_dashes(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A line is dashed that should be in one piece.

    Example:
        >>> add_dashes('<svg><circle stroke="red" r="9"/></svg>', seed=0)[0]
        '<svg><circle stroke-dasharray="3 3" stroke="red" r="9"/></svg>'
    """
    for shape, share in _stroked(svg):
        if svg.value(shape, "stroke-dasharray") in ("none", "0", "") and share >= 0.004:
            # Round and square ends fill a gap of one width.
            dash = max(svg.number(shape, "stroke-width"), svg.units(shape, 0.015))
            dashes = f"{plain(dash * rng.choice((1.5, 2)))} {plain(dash * 2)}"
            yield svg.restyled(shape, "the line is dashed", "stroke-dasharray", dashes)


@corruption(SvgProgram, SvgCategory.STYLE)
def change_line_cap(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """The ends of a line are cut off flat, or are no longer.

    Yields:
        One mutation per stroked shape with ends, thick enough for it, and per group that sets it.

    Example:
        >>> change_line_cap('<svg><line stroke="red" x2="9" stroke-width="4"/></svg>', seed=0)[0]
        '<svg><line stroke-linecap="square" stroke="red" x2="9" stroke-width="4"/></svg>'
    """
    shapes = [shape for shape, share in _stroked(svg) if share >= 0.015 and _ended(svg, shape)]
    for element in (*shapes, *(_setting(svg, "stroke-linecap") if shapes else ())):
        now = svg.value(element, "stroke-linecap")
        wrong = "butt" if now in ("round", "square") else rng.choice(("round", "square"))
        words = f"line ends are {LOOKS.get(wrong, wrong)} instead of {LOOKS.get(now, now)}"
        yield svg.restyled(element, words, "stroke-linecap", wrong)


@corruption(SvgProgram, SvgCategory.STYLE)
def change_line_join(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """The corners of an outline are pointed, round or cut where they should not be.

    Yields:
        One mutation per stroked shape with corners, thick enough for it, and per group that sets it.

    Example:
        >>> change_line_join('<svg><rect stroke="red" width="9" height="9" stroke-width="5"/></svg>',
        ...     seed=0)[0]
        '<svg><rect stroke-linejoin="bevel" stroke="red" width="9" height="9" stroke-width="5"/></svg>'
    """
    shapes = [shape for shape, share in _stroked(svg) if share >= 0.02 and _cornered(svg, shape)]
    for element in (*shapes, *(_setting(svg, "stroke-linejoin") if shapes else ())):
        now = svg.value(element, "stroke-linejoin")
        wrong = "miter" if now in ("round", "bevel") else rng.choice(("round", "bevel"))
        words = f"corners are {LOOKS.get(wrong, wrong)} instead of {LOOKS.get(now, now)}"
        yield svg.restyled(element, words, "stroke-linejoin", wrong)
