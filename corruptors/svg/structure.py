"""Shapes of an icon that are lost, doubled, misplaced or in the wrong order: ``structure_error``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from random import Random

from corruptors.corruption import corruption
from corruptors.markup.elements import MarkupElement
from corruptors.svg.program.path_data import plain
from corruptors.svg.program.svg_program import LEAST, SHAPES, SvgProgram
from records.edits import Mutation
from records.taxonomy import SvgCategory


def _parts(svg: SvgProgram) -> list[MarkupElement]:
    """Shapes that are large enough to be seen."""
    return [shape for shape in svg.shapes if svg.extent(shape) >= LEAST]


def _groups(svg: SvgProgram, least: int = 1) -> Iterator[MarkupElement]:
    """Groups that paint some of the shapes, but not all."""
    for group in svg.named("g", "a", "switch"):
        inside = sum(1 for _ in svg.shapes_in(group))
        if least <= inside < len(svg.shapes):
            yield group


@corruption(SvgProgram, SvgCategory.STRUCTURE)
def drop_shape(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """One shape is missing.

    Yields:
        One mutation per shape, where there are two or more.

    Example:
        >>> drop_shape('<svg><rect width="9" height="9"/><circle r="9"/></svg>', seed=0)[0]
        '<svg><rect width="9" height="9"/></svg>'
    """
    if len(svg.shapes) < 2:
        return
    for shape in _parts(svg):
        if shape.name in SHAPES:
            yield svg.error(shape, "the shape is missing", shape.removed())


@corruption(SvgProgram, SvgCategory.STRUCTURE)
def drop_group(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A group of shapes is missing.

    Yields:
        One mutation per group of two shapes or more that is not the whole picture.

    Example:
        >>> drop_group('<svg><path d="M0 0h9v9"/><g><circle r="9"/><rect width="2" height="2"/>'
        ...     "</g></svg>", seed=0)[0]
        '<svg><path d="M0 0h9v9"/></svg>'
    """
    for group in _groups(svg, least=2):
        inside = list(svg.shapes_in(group))
        if all(shape.name == "text" for shape in inside):
            continue  # Words that are missing: `drop_text_element`.
        count = len(inside)
        yield svg.error(group, f"a group of {count} shapes is missing", group.removed())


