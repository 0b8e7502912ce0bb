"""Shapes of an icon that are moved, resized, turned or stretched as a whole: ``shape_error``."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from corruptors.corruption import corruption
from corruptors.markup.elements import Attribute, MarkupElement, some
from corruptors.svg.program.geometry import corners_of, points_of
from corruptors.svg.program.path_data import number_list, off_line, plain, separated
from corruptors.svg.program.svg_program import LEAST, SHAPES, SvgProgram
from records.edits import Edit, Mutation
from records.taxonomy import SvgCategory


def _shapes(svg: SvgProgram, *names: str) -> Iterator[MarkupElement]:
    """Shapes large enough to be seen, of these names if any are given; no texts, no symbols."""
    for shape in svg.shapes:
        wanted = shape.name in names if names else shape.name in SHAPES
        if wanted and svg.extent(shape) >= LEAST:
            yield shape


@corruption(SvgProgram, SvgCategory.SHAPE)
def move_shape(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape stands beside its place.

    Yields:
        One mutation per shape; direction and distance (6 to 15 % of the picture) are drawn.

    Example:
        >>> move_shape('<svg><circle r="9"/></svg>', seed=0)[0]
        '<svg><circle transform="translate(10 -10)" r="9"/></svg>'
    """
    for shape in _shapes(svg):
        step = svg.units(shape, rng.choice((0.06, 0.1, 0.15)))
        right, down = rng.choice(((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1)))
        change = f"translate({plain(step * right)} {plain(step * down)})"
        yield svg.error(shape, "the shape has moved", svg.moved(shape, change))


