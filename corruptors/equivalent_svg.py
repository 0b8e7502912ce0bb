"""Other markup for the same icon: SVG that draws pixel for pixel the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Any

from corruptors.equivalent import Rewrite, rewrite
from corruptors.markup import Attribute, Element, some
from corruptors.svg_colour import hex_of
from corruptors.svg_css import declarations
from corruptors.svg_path import Number, number_list, separated
from corruptors.svg_program import SHAPES, SvgProgram
from records.edits import Edit, Mutation

_STYLED = frozenset(
    (
        "fill",
        "fill-opacity",
        "fill-rule",
        "opacity",
        "stroke",
        "stroke-dasharray",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-miterlimit",
        "stroke-opacity",
        "stroke-width",
        "stop-color",
        "stop-opacity",
    )
)


def _where(element: Element) -> str:
    return f"<{element.name}> at character {element.start}"


@rewrite(SvgProgram)
def reorder_attributes(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """Two attributes of one element stand in another order.

    Example:
        >>> reorder_attributes('<svg><circle cx="5" r="9"/></svg>', seed=0)[0]
        '<svg><circle r="9" cx="5"/></svg>'
    """
    for element in some([one for one in svg.elements if len(one.attributes) > 1], rng, most=40):
        pair = rng.sample(list(element.attributes.values()), 2)
        first, second = sorted(pair, key=lambda attribute: attribute.start)
        yield Mutation(
            (
                Edit(first.start, first.end, svg.text[second.start : second.end]),
                Edit(second.start, second.end, svg.text[first.start : first.end]),
            ),
            _where(element),
            f"{second.name} stands before {first.name}",
        )


@rewrite(SvgProgram)
def change_quotes(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """An attribute has single quotes instead of double ones, or the other way round.

    Example:
        >>> change_quotes('<svg><circle r="9"/></svg>', seed=0)[0]
        "<svg><circle r='9'/></svg>"
    """
    attributes = [(one, attribute) for one in svg.elements for attribute in one.attributes.values()]
    for element, attribute in some(attributes, rng, most=40):
        other = "'" if attribute.quote == '"' else '"'
        if other not in attribute.value:
            edit = Edit(
                attribute.value_start - 1,
                attribute.value_end + 1,
                other + attribute.value + other,
            )
            yield Mutation((edit,), _where(element), f"{attribute.name} is quoted differently")


@rewrite(SvgProgram)
def write_style(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """Presentation attributes of an element are written as a style.

    Example:
        >>> write_style('<svg><circle fill="red" r="9"/></svg>', seed=0)[0]
        '<svg><circle style="fill:red" r="9"/></svg>'
    """
    if svg.has_rules:
        return  # a style would win over a rule where an attribute did not
    elements = [
        one
        for one in svg.elements
        if one.attributes.keys() & _STYLED and "style" not in one.attributes
    ]
    for element in some(elements, rng, most=40):
        moved = [one for one in element.attributes.values() if one.name in _STYLED]
        moved = rng.sample(moved, rng.randint(1, len(moved)))
        css = ";".join(f"{one.name}:{one.value.strip()}" for one in moved)
        if re.search(r"""[&"';<]""", css.replace(";", "", len(moved) - 1)):
            continue
        first, *others = sorted(moved, key=lambda one: one.start)
        edits = (
            Edit(first.start, first.end, f' style="{css}"'),
            *(one.removed() for one in others),
        )
        yield Mutation(edits, _where(element), f"{len(moved)} attributes are written as a style")


