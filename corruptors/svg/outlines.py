"""Outlines of an icon's paths that are bent, cut or flattened: ``shape_error``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import hypot
from random import Random

from corruptors.corruption import corruption
from corruptors.markup.elements import MarkupElement, some
from corruptors.svg.program.path_data import PathData, Segment, plain
from corruptors.svg.program.svg_program import LEAST, SvgProgram
from records.edits import Edit, Mutation
from records.taxonomy import SvgCategory


def _paths(svg: SvgProgram) -> Iterator[tuple[MarkupElement, PathData]]:
    """Paths large enough to be seen."""
    for shape in svg.shapes:
        if shape.name == "path" and svg.path(shape).segments and svg.extent(shape) >= LEAST:
            yield shape, svg.path(shape)


_DRAWN = "MmLlHhVvCcSsQqTtAa"


def _long(segments: Sequence[Segment], commands: str, least: float) -> list[Segment]:
    """Segments of these commands that go as far as that, in user units."""
    return [one for one in segments if one.command in commands and _reach(one) >= least]


def _reach(segment: Segment) -> float:
    """How far a segment goes, in user units."""
    xs = [segment.origin[0], *(point[0] for point in segment.points)]
    ys = [segment.origin[1], *(point[1] for point in segment.points)]
    return hypot(max(xs) - min(xs), max(ys) - min(ys))


@corruption(SvgProgram, SvgCategory.SHAPE)
def move_path_point(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """One point of an outline is elsewhere; in relative data all after it move along.

    Yields:
        One mutation per end point, up to eight a path; the distance (7 to 15 % of the picture) is
        drawn.

    Example:
        >>> move_path_point('<svg><path d="M9-5.5.3.5"/></svg>', seed=0)[0]
        '<svg><path d="M9-5.5.3 7.5"/></svg>'
    """
    for shape, path in _paths(svg):
        ends = [
            segment
            for segment in path.segments
            if len(segment.numbers) >= 2 and not (segment.command in "Mm" and segment.index)
        ]
        for segment in some(ends, rng):
            step = svg.units(shape, rng.choice((0.07, 0.1, 0.15)))
            right, down = rng.choice(((1, 0), (-1, 0), (0, 1), (0, -1)))
            number = segment.numbers[-2 if right else -1]
            edit = path.with_number(number, plain(number.value + step * (right or down)))
            yield svg.error(shape, "a point of the outline has moved", edit)


@corruption(SvgProgram, SvgCategory.SHAPE)
def bend_curve(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A curve bulges too much, too little or to the wrong side; its ends stay.

    Yields:
        One mutation per Bézier segment of some size, up to eight a path.

    Example:
        >>> bend_curve('<svg><path d="M0 0C9 9 20 9 30 0"/></svg>', seed=0)[0]
        '<svg><path d="M0 0C9 9 20 31.53 30 0"/></svg>'
    """
    for shape, path in _paths(svg):
        least = svg.units(shape, 0.06)
        for segment in some(_long(path.segments, "CcSsQq", least), rng):
            number = rng.choice(segment.numbers[:-2])
            away = svg.units(shape, 0.1) + _reach(segment) * 0.4
            edit = path.with_number(number, plain(number.value + rng.choice((-1, 1)) * away))
            yield svg.error(shape, "a curve of the outline is bent", edit)