@corruption(SvgProgram, SvgCategory.STRUCTURE)
def drop_half(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """The drawing stops early: a third to a half of its shapes, the last ones, are missing.

    Yields:
        One mutation, where there are six shapes or more.

    Example:
        >>> six = "".join(f'<circle cx="{at}" r="9"/>' for at in range(6))
        >>> drop_half(f"<svg>{six}</svg>", seed=1)[0].count("circle")
        4
    """
    shapes = [shape for shape in svg.shapes if shape.name in SHAPES]
    if len(shapes) >= 6:
        gone = rng.randint(len(shapes) // 3, len(shapes) // 2)
        edits = tuple(shape.removed() for shape in shapes[-gone:])
        words = f"{gone} of {len(shapes)} shapes are missing"
        yield Mutation(edits, "the shapes drawn last", words)


@corruption(SvgProgram, SvgCategory.STRUCTURE)
def double_shape(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape is there twice, the copy a little to one side.

    Example:
        >>> double_shape('<svg><circle r="9"/></svg>', seed=0)[0]
        '<svg><circle r="9"/><g transform="translate(-15 -15)"><circle r="9"/></g></svg>'
    """
    for shape in _parts(svg):
        above = svg.elements[shape.parent] if shape.parent >= 0 else svg.root
        step = svg.units(above, rng.choice((0.12, 0.15, 0.2)))
        right, down = rng.choice(((1, 1), (-1, 1), (1, -1), (-1, -1), (1, 0), (0, 1)))
        copy = svg.copied(shape, step * right, step * down)
        yield svg.error(shape, "the shape is there twice", copy)


@corruption(SvgProgram, SvgCategory.STRUCTURE)
def swap_paint_order(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """Two neighboring shapes are drawn in the wrong order, so one hides the other.

    Whether they overlap in full shows only in the render; an unchanged picture is rejected there.

    Example:
        >>> swap_paint_order('<svg><rect width="4" height="4"/><circle r="3" fill="red"/></svg>', seed=0)[0]
        '<svg><circle r="3" fill="red"/><rect width="4" height="4"/></svg>'
    """
    neighbors = (pair for row in _rows(svg, "g", "a") for pair in pairwise(row))
    for lower, upper in neighbors:
        if _overlap(svg, lower, upper):
            words = f"the {svg.where(lower)} is drawn over it, not under it"
            yield svg.error(upper, words, *svg.exchanged(lower, upper))


@corruption(SvgProgram, SvgCategory.STRUCTURE)
def send_to_back(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape is drawn before all its siblings, so they hide it.

    Yields:
        One mutation per shape with two or more others before it in its group, one of them over it.

    Example:
        >>> picture = '<svg><rect width="4" height="4"/><rect width="3" height="3"/><circle r="4" fill="red"/>'
        >>> send_to_back(picture + "</svg>", seed=0)[0].find("circle")
        6
    """
    for row in _rows(svg, "g"):
        for at, shape in enumerate(row[2:], start=2):
            if any(_overlap(svg, lower, shape) for lower in row[:at]):
                edits = row[0].before(svg.source(shape)), shape.removed()
                yield svg.error(shape, "drawn first, so that others hide it", *edits)


def _rows(svg: SvgProgram, *names: str) -> Iterator[list[MarkupElement]]:
    """Shapes and groups that follow each other in the picture itself or in an element so named."""
    for parent in (svg.root, *svg.named(*names)):
        yield [one for one in svg.children(parent) if svg.shows(one) or one.name == "g"]


def _overlap(svg: SvgProgram, first: MarkupElement, second: MarkupElement) -> bool:
    """True if it shows which of two things is drawn last, as far as it is known."""
    one, other = svg.box(first), svg.box(second)
    if one is None or other is None:
        return True
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    least = 0.02 * svg.size
    return min(wide, high) > least and _looks(svg, first) != _looks(svg, second)


def _looks(svg: SvgProgram, element: MarkupElement) -> frozenset[str]:
    """All paints of a shape or group."""
    inside = [element, *svg.shapes_in(element)] if element.name == "g" else [element]
    return frozenset(
        svg.value(shape, name)
        for shape in inside
        if svg.shows(shape)
        for name in ("fill", "stroke", "opacity")
        if name == "opacity" or svg.painted(shape, name)
    )


@corruption(SvgProgram, SvgCategory.STRUCTURE)
def drop_group_transform(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A group has lost its transform and stands elsewhere, at another size or angle.

    Yields:
        One mutation per ``transform`` of a group of two shapes or more.

    Example:
        >>> drop_group_transform('<svg><g transform="scale(2)"><circle r="9"/><path d="M0 0h9v9"/></g></svg>', seed=0)[0]
        '<svg><g><circle r="9"/><path d="M0 0h9v9"/></g></svg>'
    """
    for group in svg.named("g"):
        transform = group.attributes.get("transform")
        if transform is not None and sum(one.name in SHAPES for one in svg.shapes_in(group)) > 1:
            yield svg.error(group, f"drawn without {transform.value}", transform.removed())


@corruption(SvgProgram, SvgCategory.STRUCTURE)
def move_group(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A whole group stands in the wrong place.

    Yields:
        One mutation per group of two shapes or more that is not the whole picture; the direction
        is drawn.

    Example:
        >>> move_group('<svg><rect/><g><circle r="9"/><rect/></g></svg>', seed=0)[0]
        '<svg><rect/><g transform="translate(0 -15)"><circle r="9"/><rect/></g></svg>'
    """
    for group in _groups(svg, least=2):
        step = svg.units(group, rng.choice((0.1, 0.15, 0.2)))
        right, down, words = rng.choice(_DIRECTIONS)
        change = f"translate({plain(step * right)} {plain(step * down)})"
        yield svg.error(group, f"the group has moved {words}", svg.moved(group, change))


_DIRECTIONS = (
    (1, 0, "to the right"), (-1, 0, "to the left"), (0, 1, "down"), (0, -1, "up"),
    (1, 1, "down to the right"), (-1, -1, "up to the left"),
)  # fmt: skip


@corruption(SvgProgram, SvgCategory.STRUCTURE)
def shift_view_box(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """The whole drawing is shifted, and one side of it may be cut off.

    Example:
        >>> shift_view_box('<svg viewBox="0 0 24 24"><circle r="9"/></svg>', seed=0)[0]
        '<svg viewBox="0 2.4 24 24"><circle r="9"/></svg>'
    """
    left, top, width, height = svg.view_box
    step = rng.choice((0.08, 0.1, 0.15))
    right, down, words = rng.choice(_DIRECTIONS)
    shifted = (left - step * right * width, top - step * down * height, width, height)
    yield _with_view_box(svg, shifted, f"shifted {words}")


@corruption(SvgProgram, SvgCategory.SHAPE)
def zoom_view_box(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """The whole drawing is too large for its frame, or too small.

    Example:
        >>> zoom_view_box('<svg viewBox="0 0 24 24"><circle r="9"/></svg>', seed=0)[0]
        '<svg viewBox="-4.8 -4.8 33.6 33.6"><circle r="9"/></svg>'
    """
    left, top, width, height = svg.view_box
    factor = rng.choice((0.75, 0.85, 1.25, 1.4))
    grown = width * factor, height * factor
    box = left - (grown[0] - width) / 2, top - (grown[1] - height) / 2, *grown
    words = "larger, its edges cut off" if factor < 1 else "smaller"
    yield _with_view_box(svg, box, f"drawn {abs(100 / factor - 100):.0f} % {words}")


def _with_view_box(svg: SvgProgram, box: tuple[float, ...], words: str) -> Mutation:
    edit = svg.root.written("viewBox", " ".join(map(plain, box)))
    return Mutation((edit,), "whole picture", words)
