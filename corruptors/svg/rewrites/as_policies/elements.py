"""Icons in other elements: what one element draws is drawn by two, or by way of another element."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from random import Random

from corruptors.markup.elements import MarkupElement
from corruptors.rewrite import rewrite
from corruptors.svg.program.geometry import around
from corruptors.svg.program.svg_program import SvgProgram
from records.edits import Edit, Mutation

_SUBPATH = re.compile(r"(?=M)")


def _plain(svg: SvgProgram, shape: MarkupElement) -> bool:
    """True for a shape that nothing refers to and that nothing is inside of."""
    alone = "id" not in shape.attributes and not svg.inner(shape).strip()
    return alone and not svg.has_rules and "style" not in shape.attributes


def _with(svg: SvgProgram, shape: MarkupElement, name: str, value: str) -> str:
    """The source of a shape with one attribute set."""
    edit = shape.written(name, value)
    return svg.text[shape.start : edit.start] + edit.new + svg.text[edit.end : shape.end]


@rewrite(SvgProgram)
def split_fill_and_stroke(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """Fill and outline of a shape are two elements, one over the other.

    Example:
        >>> split_fill_and_stroke('<svg><circle r="9" stroke="red"/></svg>', seed=0)[0]
        '<svg><circle r="9" stroke="none"/><circle fill="none" r="9" stroke="red"/></svg>'
    """
    for shape in svg.shapes:
        if not _plain(svg, shape) or "opacity" in shape.attributes:
            continue
        if "none" in (svg.value(shape, "fill"), svg.value(shape, "stroke")):
            continue
        filled = _with(svg, shape, "stroke", "none")
        outlined = _with(svg, shape, "fill", "none")
        yield shape.rewritten("fill and outline apart", shape.replaced(filled + outlined))


@rewrite(SvgProgram)
def split_path(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """The parts of a path that stand apart are paths of their own.

    Example:
        >>> split_path('<svg><path d="M0 0h2v2zM5 5h2v2z"/></svg>', seed=0)[0]
        '<svg><path d="M0 0h2v2z"/><path d="M5 5h2v2z"/></svg>'
    """
    for shape in svg.shapes:
        data = shape.attribute("d")
        parts = [part for part in _SUBPATH.split(data) if part.strip()]
        if shape.name == "path" and _plain(svg, shape) and len(parts) > 1 and _apart(svg, shape):
            apart = "".join(_with(svg, shape, "d", part.strip()) for part in parts)
            yield shape.rewritten("parts apart", shape.replaced(apart))


def _apart(svg: SvgProgram, shape: MarkupElement) -> bool:
    """True if no part of a path reaches into the box of another: it is neither a hole nor crossed."""
    boxes = [
        around([point for segment in part for point in segment.points])
        for part in svg.path(shape).subpaths
    ]
    gap = svg.number(shape, "stroke-width") if svg.painted(shape, "stroke") else 0.0
    known = [box for box in boxes if box is not None]
    return len(known) == len(boxes) and all(
        any(
            one[at] + one[at + 2] + gap < other[at] or other[at] + other[at + 2] + gap < one[at]
            for at in (0, 1)
        )
        for one, other in combinations(known, 2)
    )


@rewrite(SvgProgram)
def draw_by_use(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape is defined once and shown by ``use``.

    Example:
        >>> draw_by_use('<svg><circle r="9"/></svg>', seed=0)[0]
        '<svg><defs><circle id="drawn0" r="9"/></defs><use href="#drawn0"/></svg>'
    """
    for number, shape in enumerate(svg.shapes):
        if _plain(svg, shape):
            name = f"drawn{number}"
            shown = f'<defs>{_with(svg, shape, "id", name)}</defs><use href="#{name}"/>'
            yield shape.rewritten("shown by use", shape.replaced(shown))


