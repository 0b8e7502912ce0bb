"""Icons as characters: shapes, properties and places of an SVG, with exact spans."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import hypot, sqrt
from typing import Self
from xml.parsers import expat

from corruptors.markup.elements import MarkupElement, MarkupProgram, quoted
from corruptors.markup.reader import read_markup
from corruptors.svg.program.colors import Color, color_name, color_of
from corruptors.svg.program.css import Declaration, Rule, as_declaration, declarations, rules_of
from corruptors.svg.program.geometry import (
    IDENTITY,
    Bounds,
    Matrix,
    applied,
    around,
    bounds_of,
    length,
    product,
    transform_of,
)
from corruptors.svg.program.path_data import PathData, number_list, plain
from records.edits import Edit, Mutation
from records.errors import CodeParseError

SHAPES = frozenset(("path", "rect", "circle", "ellipse", "line", "polyline", "polygon"))
LEAST = 0.03
"""Shapes and details of a smaller share of the picture are left alone: nobody would miss them."""
_HIDDEN = frozenset(
    ["clipPath", "defs", "desc", "filter", "linearGradient", "marker", "mask", "metadata", "pattern",
     "radialGradient", "script", "style", "symbol", "title"]
)  # fmt: skip
_INHERITED = re.compile(r"fill|stroke|font|text-anchor|color$|visibility|clip-rule|marker")
_INITIAL = {
    "fill": "black", "stroke": "none", "stroke-width": "1", "opacity": "1", "fill-opacity": "1",
    "stroke-opacity": "1", "stroke-linecap": "butt", "stroke-linejoin": "miter",
    "stroke-dasharray": "none", "fill-rule": "nonzero", "font-size": "16", "font-weight": "normal",
    "text-anchor": "start", "color": "black",
}  # fmt: skip


def target(element: MarkupElement) -> str:
    """Id of the element that a ``use`` or a gradient refers to."""
    return (element.attribute("href") or element.attribute("xlink:href")).lstrip("#")


@dataclass(frozen=True)
class SvgProgram(MarkupProgram):
    """An SVG document; element names keep their case."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The elements of an SVG.

        Raises:
            CodeParseError: not well-formed XML, or its root is no ``svg``.

        Example:
            >>> svg = SvgProgram.parse('<svg><g fill="red"><circle r="4"/></g></svg>')
            >>> [(shape.name, svg.value(shape, "fill")) for shape in svg.shapes]
            [('circle', 'red')]
        """
        parser = expat.ParserCreate("utf-8")
        try:
            parser.Parse(text.encode("utf-8", "surrogatepass"), True)
        except expat.ExpatError as error:
            raise CodeParseError("not_xml", str(error)) from error
        elements, runs = read_markup(text, html=False)
        if not elements or elements[0].name.rpartition(":")[2] != "svg":
            name = elements[0].name if elements else "nothing"
            raise CodeParseError("not_svg", f"the root element is {name}, not svg")
        return cls(text, elements, runs)

    @property
    def root(self) -> MarkupElement:
        return self.elements[0]

    def attribute(self, element: MarkupElement, name: str) -> float:
        """A length in user units, percent of the view box included; 0 if it is not given."""
        _, _, width, height = self.view_box
        whole = hypot(width, height) / 1.4142
        if name in ("x", "cx", "width"):
            whole = width
        elif name in ("y", "cy", "height"):
            whole = height
        return length(element.attribute(name, "0"), whole)

    @cached_property
    def view_box(self) -> Bounds:
        """Left, top, width, height of what is shown, in user units."""
        written = self.root.attributes.get("viewBox")
        if written is not None:
            numbers = number_list(self.text, written.value_start, written.value_end)
            if len(numbers) == 4 and numbers[2].value > 0 and numbers[3].value > 0:
                return numbers[0].value, numbers[1].value, numbers[2].value, numbers[3].value
        width = length(self.root.attribute("width", "100"), 100) or 100
        height = length(self.root.attribute("height", "100"), 100) or 100
        return 0.0, 0.0, width, height

    @property
    def size(self) -> float:
        """The longer side of what is shown, in user units."""
        return max(self.view_box[2:])

    @cached_property
    def _rules(self) -> tuple[Rule, ...]:
        return rules_of(self)

    @cached_property
    def has_rules(self) -> bool:
        """True if a ``<style>`` may decide over attributes."""
        return bool(self._rules)

    @cached_property
    def identified(self) -> dict[str, MarkupElement]:
        """Elements by id."""
        return {element.attribute("id"): element for element in self.elements}

    def declared(self, element: MarkupElement, name: str) -> Declaration | None:
        """Where a property is set for this very element: style before rules before attribute."""
        style = element.attributes.get("style")
        if style is not None:
            own = declarations(style.value_start, style.value)
            found = [one for one in own if one.name == name]
            if found:
                return found[-1]
        best: tuple[int, Declaration] | None = None
        for rule in self._rules:
            weight = rule.weight(element)
            for one in rule.declarations:
                if weight and one.name == name and (best is None or weight >= best[0]):
                    best = (weight, one)
        if best is not None:
            return best[1]
        attribute = element.attributes.get(name)
        return as_declaration(attribute) if attribute is not None else None

    def value(self, element: MarkupElement, name: str) -> str:
        """A property as it takes effect, inherited or initial where it is not set."""
        found = self.declared(element, name)
        if found is not None and found.value.strip() != "inherit":
            return found.value.replace("!important", "").strip()
        if _INHERITED.match(name):
            for above in self.ancestors(element):
                found = self.declared(above, name)
                if found is not None and found.value.strip() != "inherit":
                    return found.value.replace("!important", "").strip()
        return _INITIAL.get(name, "")

    def number(self, element: MarkupElement, name: str) -> float:
        """A property that is a length, in user units."""
        return length(self.value(element, name), hypot(*self.view_box[2:]) / 1.4142)

    def set(self, element: MarkupElement, name: str, value: str) -> Edit:
        """The edit that gives this one element a property, whatever else says about it."""
        found = self.declared(element, name)
        if found is not None and self.owns(element, found):
            return found.replaced(value)
        style = element.attributes.get("style")
        if style is not None:
            gap = "" if not style.value.strip() or style.value.rstrip().endswith(";") else ";"
            return style.replaced(f"{style.value}{gap}{name}:{value}")
        if found is not None or self.has_rules:
            return element.inserted("style", f"{name}:{value}")
        return element.inserted(name, quoted(value))

    def set_all(self, element: MarkupElement, values: Mapping[str, str]) -> tuple[Edit, ...]:
        """The edits that give an element several properties at once."""
        edits = {name: self.set(element, name, value) for name, value in values.items()}
        missing = [name for name in edits if edits[name].start == edits[name].end]
        style = element.attributes.get("style")
        if len(missing) < 2 and style is None:
            return tuple(edits.values())
        # All that goes to one place goes there as one edit.
        if style is None and not self.has_rules:
            new = "".join(f' {name}="{quoted(values[name])}"' for name in missing)
            kept = [edits[name] for name in edits if name not in missing]
            return (*kept, Edit(element.name_end, element.name_end, new))
        before = style.value.strip() if style is not None else ""
        gone = {name.lower() for name in values}
        kept_css = [
            f"{one.name}:{one.value}" for one in declarations(0, before) if one.name not in gone
        ]
        css = ";".join((*kept_css, *(f"{name}:{value}" for name, value in values.items())))
        return (element.inserted("style", css) if style is None else style.replaced(css),)

    def owns(self, element: MarkupElement, found: Declaration) -> bool:
        """True if a declaration stands in an element's own tag, not in a rule for many."""
        return element.start <= found.start < element.inner_start

    def painters(self, name: str) -> Iterator[tuple[MarkupElement, Color]]:
        """Groups, or the picture, that set a plain fill or stroke for two shapes or more."""
        for element in self.named("svg", "g"):
            found = self.declared(element, name)
            color = self.as_color(found.value, element) if found is not None else None
            if color is None:
                continue
            heirs = [
                shape
                for shape in self.shapes_in(element)
                if self.painted(shape, name) and self.color(shape, name) == color
            ]
            if len(heirs) > 1:
                yield element, color

    def color(self, element: MarkupElement, name: str) -> Color | None:
        """A fill or stroke as a color; None for ``none``, gradients and patterns."""
        return self.as_color(self.value(element, name), element)

    def as_color(self, value: str, element: MarkupElement | None = None) -> Color | None:
        """Any way to write a color, as red, green and blue."""
        if value.strip().lower() == "currentcolor":
            own = self.value(element, "color") if element is not None else "black"
            value = "black" if own.strip().lower() == "currentcolor" else own
        return color_of(value)

    def painted(self, element: MarkupElement, name: str) -> bool:
        """True if a fill or stroke shows at all."""
        value = self.value(element, name).lower()
        if value in ("none", "transparent", "") or self.number(element, f"{name}-opacity") == 0:
            return False
        return name != "stroke" or self.number(element, "stroke-width") > 0

    @cached_property
    def shapes(self) -> tuple[MarkupElement, ...]:
        """Elements that paint something: shapes, texts, uses; in paint order.

        What stands in ``defs`` or ``symbol`` counts where a ``use`` shows it.
        """
        return tuple(
            element
            for element in self.elements
            if element.name in SHAPES | {"text", "use"} and self._shows(element)
        )

    def shows(self, element: MarkupElement) -> bool:
        """True for one of `shapes`."""
        return element.index in self._shown

    @cached_property
    def _shown(self) -> frozenset[int]:
        return frozenset(shape.index for shape in self.shapes)

    def shapes_in(self, element: MarkupElement) -> Iterator[MarkupElement]:
        """Painting elements below another."""
        return (one for one in self.shapes if element.start < one.start < element.end)

    @cached_property
    def _used(self) -> frozenset[str]:
        return frozenset(map(target, self.named("use")))

    def _shows(self, element: MarkupElement) -> bool:
        used = element.attribute("id") in self._used
        for above in self.ancestors(element):
            used = used or above.attribute("id", "\0") in self._used
            if above.name in _HIDDEN and not (above.name in ("defs", "symbol") and used):
                return False
            if self.value(above, "display") == "none":
                return False
        if self.value(element, "display") == "none" or self.number(element, "opacity") == 0:
            return False
        if self.value(element, "visibility") in ("hidden", "collapse"):
            return False
        if element.name == "use":
            return target(element) in self.identified
        if element.name == "text" and not self.inner(element).strip():
            return False
        return self.painted(element, "stroke") or (
            element.name != "line" and self.painted(element, "fill")
        )

    def path(self, element: MarkupElement) -> PathData:
        """The segments of a path; none where it has no data."""
        return self._paths[element.index]

    @cached_property
    def _paths(self) -> dict[int, PathData]:
        found = {}
        for element in self.named("path"):
            data = element.attributes.get("d")
            span = (data.value_start, data.value_end) if data is not None else (0, 0)
            found[element.index] = PathData.read(self.text, *span)
        return found

    def bounds(self, element: MarkupElement) -> Bounds | None:
        """Left, top, width, height of a shape in its own coordinates, strokes not counted.

        Control points count as if they were on the curve; None if a ``use`` or an empty shape
        leaves it open.
        """
        return bounds_of(self, element)

    def matrix(self, element: MarkupElement) -> Matrix:
        """From an element's coordinates to those of the view box."""
        result = IDENTITY
        for one in (*reversed(list(self.ancestors(element))), element):
            result = product(result, transform_of(one.attribute("transform")))
        return result

    def box(self, element: MarkupElement) -> Bounds | None:
        """Box of a shape or group in the coordinates of the view box; None if not known."""
        inside = [element, *self.shapes_in(element)] if element.name == "g" else [element]
        corners = []
        for one in inside:
            bounds = self.bounds(one)
            if bounds is not None:
                matrix, (left, top, width, height) = self.matrix(one), bounds
                xs, ys = (left, left + width), (top, top + height)
                corners += [applied(matrix, (x, y)) for x in xs for y in ys]
        return around(corners)

    def scale(self, element: MarkupElement) -> float:
        """How many units of the view box one unit of an element's coordinates is."""
        a, b, c, d, _, _ = self.matrix(element)
        return sqrt(abs(a * d - b * c)) or 1.0

    def extent(self, element: MarkupElement) -> float:
        """Longer side of a shape as a share of the picture's; 1 where it is not known."""
        bounds = self.bounds(element)
        if bounds is None:
            return 1.0
        return max(bounds[2:]) * self.scale(element) / self.size

    def units(self, element: MarkupElement, share: float) -> float:
        """A share of the picture's longer side, in an element's own units."""
        return share * self.size / self.scale(element)

    def moved(self, element: MarkupElement, change: str) -> Edit:
        """The edit that applies one more transform, in the element's own coordinates."""
        now = element.attribute("transform")
        return element.written("transform", f"{now} {change}".strip())

    def shifted(self, element: MarkupElement, name: str, step: float) -> Edit:
        """The edit that adds to a coordinate, given in the element's own units."""
        return element.written(name, plain(self.attribute(element, name) + step))

    def copied(self, element: MarkupElement, right: float, down: float) -> Edit:
        """The edit that draws an element once more, so much aside in its parent's units."""
        group = f'<g transform="translate({plain(right)} {plain(down)})">'
        return element.after(f"{group}{self.source(element)}</g>")

    def error(self, element: MarkupElement, words: str, *edits: Edit) -> Mutation:
        """An error of one element, which a viewer is told by its look and place."""
        return Mutation(edits, self.where(element), words)

    def restyled(self, element: MarkupElement, words: str, name: str, value: str) -> Mutation:
        """The error that one element has a wrong value of a property."""
        where = "whole picture" if element is self.root else self.where(element)
        return Mutation((self.set(element, name, value),), where, words)

    def where(self, element: MarkupElement) -> str:
        """How a person would name a shape: what it is, its color, and where it stands.

        >>> svg = SvgProgram.parse('<svg viewBox="0 0 9 9"><circle cx="8" cy="8" r="1"/></svg>')
        >>> svg.where(svg.shapes[0])
        'black circle at the lower right'
        """
        noun = {"path": "shape", "rect": "rectangle", "g": "group", "use": "symbol"}
        name = noun.get(element.name, element.name)
        if element.name in SHAPES | {"text"}:
            paint = "fill" if self.painted(element, "fill") and element.name != "line" else "stroke"
            color = self.color(element, paint)
            name = f"{color_name(color)} {name}" if color is not None else name
        return f"{name}{self.place(element)}"

    def place(self, element: MarkupElement) -> str:
        """`` at the upper left``, for the middle of a shape or group; empty if not known."""
        box = self.box(element)
        if box is None:
            return ""
        left, top, width, height = self.view_box
        x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
        column = min(2, max(0, int((x - left) / width * 3)))
        row = min(2, max(0, int((y - top) / height * 3)))
        return _PLACES[row][column]


_PLACES = (
    (" at the upper left", " at the top", " at the upper right"),
    (" at the left", " in the middle", " at the right"),
    (" at the lower left", " at the bottom", " at the lower right"),
)
