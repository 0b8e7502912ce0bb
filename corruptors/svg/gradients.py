"""Gradients of an icon that come out wrong: ``style_error``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from corruptors.corruption import corruption
from corruptors.markup.elements import MarkupElement
from corruptors.svg.program.colors import color_name, hex_of, other_color
from corruptors.svg.program.geometry import length
from corruptors.svg.program.path_data import plain
from corruptors.svg.program.svg_program import LEAST, SvgProgram, target
from records.edits import Mutation
from records.taxonomy import SvgCategory


def _gradients(svg: SvgProgram) -> Iterator[tuple[MarkupElement, list[MarkupElement]]]:
    """Gradients that something uses, each with its stops."""
    for gradient in svg.named("linearGradient", "radialGradient"):
        name = gradient.attribute("id")
        if name and re.search(rf"#{re.escape(name)}\b", svg.text):
            yield gradient, [one for one in svg.children(gradient) if one.name == "stop"]


@corruption(SvgProgram, SvgCategory.STYLE)
def change_gradient_stop(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A gradient runs to or from another color.

    Example:
        >>> change_gradient_stop('<svg><linearGradient id="a"><stop stop-color="red"/>'
        ...     '</linearGradient><circle fill="url(#a)"/></svg>', seed=0)[0][:60]
        '<svg><linearGradient id="a"><stop stop-color="#3300ff"/></li'
    """
    for _, stops in _gradients(svg):
        for stop in stops:
            found = svg.declared(stop, "stop-color")
            now = svg.as_color(found.value if found else "black", stop) or (0.0, 0.0, 0.0)
            wrong = other_color(now, rng)
            words = f"runs over {color_name(wrong)} instead of {color_name(now)}"
            yield Mutation((svg.set(stop, "stop-color", hex_of(wrong)),), "gradient", words)


@corruption(SvgProgram, SvgCategory.STYLE)
def reverse_gradient(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A gradient runs the other way: its first and last colors are exchanged.

    Yields:
        One mutation per gradient in use with two different colors at its ends.

    Example:
        >>> reverse_gradient('<svg><linearGradient id="a"><stop stop-color="red"/>'
        ...     '<stop stop-color="tan"/></linearGradient><rect fill="url(#a)"/></svg>', seed=0)[0]
        '<svg><linearGradient id="a"><stop stop-color="tan"/><stop stop-color="red"/></linearGradient><rect fill="url(#a)"/></svg>'
    """
    for _, stops in _gradients(svg):
        if len(stops) < 2:
            continue
        first, last = (svg.declared(stop, "stop-color") for stop in (stops[0], stops[-1]))
        if first is not None and last is not None and first.value != last.value:
            edits = first.replaced(last.value), last.replaced(first.value)
            yield Mutation(edits, "gradient", "runs the other way")


@corruption(SvgProgram, SvgCategory.STYLE)
def turn_gradient(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A gradient runs in another direction.

    Yields:
        One mutation per linear gradient in use; a quarter or an eighth of a turn is drawn.

    Example:
        >>> turn_gradient('<svg><linearGradient id="a"/><rect fill="url(#a)"/></svg>', seed=0)[0]
        '<svg><linearGradient gradientTransform="rotate(90 0.5 0)" id="a"/><rect fill="url(#a)"/></svg>'
    """
    for gradient, _ in _gradients(svg):
        if gradient.name != "linearGradient":
            continue
        ends = [
            length(gradient.attribute(name, default), 1)
            for name, default in (("x1", "0"), ("y1", "0"), ("x2", "1"), ("y2", "0"))
        ]
        middle = (ends[0] + ends[2]) / 2, (ends[1] + ends[3]) / 2
        change = f"rotate({rng.choice((45, 90, -90))} {plain(middle[0])} {plain(middle[1])})"
        now = gradient.attribute("gradientTransform")
        edit = gradient.written("gradientTransform", f"{now} {change}".strip())
        yield Mutation((edit,), "gradient", "runs in another direction")


@corruption(SvgProgram, SvgCategory.STYLE)
def flatten_gradient(svg: SvgProgram, rng: Random) -> Iterator[Mutation]:
    """A shape is filled with one color instead of a gradient.

    Example:
        >>> flatten_gradient('<svg><linearGradient id="a"><stop stop-color="red"/>'
        ...     '</linearGradient><circle r="9" fill="url(#a)"/></svg>', seed=0)[0][-33:]
        '><circle r="9" fill="red"/></svg>'
    """
    stops = {gradient.attribute("id"): stops for gradient, stops in _gradients(svg)}
    linked = {gradient.attribute("id"): target(gradient) for gradient, _ in _gradients(svg)}
    for shape in svg.shapes:
        found = re.match(r"url\(\s*[\"']?#([^\"')\s]+)", svg.value(shape, "fill"))
        if found is None or svg.extent(shape) < LEAST:
            continue
        own = stops.get(found[1]) or stops.get(linked.get(found[1], ""))
        if own:
            color = svg.declared(rng.choice(own), "stop-color")
            flat = color.value if color is not None else "#000"
            yield svg.restyled(shape, "one colour, not a gradient", "fill", flat)