@corruption(SvgProgram, SvgCategory.SHAPE)
def straighten_curve(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A curve of an outline is a straight line.

    Yields:
        One mutation per curve that visibly leaves the straight line, up to eight a path.

    Example:
        >>> straighten_curve('<svg><path d="M0 0c0 9 9 9 9 0 0-9 9-9 9 0"/></svg>', seed=0)[0]
        '<svg><path d="M0 0c0 9 9 9 9 0 l9 0"/></svg>'
    """
    for shape, path in _paths(svg):
        visible = svg.units(shape, 0.015)
        curves = [segment for segment in path.segments if segment.bulge >= visible]
        for segment in some(curves, rng):
            x, y = (svg.text[number.start : number.end] for number in segment.numbers[-2:])
            line = f"{'l' if segment.relative else 'L'}{x} {y}"
            yield svg.error(
                shape, "a curve of the outline is straight", path.replaced(segment, segment, line)
            )


@corruption(SvgProgram, SvgCategory.SHAPE)
def straighten_outline(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """All curves of an outline are straight lines: the shape looks hewn.

    Yields:
        One mutation per path with two visible curves or more.

    Example:
        >>> straighten_outline('<svg><path d="M0 0C0 9 9 9 9 0Q15-9 20 0"/></svg>', seed=0)[0]
        '<svg><path d="M0 0L9 0L20 0"/></svg>'
    """
    for shape, path in _paths(svg):
        curves = [segment for segment in path.segments if segment.command in "CcSsQqTtAa"]
        if sum(segment.bulge >= svg.units(shape, 0.015) for segment in curves) < 2:
            continue
        edits = []
        for segment in curves:
            x, y = (svg.text[number.start : number.end] for number in segment.numbers[-2:])
            line = f"{'l' if segment.relative else 'L'}{x} {y}"
            after = path.segments[segment.index + 1 : segment.index + 2]
            # A curve that follows without its letter is rewritten too, letter and all.
            whole = path.replaced(segment, segment, line)
            if after and after[0] in curves:
                whole = Edit(whole.start, whole.end, line)
            edits.append(whole)
        yield svg.error(shape, "all curves of the outline are straight", *edits)


@corruption(SvgProgram, SvgCategory.SHAPE)
def flip_arc(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """An arc takes the other way round: it bulges inwards, or takes the long way.

    Yields:
        One or two mutations per arc of some size, up to eight arcs a path.

    Example:
        >>> flip_arc('<svg><path d="M0 0a9 9 0 0110 2"/></svg>', seed=0)[0]
        '<svg><path d="M0 0a9 9 0 1110 2"/></svg>'
    """
    for shape, path in _paths(svg):
        for segment in some(_long(path.segments, "Aa", svg.units(shape, 0.05)), rng):
            large, sweep = segment.numbers[3:5]
            flips = [(sweep, "an arc bulges to the other side")]
            # Both ways round are the same where the arc is half a circle.
            if segment.chord < 1.95 * min(abs(radius.value) for radius in segment.numbers[:2]):
                flips.append((large, "an arc takes the other way round"))
            for flag, words in flips:
                edit = Edit(flag.start, flag.end, "0" if flag.value else "1")
                yield svg.error(shape, words, edit)


@corruption(SvgProgram, SvgCategory.SHAPE)
def change_arc_radius(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """An arc is flatter than it should be.

    Yields:
        One mutation per arc of some size, up to eight a path; the factor is drawn.

    Example:
        >>> change_arc_radius('<svg><path d="M0 0a9 9 0 0110 2"/></svg>', seed=0)[0]
        '<svg><path d="M0 0a18 18 0 0110 2"/></svg>'
    """
    for shape, path in _paths(svg):
        for segment in some(path.segments, rng, most=64):
            if segment.command not in "Aa" or segment.bulge < svg.units(shape, 0.04):
                continue
            factor = rng.choice((1.5, 2, 3))
            edits = tuple(
                path.with_number(radius, plain(radius.value * factor))
                for radius in segment.numbers[:2]
            )
            yield svg.error(shape, "an arc of the outline is flatter", *edits)


@corruption(SvgProgram, SvgCategory.SHAPE)
def truncate_path(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """An outline stops early: its last segments are missing.

    Yields:
        One mutation per subpath of four segments or more, up to eight a path; a quarter to a half
        goes.

    Example:
        >>> truncate_path('<svg><path d="M0 0h40v40h-40v-9z"/></svg>', seed=0)[0]
        '<svg><path d="M0 0h40v40z"/></svg>'
    """
    for shape, path in _paths(svg):
        long = [segments for segments in path.subpaths if len(segments) >= 4]
        for segments in some(long, rng):
            closed = segments[-1].command in "Zz"
            drawn = segments[1:-1] if closed else segments[1:]
            gone = drawn[-rng.randint(max(1, len(drawn) // 4), max(1, len(drawn) // 2)) :]
            left = len(drawn) - len(gone)
            if left < (2 if closed else 1) or max(map(_reach, gone)) < svg.units(shape, 0.04):
                continue
            edits = _taken(path, gone, segments[0].subpath, keeps_pen=closed)
            yield svg.error(shape, f"the outline stops {len(gone)} segments early", *edits)


@corruption(SvgProgram, SvgCategory.SHAPE)
def drop_segment(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """One segment of an outline is left out; in relative data the rest closes up.

    Yields:
        One mutation per inner segment of some size, up to eight a path.

    Example:
        >>> drop_segment('<svg><path d="M0 0H40V40L0 20z"/></svg>', seed=0)[0]
        '<svg><path d="M0 0H40L0 20z"/></svg>'
    """
    for shape, path in _paths(svg):
        inner = [one for part in path.subpaths if len(part) >= 4 for one in part[1:-1]]
        for segment in some(_long(inner, _DRAWN, svg.units(shape, 0.06)), rng):
            yield svg.error(
                shape, "a segment of the outline is missing", path.replaced(segment, segment, "")
            )


@corruption(SvgProgram, SvgCategory.SHAPE)
def drop_subpath(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A part of a shape is missing: a piece, or a hole that is now filled.

    Yields:
        One mutation per subpath of some size, where a path has two or more of them.

    Example:
        >>> drop_subpath('<svg><path d="M0 0h40v40zm5 5h9v9z"/></svg>', seed=0)[0]
        '<svg><path d="M0 0h40v40z"/></svg>'
    """
    for shape, path in _paths(svg):
        large = [
            segments
            for segments in path.subpaths
            if max(map(_reach, segments[1:]), default=0) >= svg.units(shape, 0.04)
        ]
        if len(large) < 2:
            continue
        for segments in some(large, rng, most=12):
            edits = _taken(path, segments, segments[0].subpath, keeps_pen=False)
            yield svg.error(shape, "a part of the shape is missing", *edits)


@corruption(SvgProgram, SvgCategory.SHAPE)
def move_subpath(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A part of a shape, or a hole in it, stands beside its place.

    Yields:
        One mutation per subpath of relative commands, where a path has two or more.

    Example:
        >>> move_subpath('<svg><path d="M0 0h40v40zm5 5h9v9z"/></svg>', seed=0)[0]
        '<svg><path d="M0 0h40v40zM5 11h9v9z"/></svg>'
    """
    for shape, path in _paths(svg):
        parts = [
            segments
            for segments in path.subpaths
            if all(segment.relative or segment.command == "Z" for segment in segments[1:])
            and max(map(_reach, segments[1:]), default=0) >= svg.units(shape, 0.04)
        ]
        if len(path.subpaths) < 2:
            continue
        for segments in some(parts, rng):
            move = segments[0]
            step = svg.units(shape, rng.choice((0.06, 0.1, 0.15)))
            right, down = rng.choice(((1, 0), (-1, 0), (0, 1), (0, -1)))
            x, y = move.target[0] + step * right, move.target[1] + step * down
            start = path.replaced(move, move, f"M{plain(x)} {plain(y)}")
            yield svg.error(
                shape, "a part of the shape has moved", start, *path.anchored(move.subpath + 1)
            )


def _taken(
    path: PathData, gone: tuple[Segment, ...], subpath: int, *, keeps_pen: bool
) -> tuple[Edit, ...]:
    """Edits that take out segments in a row; what follows in other subpaths stays where it is."""
    taken = path.replaced(gone[0], gone[-1], "")
    return (taken,) if keeps_pen else (taken, *path.anchored(subpath + 1))
