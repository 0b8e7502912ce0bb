"""Other markup for the same icon: SVG that draws pixel for pixel the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from corruptors.markup.elements import Attribute, MarkupElement, some
from corruptors.rewrite import rewrite
from corruptors.svg.program.path_data import number_list
from corruptors.svg.program.svg_program import SHAPES, SvgProgram
from records.edits import Edit, Mutation

_PLAIN = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")


@rewrite(SvgProgram)
def wrap_in_group(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape stands in a group of its own.

    Example:
        >>> wrap_in_group('<svg><circle r="9"/></svg>', seed=0)[0]
        '<svg><g><circle r="9"/></g></svg>'
    """
    shapes = [
        shape
        for shape in svg.shapes
        if shape.parent >= 0 and svg.elements[shape.parent].name in ("svg", "g")
    ]
    for shape in some(shapes if not svg.has_rules else [], rng, most=40):
        yield shape.rewritten(
            "stands in a group of its own", shape.before("<g>"), shape.after("</g>")
        )


@rewrite(SvgProgram)
def draw_as_path(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A rectangle, line, polyline or polygon is written as a path.

    Example:
        >>> draw_as_path('<svg><rect x="1" width="8" height="4"/></svg>', seed=0)[0]
        '<svg><path d="M1 0h8v4h-8z"/></svg>'
    """
    if svg.has_rules:
        return
    for shape in svg.shapes:
        if any("marker" in name for name in shape.attributes):
            continue
        found = _path_of(svg, shape)
        if found is None:
            continue
        data, gone = found
        attributes = [shape.attributes[name] for name in gone if name in shape.attributes]
        first, *others = sorted(attributes, key=lambda one: one.start)
        written = Edit(first.start, first.end, f' d="{data}"')
        others_gone = (one.removed() for one in others)
        yield shape.rewritten("written as a path", *shape.renamed("path"), written, *others_gone)


def _path_of(svg: SvgProgram, shape: MarkupElement) -> tuple[str, tuple[str, ...]] | None:
    """Path data for a shape, and the attributes that it stands for; None if it is not exact."""

    def written(name: str) -> str:
        return shape.attribute(name, "0").strip()

    if shape.name == "rect":
        names: tuple[str, ...] = ("x", "y", "width", "height")
        plain = all(_PLAIN.fullmatch(written(name)) for name in names)
        if not plain or {"rx", "ry"} & shape.attributes.keys() or "width" not in shape.attributes:
            return None
        x, y, width, height = map(written, names)
        if width.startswith("-") or height.startswith("-"):
            return None
        return f"M{x} {y}h{width}v{height}h-{width}z", names
    if shape.name == "line":
        names = ("x1", "y1", "x2", "y2")
        if not all(_PLAIN.fullmatch(written(name)) for name in names):
            return None
        if not any(name in shape.attributes for name in names):
            return None
        return "M{} {}L{} {}".format(*map(written, names)), names
    points = shape.attributes.get("points")
    if shape.name not in ("polyline", "polygon") or points is None:
        return None
    numbers = [
        svg.text[number.start : number.end]
        for number in number_list(svg.text, points.value_start, points.value_end)
    ]
    if len(numbers) < 4 or len(numbers) % 2:
        return None
    pairs = [f"{x} {y}" for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
    return "M" + "L".join(pairs) + ("z" if shape.name == "polygon" else ""), ("points",)


@rewrite(SvgProgram)
def add_unused_definition(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """There is a definition that nothing uses.

    Example:
        >>> add_unused_definition('<svg><circle r="9"/></svg>', seed=0)[0]
        '<svg><defs><clipPath id="unused50"><path d="M0 0h10v10H0z"/></clipPath></defs><circle r="9"/></svg>'
    """
    root = svg.root
    if root.inner_end == root.inner_start:
        return
    name = f"unused{rng.randint(1, 99)}"
    if name in svg.text:
        return
    definition = rng.choice(
        (
            f'<linearGradient id="{name}"><stop stop-color="#888"/></linearGradient>',
            f'<clipPath id="{name}"><path d="M0 0h10v10H0z"/></clipPath>',
            f'<circle id="{name}" r="4"/>',
        )
    )
    edit = Edit(root.inner_start, root.inner_start, f"<defs>{definition}</defs>")
    yield Mutation((edit,), "start", "an unused definition")


@rewrite(SvgProgram)
def add_title(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """There is a title or a comment that is not drawn.

    Example:
        >>> add_title('<svg><circle r="9"/></svg>', seed=0)[0]
        '<svg><!-- icon --><circle r="9"/></svg>'
    """
    root = svg.root
    if root.inner_end > root.inner_start and not any(svg.named("title")):
        new = rng.choice(("<title>icon</title>", "<!-- icon -->", "<desc>An icon.</desc>"))
        yield Mutation((Edit(root.inner_start, root.inner_start, new),), "start", f"{new} is added")


@rewrite(SvgProgram)
def rename_ids(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """An id has another name, and so has every reference to it.

    Example:
        >>> rename_ids('<svg><circle id="a" r="9"/><use href="#a"/></svg>', seed=0)[0]
        '<svg><circle id="el-a7" r="9"/><use href="#el-a7"/></svg>'
    """
    ids = [(one, one.attributes["id"]) for one in svg.elements if "id" in one.attributes]
    if any(svg.named("style", "script")):
        return  # selectors may mean the id
    for element, identifier in some(ids, rng, most=20):
        name = identifier.value
        if not re.fullmatch(r"[\w.:-]+", name) or len(svg.identified) < len(ids):
            continue
        new = f"{rng.choice(('id', 'el', 'n'))}-{name}{rng.randint(1, 9)}"
        edits = [identifier.replaced(new)]
        for other in svg.elements:
            for attribute in other.attributes.values():
                edits += _references(attribute, name, new)
        if new not in svg.identified:
            yield element.rewritten(f"id {name} is called {new}", *edits)


def _references(attribute: Attribute, name: str, new: str) -> Iterator[Edit]:
    """Edits of ``#name`` in links and ``url(...)``; a color of these digits is none."""
    if attribute.name in ("href", "xlink:href"):
        pattern = rf"^\s*#{re.escape(name)}(?=\s*$)"
    elif attribute.name in ("begin", "end", "aria-labelledby"):
        pattern = rf"\b{re.escape(name)}(?![\w-])"
    else:
        pattern = rf"""url\(\s*["']?#{re.escape(name)}(?=["'\s)])"""
    for found in re.finditer(pattern, attribute.value):
        end = attribute.value_start + found.end()
        yield Edit(end - len(name), end, new)


@rewrite(SvgProgram)
def respace_elements(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """There is a line break before an element, or none where there was one.

    Example:
        >>> respace_elements('<svg><circle r="9"/></svg>', seed=0)[0]
        '<svg>\\n  <circle r="9"/></svg>'
    """
    texts = [(text.start, text.end) for text in svg.named("text", "style", "title", "desc")]
    for element in some(svg.elements[1:], rng, most=40):
        if any(start < element.start < end for start, end in texts):
            continue
        before = svg.text[: element.start]
        gap = len(before) - len(before.rstrip())
        if gap:
            edit = Edit(element.start - gap, element.start, "")
        else:
            edit = element.before("\n" + " " * rng.choice((0, 2, 4)))
        yield element.rewritten("white space between elements", edit)


@rewrite(SvgProgram)
def close_elements(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """An empty element has an end tag instead of ending itself, or the other way round.

    Example:
        >>> close_elements('<svg><circle r="9"/></svg>', seed=0)[0]
        '<svg><circle r="9"></circle></svg>'
    """
    empty = [
        one for one in svg.elements[1:] if one.inner_start == one.inner_end and one.name in SHAPES
    ]
    for element in some(empty, rng, most=40):
        if element.end > element.inner_end:
            edit = Edit(element.inner_start - 1, element.end, "/>")
        else:
            slash = svg.text.rindex("/", element.start, element.end)
            edit = Edit(slash, element.end, f"></{element.name}>")
        yield element.rewritten("closed in another way", edit)