@corruption(SvgProgram, SvgCategory.SHAPE)
def resize_shape(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape is too large or too small, in its place.

    Example:
        >>> resize_shape('<svg><circle r="9"/></svg>', seed=0)[0]
        '<svg><circle transform="translate(0 0) scale(1.3) translate(0 0)" r="9"/></svg>'
    """
    for shape in _shapes(svg):
        factor = rng.choice((0.7, 0.8, 1.2, 1.3))
        edit = _about_middle(svg, shape, f"scale({factor})")
        if edit is not None:
            words = "larger" if factor > 1 else "smaller"
            yield svg.error(shape, f"the shape is {abs(factor - 1) * 100:.0f} % {words}", edit)


@corruption(SvgProgram, SvgCategory.SHAPE)
def stretch_shape(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape is too wide, too narrow, too tall or too flat.

    Yields:
        One mutation per shape with an area; axis and factor are drawn.

    Example:
        >>> stretch_shape('<svg><rect width="8" height="4"/></svg>', seed=0)[0]
        '<svg><rect width="8" height="5.6"/></svg>'
    """
    for shape in _shapes(svg):
        factor = rng.choice((0.65, 0.75, 1.3, 1.4))
        wide = rng.random() < 0.5
        bounds = svg.bounds(shape)
        if bounds is not None and not (bounds[2] and bounds[3]):
            wide = bool(bounds[2])  # A straight line is stretched along itself.
        name = "width" if wide else "height"
        written = shape.attributes.get(name)
        edit: Edit | None
        if shape.name == "rect" and written is not None:
            edit = _scaled(written, factor)
        else:
            scale = f"scale({factor} 1)" if wide else f"scale(1 {factor})"
            edit = _about_middle(svg, shape, scale)
        if edit is not None:
            words = (
                ("narrow" if factor < 1 else "wide") if wide else ("flat" if factor < 1 else "tall")
            )
            yield svg.error(shape, f"the shape is too {words}", edit)


@corruption(SvgProgram, SvgCategory.SHAPE)
def rotate_shape(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape is turned about its middle.

    Yields:
        One mutation per shape other than a circle; the angle is drawn.

    Example:
        >>> rotate_shape('<svg><rect width="8" height="4"/></svg>', seed=0)[0]
        '<svg><rect transform="rotate(30 4 2)" width="8" height="4"/></svg>'
    """
    for shape in _shapes(svg):
        bounds = svg.bounds(shape)
        if shape.name == "circle" or bounds is None:
            continue
        angle = rng.choice((-30, -15, 15, 30, 90))
        x, y = bounds[0] + bounds[2] / 2, bounds[1] + bounds[3] / 2
        change = f"rotate({angle} {plain(x)} {plain(y)})"
        yield svg.error(shape, f"the shape is turned by {angle} degrees", svg.moved(shape, change))


@corruption(SvgProgram, SvgCategory.SHAPE)
def mirror_shape(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape is mirrored in its place, left for right or top for bottom.

    Yields:
        One mutation per path, polygon, polyline or line that is not symmetric; where it is
        neither way, the axis is drawn.

    Example:
        >>> mirror_shape('<svg viewBox="0 0 9 9"><path d="M0 0h8v4z"/></svg>', seed=0)[0]
        '<svg viewBox="0 0 9 9"><path transform="translate(4 2) scale(1 -1) translate(-4 -2)" d="M0 0h8v4z"/></svg>'
    """
    for shape in _shapes(svg, "path", "polygon", "polyline", "line"):
        ways = [flat for flat in (True, False) if _lopsided(svg, shape, flat=flat)]
        if not ways:
            continue
        flat = rng.choice(ways)
        edit = _about_middle(svg, shape, "scale(-1 1)" if flat else "scale(1 -1)")
        if edit is not None:
            sides = "left for right" if flat else "top for bottom"
            yield svg.error(shape, f"the shape is mirrored, {sides}", edit)


def _lopsided(svg: SvgProgram, shape: MarkupElement, *, flat: bool) -> bool:
    """True if mirrored points of a shape, left for right if ``flat``, are elsewhere."""
    points, bounds = points_of(svg, shape), svg.bounds(shape)
    if bounds is None:
        return False
    grid = svg.units(shape, 0.03)
    seen = {(round(x / grid), round(y / grid)) for x, y in points}
    left, top, width, height = bounds
    for x, y in points:
        x, y = (2 * left + width - x, y) if flat else (x, 2 * top + height - y)
        near = {
            (round(x / grid) + right, round(y / grid) + down)
            for right in (-1, 0, 1)
            for down in (-1, 0, 1)
        }
        if not near & seen:
            return True
    return False


def _about_middle(svg: SvgProgram, shape: MarkupElement, change: str) -> Edit | None:
    """The edit that applies a transform about the middle of a shape; None if it has none."""
    bounds = svg.bounds(shape)
    if bounds is None:
        return None
    x, y = bounds[0] + bounds[2] / 2, bounds[1] + bounds[3] / 2
    there = f"translate({plain(x)} {plain(y)})"
    return svg.moved(shape, f"{there} {change} translate({plain(-x)} {plain(-y)})")


@corruption(SvgProgram, SvgCategory.SHAPE)
def drop_transform(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape has lost its transform and stands elsewhere, at another size or angle.

    Example:
        >>> drop_transform('<svg><circle r="9" transform="scale(2)"/></svg>', seed=0)[0]
        '<svg><circle r="9"/></svg>'
    """
    for element in svg.elements:
        transform = element.attributes.get("transform")
        if transform is None:
            continue
        group = [shape.name for shape in svg.shapes_in(element)] if element.name == "g" else []
        one = svg.shows(element) or (len(group) == 1 and group[0] in SHAPES)
        if one and element.name in ("g", *SHAPES):
            yield svg.error(element, f"drawn without {transform.value}", transform.removed())


@corruption(SvgProgram, SvgCategory.SHAPE)
def change_radius(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A circle or ellipse has another radius.

    Yields:
        One mutation per circle, two per ellipse; the factor is drawn.

    Example:
        >>> change_radius('<svg><circle r="9"/></svg>', seed=0)[0]
        '<svg><circle r="12.6"/></svg>'
    """
    for shape in _shapes(svg, "circle", "ellipse"):
        for name in ("r",) if shape.name == "circle" else ("rx", "ry"):
            radius = shape.attributes.get(name)
            factor = rng.choice((0.6, 0.75, 1.25, 1.4))
            edit = _scaled(radius, factor) if radius is not None else None
            if edit is not None:
                words = "larger" if factor > 1 else "smaller"
                yield svg.error(shape, f"the radius is {words}", edit)


@corruption(SvgProgram, SvgCategory.SHAPE)
def change_corner_radius(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A rectangle has lost its round corners, or has got some.

    Example:
        >>> change_corner_radius('<svg><rect width="9" height="9" rx="2"/></svg>', seed=0)[0]
        '<svg><rect width="9" height="9"/></svg>'
    """
    for shape in _shapes(svg, "rect"):
        round_now = [shape.attributes[name] for name in ("rx", "ry") if name in shape.attributes]
        if any(svg.attribute(shape, radius.name) for radius in round_now):
            edits = tuple(radius.removed() for radius in round_now)
            yield svg.error(shape, "the corners are no longer round", *edits)
        elif not round_now:
            sides = svg.attribute(shape, "width"), svg.attribute(shape, "height")
            radius_text = plain(min(sides) * rng.choice((0.2, 0.3, 0.5)))
            yield svg.error(shape, "the corners are round", shape.inserted("rx", radius_text))


@corruption(SvgProgram, SvgCategory.SHAPE)
def move_line_end(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """One end of a line is elsewhere.

    Example:
        >>> move_line_end('<svg><line stroke="red" x2="9" y2="9"/></svg>', seed=0)[0]
        '<svg><line stroke="red" x2="9" y2="19"/></svg>'
    """
    for shape in _shapes(svg, "line"):
        for name in ("x1", "y1", "x2", "y2"):
            step = svg.units(shape, rng.choice((-0.15, -0.1, 0.1, 0.15)))
            yield svg.error(shape, "one end of the line has moved", svg.shifted(shape, name, step))


@corruption(SvgProgram, SvgCategory.SHAPE)
def drop_polygon_point(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A polygon or polyline has lost one of its corners.

    Yields:
        One mutation per corner, up to eight a shape, where three (or two) are left.

    Example:
        >>> drop_polygon_point('<svg><polygon points="0,0 9,0 9,9 0,9"/></svg>', seed=0)[0]
        '<svg><polygon points="0,0 9,0 9,9"/></svg>'
    """
    for shape in _shapes(svg, "polygon", "polyline"):
        pairs = corners_of(svg, shape)
        if len(pairs) <= (3 if shape.name == "polygon" else 2):
            continue
        for at in some(range(len(pairs)), rng):
            first, last = pairs[at]
            before, corner, after = (
                (x.value, y.value)
                for x, y in (pairs[at - 1], pairs[at], pairs[(at + 1) % len(pairs)])
            )
            if off_line(corner, before, after) < svg.units(shape, 0.015):
                continue
            if at:
                edit = Edit(pairs[at - 1][1].end, last.end, "")
            else:
                edit = Edit(first.start, pairs[1][0].start, "")
            yield svg.error(shape, "a corner is missing", edit)


@corruption(SvgProgram, SvgCategory.SHAPE)
def move_polygon_point(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """One corner of a polygon or polyline is elsewhere.

    Yields:
        One mutation per corner, up to eight a shape; the distance is drawn.

    Example:
        >>> move_polygon_point('<svg><polygon points="0,0 9,0 9,9"/></svg>', seed=0)[0]
        '<svg><polygon points="0,0 1,8 9,9"/></svg>'
    """
    for shape in _shapes(svg, "polygon", "polyline"):
        for x, y in some(corners_of(svg, shape), rng):
            step = svg.units(shape, rng.choice((0.08, 0.1, 0.15)))
            right, down = rng.choice(((1, 1), (1, -1), (-1, 1), (-1, -1), (1, 0), (0, 1)))
            edits = tuple(
                separated(svg.text, number.start, number.end, plain(number.value + step * way))
                for number, way in ((x, right), (y, down))
                if way
            )
            yield svg.error(shape, "a corner has moved", *edits)


def _scaled(attribute: Attribute, factor: float) -> Edit | None:
    """The edit that multiplies a length, its unit kept; None if it is none."""
    numbers = number_list(attribute.value, 0, len(attribute.value))
    if len(numbers) != 1 or not numbers[0].value:
        return None
    unit = attribute.value[numbers[0].end :].strip()
    return attribute.replaced(plain(numbers[0].value * factor) + unit)
