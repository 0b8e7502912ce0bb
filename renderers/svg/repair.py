"""Mends attribute values that browsers read or ignore and CairoSVG cannot read.

An icon is not lost for one such value: a percentage, a color of CSS Color 4 or a fallback of `var()`
is written as CairoSVG knows it; a value that nobody can read is removed, as browsers do.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from cairosvg.parser import Node
from cairosvg.url import parse_url
from tinycss2 import color4

from renderers.svg.guard import length_px

NUMBERS = frozenset(
    ("opacity", "fill-opacity", "stroke-opacity", "stop-opacity", "flood-opacity",
     "stroke-miterlimit")
)  # fmt: skip
COLORS = frozenset(("fill", "stroke", "stop-color", "flood-color"))
MARKERS = frozenset(("marker", "marker-start", "marker-mid", "marker-end"))
CLASSIC = re.compile(r"#[0-9a-f]{3}|#[0-9a-f]{6}|rgba?\([\d\s,.%]*\)|url\(.*", re.IGNORECASE)
"""Colors that CairoSVG reads as browsers do."""
VARIABLE = re.compile(r"var\(\s*--[\w-]+\s*(?:,(.*))?\)", re.DOTALL)


def repair(node: Node, markers: Container[str]) -> None:
    """Mend or remove what CairoSVG cannot read in one element.

    Args:
        node: The element, with what it inherits.
        markers: Ids of the markers that the document defines.
    """
    for name, value in tuple(node.items()):
        if not isinstance(value, str):
            continue
        mended: str | None = value
        if name in NUMBERS:
            mended = _number(value)
        elif name in COLORS:
            mended = _color(value.strip())
        elif name in MARKERS:
            mended = value if parse_url(value).fragment in markers else None
        elif "calc(" in value:
            mended = None
        if mended is None:
            del node[name]
        elif mended is not value:
            node[name] = mended


def repair_tree(root: Node) -> None:
    """Mend all elements of a document."""
    nodes = list(_below(root))
    markers = {node.get("id") for node in nodes if "marker" in node.tag.lower()}
    for node in nodes:
        repair(node, markers)


def _below(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _below(child)


def _number(text: str) -> str | None:
    """A number, or a percentage as a number; None if it is neither."""
    try:
        float(text)
    except ValueError:
        share = text.strip()
        if not share.endswith("%"):
            return None
        number = _number(share[:-1])
        return number and str(float(number) / 100)
    return text


def _color(text: str) -> str | None:
    """A color as CairoSVG reads it; None if it is none."""
    variable = VARIABLE.fullmatch(text)
    if variable:
        text = (variable[1] or "").strip()
    if ("(" not in text and "#" not in text) or CLASSIC.fullmatch(text):
        return text or None
    color = color4.parse_color(text)
    if color is None or isinstance(color, str):
        return None
    try:
        red, green, blue = (255 * (channel or 0) for channel in color.to("srgb").coordinates)
    except (
        NotImplementedError
    ):  # a color space that tinycss2 cannot convert: left out, as an old browser does
        return None
    return f"rgba({red:.2f},{green:.2f},{blue:.2f},{color.alpha:g})"


def give_size(tree: Node) -> None:
    """A document of no size has that of the picture: CairoSVG would put its origin in the middle."""
    sides = [tree.get(name) for name in ("width", "height")]
    if not tree.get("viewBox") and any(not side or side.strip().endswith("%") for side in sides):
        width, height = map(length_px, sides)
        tree["viewBox"] = f"0 0 {width:g} {height:g}"
