"""Other spellings of what an icon says: attributes, styles, colors, numbers, path commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from corruptors.markup.elements import some
from corruptors.rewrite import rewrite
from corruptors.svg.program.colors import hex_of
from corruptors.svg.program.css import declarations
from corruptors.svg.program.path_data import PathNumber, separated
from corruptors.svg.program.svg_program import SHAPES, SvgProgram
from records.edits import Edit, Mutation

_STYLED = frozenset(
    ("fill", "fill-opacity", "fill-rule", "opacity", "stroke", "stroke-dasharray", "stroke-linecap",
     "stroke-linejoin", "stroke-miterlimit", "stroke-opacity", "stroke-width", "stop-color",
     "stop-opacity")
)  # fmt: skip


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
        words = f"{second.name} stands before {first.name}"
        yield element.rewritten(words, *svg.exchanged(first, second))


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
            new = other + attribute.value + other
            edit = Edit(attribute.value_start - 1, attribute.value_end + 1, new)
            yield element.rewritten(f"{attribute.name} is quoted differently", edit)


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
        yield element.rewritten(f"{len(moved)} attributes are written as a style", *edits)


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
            yield element.rewritten(
                "the style is written as attributes", Edit(style.start, style.end, new)
            )


@rewrite(SvgProgram)
def respell_colour(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A color is written in another notation: name, short or long hex digits, ``rgb()``.

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
        color = svg.as_color(value, element)
        if color is None or value == "currentcolor" or "a(" in value or len(value) in (5, 9):
            continue  # with an alpha there is more to it
        digits = hex_of(color)
        numbers = ", ".join(str(round(part * 255)) for part in color)
        forms = [digits, digits.upper(), f"rgb({numbers})"]
        if all(digits[at] == digits[at + 1] for at in (1, 3, 5)):
            forms.append(f"#{digits[1]}{digits[3]}{digits[5]}")
        forms = [form for form in forms if form != found.value.strip()]
        yield element.rewritten(f"another notation of {value}", found.replaced(rng.choice(forms)))


@rewrite(SvgProgram)
def respell_number(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A number has or loses a leading zero, a trailing zero or an exponent of none.

    Example:
        >>> respell_number('<svg><path d="M.5.5h9"/></svg>', seed=1)[0]
        '<svg><path d="M0.5 .5h9.0"/></svg>'
    """
    numbers: list[PathNumber] = []
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
        new = _respelled(text, rng)
        if new != text:
            edit = separated(svg.text, number.start, number.end, new)
            where = f"number {text} at character {number.start}"
            yield Mutation((edit,), where, f"written {new}")


def _apart(numbers: list[PathNumber]) -> list[PathNumber]:
    """Numbers of which no two touch: each may get a space, and two at one place have no order."""
    kept: list[PathNumber] = []
    for number in numbers:
        if not kept or number.start > kept[-1].end:
            kept.append(number)
    return kept


def _respelled(text: str, rng: Random) -> str:
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
    """A path command that its neighbor lends its letter to is written out.

    Example:
        >>> write_out_commands('<svg><path d="M0 0 4 4 8 0"/></svg>', seed=0)[0]
        '<svg><path d="M0 0 L4 4 8 0"/></svg>'
    """
    for shape in svg.shapes:
        if shape.name != "path":
            continue
        implicit = [one for one in svg.path(shape).segments if not one.explicit]
        for segment in some(implicit, rng, most=12):
            yield shape.rewritten(
                f"the {segment.command} is written out",
                Edit(segment.start, segment.start, segment.command),
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
            yield shape.rewritten(
                f"the {segment.command} is written as l", path.replaced(segment, segment, line)
            )


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
            yield shape.rewritten(f"{name} is written out", edit)
