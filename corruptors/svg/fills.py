"""Fills, opacity (``style_error``) and clipping (``shape_error``) of an icon that come out wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from random import Random

from corruptors.corruption import corruption
from corruptors.markup.elements import MarkupElement, quoted, some
from corruptors.svg.program.colors import (
    Color,
    color_name,
    distance,
    hex_of,
    other_color,
    other_lightness,
)
from corruptors.svg.program.geometry import around
from corruptors.svg.program.path_data import Segment, plain
from corruptors.svg.program.svg_program import LEAST, SHAPES, SvgProgram
from records.edits import Edit, Mutation
from records.taxonomy import SvgCategory


def _filled(svg: SvgProgram) -> Iterator[tuple[MarkupElement, Color]]:
    """Shapes with a plain fill that are large enough to be seen, and their colors."""
    for shape in svg.shapes:
        if shape.name in ("use", "line") or svg.extent(shape) < LEAST:
            continue
        color = svg.color(shape, "fill")
        if color is not None and svg.painted(shape, "fill"):
            yield shape, color


@corruption(SvgProgram, SvgCategory.STYLE)
def change_fill(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape, or a whole group, is filled with another color.

    Example:
        >>> change_fill('<svg><circle fill="red" r="9"/></svg>', seed=0)[0]
        '<svg><circle fill="#3300ff" r="9"/></svg>'
    """
    for element, color in (*_filled(svg), *svg.painters("fill")):
        wrong = other_color(color, rng)
        words = f"filled {color_name(wrong)} instead of {color_name(color)}"
        yield svg.restyled(element, words, "fill", hex_of(wrong))


