"""Path data as characters: every command and number of a ``d`` attribute with its span.

The grammar is SVG's own, minified forms included: ``M10-5.5.3z``, flags run together as in
``a1 1 0 0110 2``, repeated commands without their letter. As in a browser, data after a mistake
is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import atan2, hypot, pi

from records.edits import Edit

Point = tuple[float, float]

FARTHEST = 1e9
"""Largest number that counts. Cairo's coordinates end at 2^23 (24 bits before the point)."""


@dataclass(frozen=True, slots=True)
class PathNumber:
    """One number of a path, a points list or a transform: ``text[start:end]``."""

    start: int
    end: int
    value: float
    flag: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """One command with one set of numbers; ``text[start:end]`` covers both."""

    index: int
    command: str
    """As it takes effect: the pairs after ``m`` are ``l``."""
    explicit: bool
    """The letter is written here, not taken over from the segment before."""
    start: int
    end: int
    numbers: tuple[PathNumber, ...]
    subpath: int
    origin: Point
    """Absolute position where the pen is before."""
    points: tuple[Point, ...]
    """Absolute control points and the end point; an arc has only its end point."""

    @property
    def target(self) -> Point:
        """Absolute position where the pen is after."""
        return self.points[-1]

    @property
    def relative(self) -> bool:
        return self.command.islower()

    @property
    def chord(self) -> float:
        """Distance between its ends."""
        return hypot(self.target[0] - self.origin[0], self.target[1] - self.origin[1])

    @property
    def bulge(self) -> float:
        """How far the curve may leave the straight line between its ends, in user units."""
        if self.command in "Aa":
            return min(self.chord / 2, max(self.numbers[0].value, self.numbers[1].value))
        return max(
            (off_line(point, self.origin, self.target) for point in self.points[:-1]), default=0
        )

    @property
    def headings(self) -> tuple[float, float] | None:
        """Direction at its start and at its end, in radians; None for arcs and for no length."""
        if self.command in "AaMm":
            return None
        line = [self.origin, *(point for point in self.points if point != self.origin)]
        if len(line) < 2:
            return None
        before = next((point for point in reversed(line) if point != self.target), self.origin)
        if before == self.target:
            return None
        return _heading(self.origin, line[1]), _heading(before, self.target)


@dataclass(frozen=True)
class PathData:
    """The segments of one ``d`` attribute of a text."""

    text: str
    segments: tuple[Segment, ...]

    @classmethod
    def read(cls, text: str, start: int, end: int) -> PathData:
        """Segments of the path data at ``text[start:end]``.

        Example:
            >>> data = "m10-5.5.3.5a1 1 0 0110 2z"
            >>> for segment in PathData.read(data, 0, len(data)).segments:
            ...     print(segment.command, data[segment.start : segment.end], segment.target)
            m m10-5.5 (10.0, -5.5)
            l .3.5 (10.3, -5.0)
            a a1 1 0 0110 2 (20.3, -3.0)
            z z (10.0, -5.5)
        """
        return cls(text, tuple(_segments(text, start, end)))

    @cached_property
    def subpaths(self) -> tuple[tuple[Segment, ...], ...]:
        """Segments by subpath."""
        found: dict[int, list[Segment]] = {}
        for segment in self.segments:
            found.setdefault(segment.subpath, []).append(segment)
        return tuple(tuple(segments) for segments in found.values())

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """All absolute points, control points included."""
        return tuple(point for segment in self.segments for point in segment.points)

    @cached_property
    def corners(self) -> int:
        """Places where the outline turns by 35 degrees or more."""
        count = 0
        for before, after in pairwise(self.segments):
            first, second = before.headings, after.headings
            if first is not None and second is not None and before.subpath == after.subpath:
                turn = abs((second[0] - first[1] + pi) % (2 * pi) - pi)
                count += turn >= pi * 35 / 180
        return count

    @cached_property
    def open_ends(self) -> tuple[Point, ...]:
        """Both ends of each subpath that does not come back to where it starts."""
        ends: list[Point] = []
        for part in self.subpaths:
            start, end = part[0].target, part[-1].target
            size = max(hypot(x - start[0], y - start[1]) for s in part for x, y in s.points)
            if hypot(end[0] - start[0], end[1] - start[1]) > 0.05 * size:
                ends += (start, end)
        return tuple(ends)

    def with_number(self, number: PathNumber, value: str) -> Edit:
        """The edit that writes another number, kept apart from its neighbors."""
        return separated(self.text, number.start, number.end, value)

    def replaced(self, first: Segment, last: Segment, new: str) -> Edit:
        """The edit that writes ``new`` for the segments from ``first`` to ``last``.

        A following segment that took its letter over gets it written out.
        """
        letter = ""
        if last.index + 1 < len(self.segments):
            after = self.segments[last.index + 1]
            letter = "" if after.explicit else after.command
        return Edit(first.start, last.end, new + letter)

    def anchored(self, subpath: int) -> tuple[Edit, ...]:
        """Edits that let a subpath start where it does now, whatever becomes of those before."""
        if subpath >= len(self.subpaths):
            return ()
        move = self.subpaths[subpath][0]
        if not move.relative:
            return ()
        x, y = move.target
        return (self.replaced(move, move, f"M{plain(x)} {plain(y)}"),)


