"""Lengths, boxes and transforms of SVG shapes, as far as corruptions need them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import cos, radians, sin, tan
from typing import Protocol

from corruptors.markup.elements import MarkupElement
from corruptors.svg.program.path_data import PathData, PathNumber, Point, number_list, written


class Readable(Protocol):
    """What must be known of a program to say where its shapes lie."""

    @property
    def text(self) -> str: ...

    def attribute(self, element: MarkupElement, name: str) -> float: ...

    def number(self, element: MarkupElement, name: str) -> float | None: ...

    def value(self, element: MarkupElement, name: str) -> str: ...

    def inner(self, element: MarkupElement) -> str: ...

    def path(self, element: MarkupElement) -> PathData: ...


Bounds = tuple[float, float, float, float]
"""Left, top, width, height."""

Matrix = tuple[float, float, float, float, float, float]
"""``x' = a x + c y + e``, ``y' = b x + d y + f``, in SVG's order a b c d e f."""

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

_LENGTH = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([a-z%]*)", re.IGNORECASE)
_UNITS = {
    "": 1,
    "px": 1,
    "pt": 4 / 3,
    "pc": 16,
    "mm": 96 / 25.4,
    "cm": 96 / 2.54,
    "in": 96,
    "em": 16,
}
_TRANSFORM = re.compile(r"(matrix|translate|scale|rotate|skewX|skewY)\s*\(([^)]*)\)")


def length(text: str, whole: float) -> float:
    """A length in user units; percent are of ``whole``; 0 where it is none.

    >>> length("50%", 24), length("2px", 24)
    (12.0, 2.0)
    """
    found = _LENGTH.match(text)
    if found is None:
        return 0.0
    unit = found[2].lower()
    return written(found[1]) * (whole / 100 if unit == "%" else _UNITS.get(unit, 1))


def product(outer: Matrix, inner: Matrix) -> Matrix:
    """The transform that applies ``inner`` first."""
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    return (
        a * g + c * h,
        b * g + d * h,
        a * i + c * j,
        b * i + d * j,
        a * k + c * m + e,
        b * k + d * m + f,
    )


def applied(matrix: Matrix, point: Point) -> Point:
    """A point in outer coordinates."""
    a, b, c, d, e, f = matrix
    return a * point[0] + c * point[1] + e, b * point[0] + d * point[1] + f


def transform_of(text: str) -> Matrix:
    """What a ``transform`` attribute does.

    >>> transform_of("translate(5) scale(2)")
    (2.0, 0.0, 0.0, 2.0, 5.0, 0.0)
    """
    result = IDENTITY
    for found in _TRANSFORM.finditer(text):
        values = [number.value for number in number_list(found[2], 0, len(found[2]))]
        result = product(result, _one(found[1], values))
    return result


def _one(kind: str, values: Sequence[float]) -> Matrix:
    x = values[0] if values else 0.0
    match kind:
        case "matrix" if len(values) == 6:
            return values[0], values[1], values[2], values[3], values[4], values[5]
        case "translate":
            return (1, 0, 0, 1, x, values[1] if len(values) > 1 else 0)
        case "scale":
            return (x, 0, 0, values[1] if len(values) > 1 else x, 0, 0)
        case "rotate":
            turn = (cos(radians(x)), sin(radians(x)), -sin(radians(x)), cos(radians(x)), 0, 0)
            if len(values) < 3:
                return turn
            there: Matrix = (1, 0, 0, 1, values[1], values[2])
            back: Matrix = (1, 0, 0, 1, -values[1], -values[2])
            return product(product(there, turn), back)
        case "skewX":
            return (1, 0, tan(radians(x)), 1, 0, 0)
        case "skewY":
            return (1, tan(radians(x)), 0, 1, 0, 0)
    return IDENTITY


def bounds_of(svg: Readable, element: MarkupElement) -> Bounds | None:
    """Left, top, width, height of a shape in its own coordinates; None if they are not known."""

    def at(name: str) -> float:
        return svg.attribute(element, name)

    match element.name:
        case "rect":
            return at("x"), at("y"), at("width"), at("height")
        case "circle":
            return at("cx") - at("r"), at("cy") - at("r"), 2 * at("r"), 2 * at("r")
        case "ellipse":
            return at("cx") - at("rx"), at("cy") - at("ry"), 2 * at("rx"), 2 * at("ry")
        case "line" | "path" | "polyline" | "polygon":
            return around(points_of(svg, element))
        case "text":
            height = svg.number(element, "font-size") or 16
            width = 0.55 * height * len(re.sub(r"<[^>]*>", "", svg.inner(element)).strip())
            shift = {"middle": width / 2, "end": width}.get(svg.value(element, "text-anchor"), 0)
            return at("x") - shift, at("y") - 0.8 * height, width, height
    return None


def points_of(svg: Readable, element: MarkupElement) -> Sequence[Point]:
    """The points that a line, polygon, polyline or path is written with, control points too."""
    if element.name == "path":
        return svg.path(element).points
    if element.name == "line":
        x1, y1, x2, y2 = (svg.attribute(element, name) for name in ("x1", "y1", "x2", "y2"))
        return (x1, y1), (x2, y2)
    return [(x.value, y.value) for x, y in corners_of(svg, element)]


def corners_of(svg: Readable, element: MarkupElement) -> list[tuple[PathNumber, PathNumber]]:
    """The corners of a polygon or polyline, as the two numbers that give each."""
    points = element.attributes.get("points")
    if points is None:
        return []
    numbers = number_list(svg.text, points.value_start, points.value_end)
    return list(zip(numbers[::2], numbers[1::2], strict=False))


def around(points: Sequence[Point]) -> Bounds | None:
    """Left, top, width, height of a set of points."""
    if not points:
        return None
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