@corruption(SvgProgram, SvgCategory.STYLE)
def shade_fill(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape is filled with a lighter or darker tone of its color.

    Example:
        >>> shade_fill('<svg><circle fill="#36c" r="9"/></svg>', seed=0)[0]
        '<svg><circle fill="#1f3d7a" r="9"/></svg>'
    """
    for shape, color in _filled(svg):
        wrong = other_lightness(color, rng)
        words = f"filled {hex_of(wrong)}, another tone of {hex_of(color)}"
        yield svg.restyled(shape, words, "fill", hex_of(wrong))


@corruption(SvgProgram, SvgCategory.STYLE)
def swap_fills(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """Two shapes have exchanged their colors.

    Yields:
        One mutation per two shapes of clearly different fills, up to sixteen.

    Example:
        >>> swap_fills('<svg><circle fill="red" r="9"/><rect fill="#00f" width="9" height="9"/>'
        ...     "</svg>", seed=0)[0]
        '<svg><circle fill="#00f" r="9"/><rect fill="red" width="9" height="9"/></svg>'
    """
    filled = list(_filled(svg))[:60]
    pairs = [pair for pair in combinations(filled, 2) if distance(pair[0][1], pair[1][1]) > 0.15]
    for (one, _), (other, _) in some(pairs, rng, most=16):
        edits = (
            svg.set(one, "fill", _written(svg, other)),
            svg.set(other, "fill", _written(svg, one)),
        )
        where = f"{svg.where(one)} and {svg.where(other)}"
        yield Mutation(edits, where, "the two have exchanged their colours")


def _written(svg: SvgProgram, shape: MarkupElement) -> str:
    """A fill as the source writes it, a keyword that means another property resolved."""
    value = svg.value(shape, "fill")
    if value.lower() != "currentcolor":
        return value
    color = svg.as_color(value, shape)
    return hex_of(color) if color is not None else value


@corruption(SvgProgram, SvgCategory.STYLE)
def drop_fill(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape has lost its fill: it is black, or has the color of its group.

    Yields:
        One mutation per fill that a shape or group sets itself, ``none`` and gradients included.

    Example:
        >>> drop_fill('<svg><circle fill="red" r="9"/></svg>', seed=0)[0]
        '<svg><circle r="9"/></svg>'
    """
    for element in svg.elements:
        group = element.name in ("g", "svg") and any(True for _ in svg.shapes_in(element))
        if not group and not (svg.shows(element) and svg.extent(element) >= LEAST):
            continue
        found = svg.declared(element, "fill")
        if found is None or not svg.owns(element, found):
            continue
        color = svg.as_color(found.value, element)
        if not group and not svg.painted(element, "stroke") and element.parent >= 0:
            above = svg.value(svg.elements[element.parent], "fill").lower()
            if above in ("none", "transparent"):
                continue  # What shows nothing any more is missing, not painted differently.
        if color is None or max(color) > 0.12:
            yield svg.error(element, f"the fill {found.value} is lost", found.removed())


@corruption(SvgProgram, SvgCategory.STYLE)
def lose_group_paint(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape has left its group, and with it the group's color, line or opacity.

    Yields:
        One mutation per first or last shape of a group that paints its members; it stays in its
        place. Groups that clip are left alone.

    Example:
        >>> lose_group_paint('<svg><g fill="red"><circle r="9"/></g></svg>', seed=0)[0]
        '<svg><circle r="9"/><g fill="red"></g></svg>'
    """
    for group in svg.named("g"):
        names = group.attributes.keys()
        if names.isdisjoint(_GROUP_PAINTS) or not names.isdisjoint(_GROUP_CUTS):
            continue
        inside = [one for one in svg.children(group) if svg.shows(one) and one.name in SHAPES]
        place = group.attributes.get("transform")
        first = [(one, group.start) for one in inside[:1]]
        last = [(one, group.end) for one in inside[1:][-1:]]
        for shape, at in first + last:
            alone = svg.source(shape)
            if place is not None:
                alone = f'<g transform="{quoted(place.value)}">{alone}</g>'
            words = "the shape has lost the paint of its group"
            yield svg.error(shape, words, shape.removed(), Edit(at, at, alone))


_GROUP_PAINTS = ("fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "fill-opacity")
_GROUP_CUTS = ("clip-path", "mask", "filter")


@corruption(SvgProgram, SvgCategory.STYLE)
def hollow_shape(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A filled shape is drawn as an outline only.

    Example:
        >>> hollow_shape('<svg><circle fill="red" r="9"/></svg>', seed=0)[0]
        '<svg><circle stroke="#ff0000" stroke-width="3" fill="none" r="9"/></svg>'
    """
    for shape, color in _filled(svg):
        look = {"fill": "none"}
        if not svg.painted(shape, "stroke"):
            look |= {"stroke": hex_of(color), "stroke-width": plain(svg.units(shape, 0.03))}
        yield svg.error(shape, "only the outline is drawn", *svg.set_all(shape, look))


@corruption(SvgProgram, SvgCategory.STYLE)
def fill_outline(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape that should be an outline is filled.

    Example:
        >>> fill_outline('<svg><circle fill="none" stroke="red" r="9"/></svg>', seed=0)[0]
        '<svg><circle fill="red" stroke="red" r="9"/></svg>'
    """
    for shape in svg.shapes:
        if shape.name in ("line", "use", "text") or svg.extent(shape) < LEAST:
            continue
        bounds = svg.bounds(shape)
        if bounds is None or min(bounds[2:]) < svg.units(shape, 0.04):
            continue  # a straight line has nothing to fill
        if svg.painted(shape, "stroke") and not svg.painted(shape, "fill"):
            color = svg.value(shape, "stroke")
            yield svg.restyled(shape, "the outline is filled", "fill", color)


@corruption(SvgProgram, SvgCategory.STYLE)
def change_opacity(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape is see-through that should not be, or the other way round.

    Example:
        >>> change_opacity('<svg><circle r="9"/></svg>', seed=0)[0]
        '<svg><circle opacity="0.45" r="9"/></svg>'
    """
    for element in svg.elements:
        group = element.name == "g" and any(True for _ in svg.shapes_in(element))
        if not group and not (svg.shows(element) and svg.extent(element) >= LEAST):
            continue
        known = ("opacity", "fill-opacity", "stroke-opacity")
        names = [name for name in known if svg.declared(element, name) is not None]
        name = rng.choice(names or ["opacity"])
        now = svg.number(element, name)
        wrong = plain(rng.choice((0.3, 0.45, 0.6))) if now > 0.8 else "1"
        words = f"drawn at {float(wrong) * 100:.0f} % opacity instead of {now * 100:.0f} %"
        yield svg.restyled(element, words, name, wrong)


@corruption(SvgProgram, SvgCategory.STYLE)
def change_fill_rule(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """Holes of a shape are filled, or overlaps have become holes.

    Yields:
        One mutation per filled path with one part inside another that runs the same way round.

    Example:
        >>> change_fill_rule('<svg><path d="M0 0h9v9H0zM2 2h5v5H2z"/></svg>', seed=0)[0]
        '<svg><path fill-rule="evenodd" d="M0 0h9v9H0zM2 2h5v5H2z"/></svg>'
    """
    for shape in svg.shapes:
        if shape.name != "path" or not svg.painted(shape, "fill"):
            continue
        if svg.extent(shape) >= LEAST and _nested_alike(svg.path(shape).subpaths):
            now = svg.value(shape, "fill-rule")
            wrong, words = "evenodd", "overlapping parts are cut out"
            if now == "evenodd":
                wrong, words = "nonzero", "its holes are filled"
            yield svg.restyled(shape, words, "fill-rule", wrong)


def _nested_alike(subpaths: Sequence[Sequence[Segment]]) -> bool:
    """True if the two fill rules differ: one part within another, both the same way round."""
    parts = []
    for subpath in subpaths[:200]:
        points = [point for segment in subpath for point in segment.points]
        turned = zip(points, (*points[1:], points[0]), strict=True)
        area = sum(x * below - across * y for (x, y), (across, below) in turned)
        box = around(points)
        if box is not None and area:
            parts.append((area > 0, box))
    return any(
        way == other_way
        and box is not other
        and other[0] <= box[0]
        and other[1] <= box[1]
        and box[0] + box[2] <= other[0] + other[2]
        and box[1] + box[3] <= other[1] + other[3]
        for way, box in parts
        for other_way, other in parts
    )


@corruption(SvgProgram, SvgCategory.SHAPE)
def drop_clip(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A clip or mask is lost: what it hid shows.

    Example:
        >>> drop_clip('<svg><circle clip-path="url(#a)" r="9"/></svg>', seed=0)[0]
        '<svg><circle r="9"/></svg>'
    """
    for element in svg.elements:
        for name in ("clip-path", "mask"):
            found = svg.declared(element, name)
            if found is not None and "url(" in found.value:
                yield svg.error(element, f"drawn without its {name}", found.removed())