@rewrite(SvgProgram)
def write_attributes(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A style of an element is written as presentation attributes.

    Example:
        >>> write_attributes('<svg><circle style="fill:red" r="9"/></svg>', seed=0)[0]
        '<svg><circle fill="red" r="9"/></svg>'
    """
    if svg.has_rules:
        return
    for element in svg.elements:
        style = element.attributes.get("style")
        if style is None or "!" in style.value or "&" in style.value or '"' in style.value:
            continue
        parts = {one.name: one.value for one in declarations(0, style.value)}
        if parts and parts.keys() <= _STYLED and not parts.keys() & element.attributes.keys():
            new = "".join(f' {name}="{value}"' for name, value in parts.items())
            yield Mutation(
                (Edit(style.start, style.end, new),),
                _where(element),
                "the style is written as attributes",
            )


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
        yield Mutation(
            (Edit(shape.start, shape.start, "<g>"), Edit(shape.end, shape.end, "</g>")),
            _where(shape),
            "stands in a group of its own",
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
        edits = [Edit(shape.start + 1, shape.name_end, "path")]
        if shape.end > shape.inner_end:
            edits.append(Edit(shape.inner_end, shape.end, "</path>"))
        first, *others = sorted(attributes, key=lambda one: one.start)
        edits.append(Edit(first.start, first.end, f' d="{data}"'))
        edits += [one.removed() for one in others]
        yield Mutation(tuple(edits), _where(shape), "written as a path")


def _path_of(svg: SvgProgram, shape: Element) -> tuple[str, tuple[str, ...]] | None:
    """Path data for a shape, and the attributes that it stands for; None where it is not exact."""

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


_PLAIN = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")


@rewrite(SvgProgram)
def respell_colour(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A colour is written in another notation: name, short or long hex digits, ``rgb()``.

    Example:
        >>> respell_colour('<svg><circle fill="#f00" r="9"/></svg>', seed=0)[0]
        '<svg><circle fill="#FF0000" r="9"/></svg>'
    """
    places = [
        (element, found)
        for element in svg.elements
        for name in ("fill", "stroke", "stop-color")
        if (found := svg.declared(element, name)) is not None and svg.owns(element, found)
    ]
    for element, found in some(places, rng, most=40):
        value = found.value.strip().lower()
        colour = svg.as_colour(value, element)
        if colour is None or value == "currentcolor" or "a(" in value or len(value) in (5, 9):
            continue  # with an alpha there is more to it
        digits = hex_of(colour)
        numbers = ", ".join(str(round(part * 255)) for part in colour)
        forms = [digits, digits.upper(), f"rgb({numbers})"]
        if all(digits[at] == digits[at + 1] for at in (1, 3, 5)):
            forms.append(f"#{digits[1]}{digits[3]}{digits[5]}")
        forms = [form for form in forms if form != found.value.strip()]
        yield Mutation(
            (found.replaced(rng.choice(forms)),), _where(element), f"another notation of {value}"
        )


@rewrite(SvgProgram)
def respell_number(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A number has or loses a leading zero, a trailing zero or an exponent of none.

    Example:
        >>> respell_number('<svg><path d="M.5.5h9"/></svg>', seed=1)[0]
        '<svg><path d="M0.5 .5h9.0"/></svg>'
    """
    numbers: list[Number] = []
    for shape in svg.shapes:
        if shape.name == "path":
            numbers += (
                number
                for segment in svg.path(shape).segments
                for number in segment.numbers
                if not number.flag
            )
    for number in some(_apart(numbers), rng, most=40):
        text = svg.text[number.start : number.end]
        new = _respelt(text, rng)
        if new != text:
            yield Mutation(
                (separated(svg.text, number.start, number.end, new),),
                f"number {text} at character {number.start}",
                f"written {new}",
            )


def _apart(numbers: list[Number]) -> list[Number]:
    """Numbers of which no two touch: each may get a space, and two at one place have no order."""
    kept: list[Number] = []
    for number in numbers:
        if not kept or number.start > kept[-1].end:
            kept.append(number)
    return kept


def _respelt(text: str, rng: Random) -> str:
    if "e" in text.lower():
        return text
    sign = text[0] if text[0] in "+-" else ""
    digits = text[len(sign) :]
    if digits.startswith("."):
        return f"{sign}0{digits}"
    if digits.startswith("0."):
        return sign + digits[1:] if len(digits) > 2 else text
    if "." in digits:
        return text + "0" * rng.randint(1, 2)
    return text + rng.choice((".0", ""))


@rewrite(SvgProgram)
def write_out_commands(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A path command that its neighbour lends its letter to is written out.

    Example:
        >>> write_out_commands('<svg><path d="M0 0 4 4 8 0"/></svg>', seed=0)[0]
        '<svg><path d="M0 0 L4 4 8 0"/></svg>'
    """
    for shape in svg.shapes:
        if shape.name != "path":
            continue
        implicit = [one for one in svg.path(shape).segments if not one.explicit]
        for segment in some(implicit, rng, most=12):
            yield Mutation(
                (Edit(segment.start, segment.start, segment.command),),
                _where(shape),
                f"the {segment.command} is written out",
            )


@rewrite(SvgProgram)
def lengthen_lines(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A horizontal or vertical line of a path is written as any other line.

    Example:
        >>> lengthen_lines('<svg><path d="M1 2h8v4"/></svg>', seed=0)[0]
        '<svg><path d="M1 2l8 0v4"/></svg>'
    """
    for shape in svg.shapes:
        if shape.name != "path":
            continue
        path = svg.path(shape)
        straight = [one for one in path.segments if one.command in "hv" and one.explicit]
        for segment in some(straight, rng, most=12):
            number = segment.numbers[0]
            text = svg.text[number.start : number.end]
            line = f"l{text} 0" if segment.command == "h" else f"l0 {text}"
            yield Mutation(
                (path.replaced(segment, segment, line),),
                _where(shape),
                f"the {segment.command} is written as l",
            )


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
    yield Mutation(
        (Edit(root.inner_start, root.inner_start, f"<defs>{definition}</defs>"),),
        "start",
        "an unused definition",
    )


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
            yield Mutation(tuple(edits), _where(element), f"id {name} is called {new}")


def _references(attribute: Attribute, name: str, new: str) -> Iterator[Edit]:
    """Edits of ``#name`` in links and ``url(...)``; a colour of these digits is none."""
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
def write_out_defaults(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A property that has its initial value anyway is written out.

    Example:
        >>> write_out_defaults('<svg><circle r="9"/></svg>', seed=0)[0]
        '<svg><circle fill-rule="nonzero" r="9"/></svg>'
    """
    initial = {"fill-opacity": "1", "stroke-opacity": "1", "opacity": "1", "fill-rule": "nonzero"}
    for shape in some([one for one in svg.shapes if one.name in SHAPES], rng, most=40):
        name = rng.choice(list(initial))
        if name not in svg.text:  # nothing to inherit, no rule to beat
            edit = shape.inserted(name, initial[name])
            yield Mutation((edit,), _where(shape), f"{name} is written out")


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
            edit = Edit(element.start, element.start, "\n" + " " * rng.choice((0, 2, 4)))
        yield Mutation((edit,), _where(element), "white space between elements")


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
        yield Mutation((edit,), _where(element), "closed in another way")


ALL: tuple[Rewrite[Any], ...] = tuple(
    value for value in list(vars().values()) if isinstance(value, Rewrite)
)
