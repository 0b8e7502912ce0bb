"""Icons drawn again from memory: small parts lost, parts and holes simplified, patterns continued."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from corruptors.corruption import corruption
from corruptors.markup.elements import MarkupElement, some
from corruptors.svg.program.geometry import Bounds, around
from corruptors.svg.program.path_data import PathData, Point, Segment, plain
from corruptors.svg.program.svg_program import LEAST, SHAPES, SvgProgram
from records.edits import Mutation
from records.taxonomy import SvgCategory

_SMALL = 0.2
"""Parts of a smaller share of the picture are what a copy leaves out first."""


@corruption(SvgProgram, SvgCategory.STRUCTURE)
def drop_small_shapes(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """All small parts are missing, the large ones are there.

    Yields:
        One mutation, where two small shapes or more stand beside a larger one.

    Example:
        >>> eyes = '<circle cx="9" r="2"/><circle cx="19" r="2"/>'
        >>> drop_small_shapes(f'<svg><rect width="60" height="60"/>{eyes}</svg>', seed=0)[0]
        '<svg><rect width="60" height="60"/></svg>'
    """
    shapes = [shape for shape in svg.shapes if shape.name in SHAPES]
    small = [shape for shape in shapes if LEAST <= svg.extent(shape) < _SMALL]
    if 2 <= len(small) < len(shapes):
        edits = tuple(shape.removed() for shape in small)
        yield Mutation(edits, "small parts", f"{len(small)} small shapes are missing")


@corruption(SvgProgram, SvgCategory.SHAPE)
def simplify_shape(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape of many bends is a plain ellipse or rectangle.

    Yields:
        One mutation per path of one outline with five segments or more.

    Example:
        >>> simplify_shape('<svg><path d="M0 0L9 0L20 5L9 20L0 20z"/></svg>', seed=0)[0]
        '<svg><path d="M0 0H20V20H0z"/></svg>'
    """
    for shape, path in _paths(svg):
        if len(path.subpaths) == 1 and len(path.segments) >= 6:
            yield from _simplified(svg, shape, path, path.subpaths[0], rng, "the shape")


@corruption(SvgProgram, SvgCategory.SHAPE)
def redraw_hole(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A hole in a shape, or a further piece of it, is a plain ellipse or rectangle.

    Yields:
        One mutation per later outline of a path, up to eight a path.

    Example:
        >>> redraw_hole('<svg><path d="M0 0H40V40zM5 5L15 6L9 15z"/></svg>', seed=0)[0]
        '<svg><path d="M0 0H40V40zM5 5H15V15H5z"/></svg>'
    """
    for shape, path in _paths(svg):
        for part in some([part for part in path.subpaths[1:] if len(part) > 2], rng):
            yield from _simplified(svg, shape, path, part, rng, "a hole or part")


@corruption(SvgProgram, SvgCategory.STRUCTURE)
def extend_pattern(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A row of equal shapes has one more of them.

    Yields:
        One mutation per three shapes or more of one size at equal distances, in one group.

    Example:
        >>> dots = "".join(f'<circle cx="{x}" cy="5" r="4"/>' for x in (10, 20, 30))
        >>> extend_pattern(f"<svg>{dots}</svg>", seed=0)[0].removeprefix(f"<svg>{dots}")
        '<g transform="translate(10 0)"><circle cx="30" cy="5" r="4"/></g></svg>'
    """
    rows: dict[tuple[object, ...], list[tuple[MarkupElement, Bounds]]] = {}
    for shape in svg.shapes:
        bounds = svg.bounds(shape)
        if shape.name in SHAPES and bounds is not None and "transform" not in shape.attributes:
            size = round(bounds[2], 3), round(bounds[3], 3)
            rows.setdefault((shape.parent, shape.name, svg.color(shape, "fill"), *size), []).append(
                (shape, bounds)
            )
    for row in rows.values():
        (last, end), (_, before), (_, first) = row[-1], row[-2 % len(row)], row[-3 % len(row)]
        right, down = end[0] - before[0], end[1] - before[1]
        even = abs(before[0] + right - end[0]) + abs(first[0] + right - before[0])
        even += abs(first[1] + down - before[1])
        step = abs(right) + abs(down)
        if len(row) < 3 or even > 0.02 * step or step < svg.units(last, LEAST):
            continue
        what = f"there are {len(row) + 1} instead of {len(row)}"
        yield svg.error(last, what, svg.copied(last, right, down))


@corruption(SvgProgram, SvgCategory.TEXT_SYMBOL)
def change_font_family(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """Letters are set in another family of type.

    Example:
        >>> change_font_family("<svg><text>SALE</text></svg>", seed=0)[0]
        '<svg><text font-family="monospace">SALE</text></svg>'
    """
    for shape in svg.shapes:
        if shape.name == "text":
            here = svg.value(shape, "font-family").lower()
            far = "serif" if "sans" in here or "mono" in here else "monospace"
            yield svg.restyled(shape, f"is set in {far}", "font-family", far)


def _paths(svg: SvgProgram) -> Iterator[tuple[MarkupElement, PathData]]:
    for shape in svg.shapes:
        if shape.name == "path" and svg.painted(shape, "fill") and svg.extent(shape) >= LEAST:
            yield shape, svg.path(shape)


def _simplified(
    svg: SvgProgram,
    shape: MarkupElement,
    path: PathData,
    part: Sequence[Segment],
    rng: Random,
    name: str,
) -> Iterator[Mutation]:
    """An outline redrawn as the ellipse or rectangle of its size, what follows left in its place."""
    points: list[Point] = [point for segment in part for point in segment.points]
    bounds = around(points)
    if bounds is None or min(bounds[2:]) < svg.units(shape, LEAST):
        return
    x, y, width, height = bounds
    kind = rng.choice(("ellipse", "rectangle"))
    middle, radii = plain(y + height / 2), f"{plain(width / 2)} {plain(height / 2)}"
    new = (
        f"M{plain(x)} {plain(y)}H{plain(x + width)}V{plain(y + height)}H{plain(x)}z"
        if kind == "rectangle"
        else f"M{plain(x)} {middle}A{radii} 0 1 1 {plain(x + width)} {middle}"
        f"A{radii} 0 1 1 {plain(x)} {middle}z"
    )
    edits = (path.replaced(part[0], part[-1], new), *path.anchored(part[0].subpath + 1))
    yield svg.error(shape, f"{name} is a plain {kind}", *edits)