@rewrite(SvgProgram)
def draw_line_as_rectangle(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A level or upright line is a filled rectangle.

    Example:
        >>> draw_line_as_rectangle('<svg><line x1="1" y1="5" x2="9" y2="5" stroke="red"/></svg>', 0)[0]
        '<svg><rect x="1" y="4.5" width="8" height="1" fill="red"/></svg>'
    """
    for shape in svg.shapes:
        if shape.name != "line" or not _butt_line(svg, shape):
            continue
        x1, y1, x2, y2 = (svg.attribute(shape, name) for name in ("x1", "y1", "x2", "y2"))
        wide = svg.number(shape, "stroke-width")
        if y1 == y2 and x1 != x2:
            box = min(x1, x2), y1 - wide / 2, abs(x2 - x1), wide
        elif x1 == x2 and y1 != y2:
            box = x1 - wide / 2, min(y1, y2), wide, abs(y2 - y1)
        else:
            continue
        x, y, width, height = (f"{number:g}" for number in box)
        paint = svg.value(shape, "stroke")
        drawn = f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{paint}"/>'
        yield shape.rewritten("a filled rectangle", shape.replaced(drawn))


@rewrite(SvgProgram)
def merge_paths(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """Two paths of one look that follow each other and stand apart are one.

    Example:
        >>> merge_paths('<svg><path d="M0 0h2v2z"/><path d="M5 5h2v2z"/></svg>', seed=0)[0]
        '<svg><path d="M0 0h2v2z M5 5h2v2z"/></svg>'
    """
    for first, second in pairwise(svg.shapes):
        looks = [
            {name: one.value for name, one in shape.attributes.items() if name != "d"}
            for shape in (first, second)
        ]
        both = first.name == second.name == "path" and looks[0] == looks[1]
        data, more = first.attributes.get("d"), second.attribute("d").lstrip()
        if not both or data is None or not more.startswith("M"):
            continue
        if svg.text[first.end : second.start].strip():
            continue
        if not (_plain(svg, first) and _plain(svg, second)):
            continue
        merged = _with(svg, first, "d", f"{data.value} {more}")
        trial = SvgProgram.parse(f"<svg>{merged}</svg>")
        if _apart(trial, trial.shapes[0]):
            yield first.rewritten("two paths in one", Edit(first.start, second.end, merged))


@rewrite(SvgProgram)
def write_tspans(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """The words of a text stand in a ``tspan``.

    Example:
        >>> write_tspans('<svg><text>SALE</text></svg>', seed=0)[0]
        '<svg><text><tspan>SALE</tspan></text></svg>'
    """
    for element in svg.named("text"):
        words = svg.inner(element)
        if words and not re.search(r"[<&\s]", words):
            edit = Edit(element.inner_start, element.inner_end, f"<tspan>{words}</tspan>")
            yield element.rewritten("text in a tspan", edit)


@rewrite(SvgProgram)
def draw_line_as_polygon(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A line is a filled polygon, whichever way it runs.

    Example:
        >>> draw_line_as_polygon('<svg><line x2="3" y2="4" stroke="red" stroke-width="5"/></svg>', 0)[0]
        '<svg><polygon points="-2,1.5 1,5.5 5,2.5 2,-1.5" fill="red"/></svg>'
    """
    for shape in svg.shapes:
        if shape.name != "line" or not _butt_line(svg, shape):
            continue
        x1, y1, x2, y2 = (svg.attribute(shape, name) for name in ("x1", "y1", "x2", "y2"))
        length = math.hypot(x2 - x1, y2 - y1)
        if length:
            half = svg.number(shape, "stroke-width") / 2 / length
            x, y = (y1 - y2) * half, (x2 - x1) * half
            corners = (x1 + x, y1 + y), (x2 + x, y2 + y), (x2 - x, y2 - y), (x1 - x, y1 - y)
            points = " ".join(f"{across:g},{down:g}" for across, down in corners)
            drawn = f'<polygon points="{points}" fill="{svg.value(shape, "stroke")}"/>'
            edit = shape.replaced(drawn)
            yield shape.rewritten("a filled polygon", edit)


def _butt_line(svg: SvgProgram, shape: MarkupElement) -> bool:
    """True for a line that is its width and nothing else: no caps, dashes or transparency."""
    plain = _plain(svg, shape) and svg.value(shape, "stroke-linecap") == "butt"
    whole = plain and svg.value(shape, "stroke-dasharray") == "none"
    return whole and not {"transform", "opacity", "stroke-opacity"} & shape.attributes.keys()


@rewrite(SvgProgram)
def draw_circle_as_ellipse(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A circle is an ellipse of two equal radii.

    Example:
        >>> draw_circle_as_ellipse('<svg><circle cx="9" r="5"/></svg>', seed=0)[0]
        '<svg><ellipse cx="9" rx="5" ry="5"/></svg>'
    """
    for shape in svg.shapes:
        radius = shape.attributes.get("r")
        if shape.name == "circle" and radius is not None and _plain(svg, shape):
            radii = Edit(radius.start, radius.end, f' rx="{radius.value}" ry="{radius.value}"')
            yield shape.rewritten("an ellipse", *shape.renamed("ellipse"), radii)


@rewrite(SvgProgram)
def draw_at_other_size(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """The icon says another width and height; what it shows of its plane stays.

    Example:
        >>> draw_at_other_size('<svg viewBox="0 0 8 8" width="8" height="8"/>', seed=0)[0]
        '<svg viewBox="0 0 8 8" width="24" height="24"/>'
    """
    root = svg.root.attributes
    sides = [root[name] for name in ("width", "height") if name in root]
    scale = rng.choice((2, 3, 4))
    known = len(sides) == 2 and all(re.fullmatch(r"[\d.]+(px)?", side.value) for side in sides)
    if "viewBox" in root and known:
        edits = tuple(
            side.replaced(f"{float(side.value.removesuffix('px')) * scale:g}") for side in sides
        )
        yield Mutation(edits, "<svg>", f"{scale} times the size")