def written(text: str) -> float:
    """The value of a number; beyond `FARTHEST` it is that, for no picture shows the difference.

    >>> written("1e999"), written("-2.5")
    (1000000000.0, -2.5)
    """
    return max(-FARTHEST, min(FARTHEST, float(text)))


def plain(value: float) -> str:
    """A number as people write it in path data: two to four decimals, no trailing zeros.

    >>> plain(2.50000001), plain(-0.00001), plain(12.3456)
    ('2.5', '0', '12.35')
    """
    decimals = 2 if abs(value) >= 10 else 3 if abs(value) >= 1 else 4
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def separated(text: str, start: int, end: int, new: str) -> Edit:
    """The edit that writes ``new``, with spaces where digits on either side would join it.

    >>> separated("5.5.3z", 3, 5, "7")
    Edit(start=3, end=5, new=' 7')
    """
    before, after = text[start - 1 : start], text[end : end + 1]
    joins = "0123456789."
    lead = " " if before and before in joins and new[:1] not in "-+ " else ""
    trail = " " if after and after in joins and new else ""
    return Edit(start, end, lead + new + trail)


def number_list(text: str, start: int, end: int) -> tuple[PathNumber, ...]:
    """The numbers of a points list, a ``viewBox`` or the arguments of a transform."""
    return tuple(
        PathNumber(found.start(), found.end(), written(found[0]))
        for found in _NUMBER.finditer(text, start, end)
    )


_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_FLAG = re.compile(r"[01]")
_GAP = re.compile(r"[\s,]*")
_ARITY = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "t": 2, "a": 7, "z": 0}


def _segments(text: str, start: int, end: int) -> Iterator[Segment]:
    at, command, index, subpath = start, "", 0, -1
    pen: Point = (0.0, 0.0)
    home: Point = (0.0, 0.0)
    while True:
        at = _after_gap(text, at, end)
        if at >= end:
            return
        begin, explicit = at, text[at].isalpha()
        if explicit:
            command = text[at]
            if command.lower() not in _ARITY or (index == 0 and command not in "Mm"):
                return
            at += 1
        elif command in ("", "Z", "z"):
            return
        read = _read_numbers(text, at, end, command)
        if read is None:
            return
        numbers, at = read
        if command in "Mm":
            subpath += 1
        points = _points(command, [number.value for number in numbers], pen, home)
        yield Segment(index, command, explicit, begin, at, numbers, max(subpath, 0), pen, points)
        pen = points[-1]
        if command in "Mm":
            home = pen
            command = "L" if command == "M" else "l"
        elif command in "Zz" and not text[at : at + 1].isalpha():
            # What follows a closed subpath without a letter is a mistake.
            command = "z"
        index += 1


def _after_gap(text: str, at: int, end: int) -> int:
    gap = _GAP.match(text, at, end)
    return gap.end() if gap else at


def _read_numbers(
    text: str, at: int, end: int, command: str
) -> tuple[tuple[PathNumber, ...], int] | None:
    numbers = []
    for position in range(_ARITY[command.lower()]):
        flag = command in "Aa" and position in (3, 4)
        found = (_FLAG if flag else _NUMBER).match(text, _after_gap(text, at, end), end)
        if found is None:
            return None
        numbers.append(PathNumber(found.start(), found.end(), written(found[0]), flag))
        at = found.end()
    return tuple(numbers), at


def _points(command: str, values: Sequence[float], pen: Point, home: Point) -> tuple[Point, ...]:
    dx, dy = pen if command.islower() else (0.0, 0.0)
    match command.lower():
        case "z":
            return (home,)
        case "h":
            return ((values[0] + dx, pen[1]),)
        case "v":
            return ((pen[0], values[0] + dy),)
        case "a":
            return ((values[5] + dx, values[6] + dy),)
    return tuple((x + dx, y + dy) for x, y in zip(values[::2], values[1::2], strict=True))


def _heading(start: Point, end: Point) -> float:
    return atan2(end[1] - start[1], end[0] - start[0])


def off_line(point: Point, start: Point, end: Point) -> float:
    """Distance of a point from the line through two others."""
    length = hypot(end[0] - start[0], end[1] - start[1])
    if length == 0:
        return hypot(point[0] - start[0], point[1] - start[1])
    across = (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (
        point[0] - start[0]
    )
    return abs(across) / length
