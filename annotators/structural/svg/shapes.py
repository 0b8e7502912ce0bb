"""Reads an SVG scene into shapes with outlines, visible pixels and names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from annotators.structural.colors import color_name
from annotators.structural.kept import Same
from annotators.structural.svg.outlines import even, is_flat, runs_of
from annotators.structural.svg.words import form, place
from records.rows import Box, box_around
from renderers.scene import Element, Scene
from renderers.svg.scene import NOBODY, owners

T = TypeVar("T")


class OfElement(cached_property[T]):
    """What an element decides alone: read once for all shapes of it, since a reference has many candidates."""

    def __get__(self, shape: Any, owner: type | None = None) -> Any:
        if shape is None:
            return self
        known, name = shape.known, str(self.attrname)
        if name not in known:
            known[name] = self.func(shape)
        return shape.__dict__.setdefault(name, known[name])


@lru_cache(maxsize=1024)
def _known(element: Same) -> dict[str, object]:
    """Values of `OfElement` by name, kept for the next few drawings."""
    return {}


@dataclass(eq=False)
class IconShape:
    """One drawn shape of one scene."""

    index: int
    """Place in paint order."""
    element: Element
    area: int
    """Visible pixels."""
    changed: int
    """Visible pixels that differ between the two pictures."""
    changed_box: Box | None
    picture: tuple[int, int]
    """Width and height of the picture."""

    @cached_property
    def known(self) -> dict[str, object]:
        """What its element decides alone."""
        return _known(Same(self.element))

    @property
    def is_text(self) -> bool:
        return self.element.role == "text"

    @property
    def box(self) -> Box | None:
        return self.element.box

    @property
    def symbol(self) -> str:
        """`name#number` of the `use` that shows it; empty for a shape outside symbols."""
        value = self.element.data.get("symbol")
        return value if isinstance(value, str) else ""

    def look(self, name: str) -> str:
        """A style value as text; empty if there is none."""
        value = self.element.style.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> float:
        value = self.element.style.get(name)
        return float(value) if isinstance(value, int | float) else 0.0

    def numbers(self, name: str) -> list[float]:
        """A style value that is a list."""
        return _floats(self.element.style.get(name))

    def words(self, name: str) -> list[str]:
        """The texts in a style value that is a list."""
        value = self.element.style.get(name)
        return [part for part in value if isinstance(part, str)] if isinstance(value, list) else []

    def numbers_of(self, name: str) -> list[float]:
        """A data value that is a list of numbers."""
        return _floats(self.element.data.get(name))

    @OfElement
    def runs(self) -> list[NDArray[np.float64]]:
        """The separate outlines, N x 2 each, in pixels."""
        return runs_of(self.element)

    @OfElement
    def clip_runs(self) -> list[NDArray[np.float64]]:
        return runs_of(self.element, "clip")

    @OfElement
    def paint(self) -> tuple[object, ...]:
        """A key that is equal for shapes or texts with the same paint."""
        style = sorted(self.element.style.items())
        return (self.is_text, *((name, _frozen(value)) for name, value in style))

    @property
    def trace(self) -> tuple[object, ...]:
        """A key that is equal for shapes with exactly the same outline; empty for a text."""
        value = _frozen(self.element.data.get("outline"))
        return value if isinstance(value, tuple) else ()

    def outlined_as(self, other: IconShape) -> bool:
        """True if both have exactly the same outline."""
        return self.element.data.get("outline") == other.element.data.get("outline")

    @OfElement
    def filled(self) -> bool:
        return self.look("fill") != "none"

    @OfElement
    def outline(self) -> NDArray[np.float64]:
        """`SAMPLES` x 2 points, evenly spaced along all outlines; empty if there is none."""
        return self.points(closed=self.filled)

    def points(self, *, closed: bool) -> NDArray[np.float64]:
        """The same points, with outlines closed or left open."""
        known: dict[bool, NDArray[np.float64]] = self._points
        if closed not in known:
            known[closed] = even(self.runs, closed=closed)
        return known[closed]

    @OfElement
    def _points(self) -> dict[bool, NDArray[np.float64]]:
        return {}

    @OfElement
    def bounds(self) -> Box | None:
        """Box of the outline or of the letters, hidden parts included."""
        extent = self.numbers_of("extent")
        if len(extent) == 4:
            return extent[0], extent[1], extent[2], extent[3]
        if not self.runs:
            return self.box
        points = np.concatenate(self.runs)
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        return float(left), float(top), float(right), float(bottom)

    @OfElement
    def color(self) -> str:
        """Its main color: fill, else stroke, else the first gradient stop; for a line its stroke."""
        straight = bool(self.runs) and all(len(run) <= 2 for run in self.runs)
        for name in ("stroke", "fill") if straight else ("fill", "stroke"):
            value = self.look(name)
            if value.startswith("#"):
                return value
            stops = self.element.style.get(f"{name}_stops")
            if isinstance(stops, list):
                seen = (str(part) for part in stops if isinstance(part, str))
                return next((color for color in seen if color[7:] != "00"), "")
        return ""

    @OfElement
    def kind(self) -> str:
        """Circle, rectangle, line, text, ..."""
        if self.is_text:
            return "text"
        closed = self.filled or all(
            len(run) > 2 and np.hypot(*(run[0] - run[-1])) < 0.5 for run in self.runs
        )
        return form(self.outline, closed, self.runs)

    @OfElement
    def name(self) -> str:
        """Its name: "red circle", "text 'NEW'"."""
        if self.is_text:
            return f"text {self.element.text[:40]!r}"
        color = self.color
        return f"{color_name(color)} {self.kind}" if color else self.kind

    @property
    def where(self) -> str:
        """Name and place."""
        return where_all(self.name, (self,))

    @OfElement
    def key(self) -> tuple[object, ...]:
        """A key that is equal for shapes with the same paint at the same place."""
        element = self.element
        return (
            element.text,
            tuple((name, _frozen(value)) for name, value in sorted(element.style.items())),
            _frozen(element.data.get("outline")),
            _frozen(element.data.get("clip")),
            element.data.get("even_odd"),
            _frozen(element.data.get("extent")),
        )


@dataclass(eq=False)
class IconScene:
    """One side of the comparison."""

    shapes: list[IconShape]
    owner: NDArray[np.uint16]
    width_px: int
    height_px: int
    view_box: list[float]

    @classmethod
    def of(cls, scene: Scene) -> IconScene:
        """Read a scene.

        Raises:
            SceneError: its map of owners is damaged.
        """
        elements, owner, totals = _owned(Same(scene))
        size = (scene.width_px, scene.height_px)
        shapes = [
            IconShape(index, element, totals[index], 0, None, size)
            for index, element in enumerate(elements)
        ]
        view = scene.root.data.get("view_box")
        numbers = [float(cast(float, part)) for part in view] if isinstance(view, list) else []
        return cls(shapes, owner, *size, numbers)

    def as_painted(self, paints: tuple[Element, ...]) -> IconScene:
        """The same drawing with other elements for its shapes; they may be fills and their strokes."""
        elements, owner = as_shapes(paints, self.owner)
        areas = np.bincount(owner.ravel(), minlength=len(elements)).tolist()
        size = (self.width_px, self.height_px)
        shapes = [
            IconShape(at, element, areas[at], 0, None, size) for at, element in enumerate(elements)
        ]
        return replace(self, shapes=shapes, owner=owner)

    def count(self, changed: NDArray[np.intp]) -> None:
        """Record how many changed pixels, by their numbers in order, each shape owns, and where."""
        owner = self.owner.ravel()[changed]
        order = np.argsort(owner, kind="stable")  # Rows stay in order.
        owner = owner[order]
        order = order[: np.searchsorted(owner, NOBODY)]
        if not order.size:
            return
        owner = owner[: len(order)]
        rows, columns = np.divmod(changed[order], self.owner.shape[1])
        starts = np.flatnonzero(np.concatenate(([True], owner[1:] != owner[:-1])))
        lefts, rights = (
            pick.reduceat(columns, starts).tolist() for pick in (np.minimum, np.maximum)
        )
        ends = [*starts[1:].tolist(), len(owner)]
        for at, (start, end) in enumerate(zip(starts.tolist(), ends, strict=True)):
            shape = self.shapes[owner[start]]
            shape.changed = end - start
            shape.changed_box = (
                float(lefts[at]), float(rows[start]), float(rights[at] + 1), float(rows[end - 1] + 1)
            )  # fmt: skip


@lru_cache(maxsize=8)
def _owned(scene: Same) -> tuple[list[Element], NDArray[np.uint16], list[int]]:
    """Shapes of a scene, the map of their indices, and their visible pixels; kept for the next few calls."""
    icon = cast(Scene, scene.held)
    elements, owner = as_shapes(icon.root.children, owners(icon))
    return elements, owner, [cast(int, element.data.get("area", 0)) for element in elements]


def as_shapes(
    paints: tuple[Element, ...], owner: NDArray[np.uint16]
) -> tuple[list[Element], NDArray[np.uint16]]:
    """Convert paints to shapes: a fill and the following stroke along the same outline are one shape.

    It is not visible whether one element or two painted them.
    """
    shapes: list[Element] = []
    place = np.full(NOBODY + 1, NOBODY, np.uint16)
    for at, paint in enumerate(paints):
        if shapes and _completes(shapes[-1], paint):
            shapes[-1] = _completed(shapes[-1], paint)
        else:
            shapes.append(paint)
        place[at] = len(shapes) - 1
    return shapes, owner if len(shapes) == len(paints) else place.take(owner)


def _completes(fill: Element, stroke: Element) -> bool:
    """True if a stroke runs along the outline of the fill before it."""
    return (
        fill.style.get("stroke") == "none"
        and stroke.style.get("fill") == "none"
        and fill.role != "text" != stroke.role
        and bool(fill.data.get("outline"))
        and all(fill.data.get(name) == stroke.data.get(name) for name in ("outline", "clip"))
        and fill.style.get("masked") == stroke.style.get("masked")
    )


def _completed(fill: Element, stroke: Element) -> Element:
    lines = {name: value for name, value in stroke.style.items() if name != "fill"}
    if is_flat(runs_of(fill)):
        lines["fill"] = "none"
    areas = [one.data.get("area") for one in (fill, stroke)]
    area = sum(part for part in areas if isinstance(part, int))
    return fill.having(
        box=box_around((fill.box, stroke.box)),
        style={**fill.style, **lines},
        data={**fill.data, "area": area},
    )


def _floats(value: object) -> list[float]:
    if not isinstance(value, list):
        return []
    return [float(part) for part in value if isinstance(part, int | float)]


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def where_all(name: str, shapes: Sequence[IconShape]) -> str:
    """Name and place of several shapes of one name, each given once."""
    around = box_around(shape.box or shape.bounds for shape in shapes)
    if around is None:
        return name
    spot = place(around, *shapes[0].picture)
    return name if spot == "whole picture" else f"{name} at {spot}"
