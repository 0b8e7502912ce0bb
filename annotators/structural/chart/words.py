"""Words for what a chart shows: the names a person would use for a mark, a colour, a place."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from annotators.structural.severity import colour_distance
from renderers.scene import Element, Value

NAMED_COLOURS = {
    "black": "#000000", "dark gray": "#4d4d4d", "gray": "#808080", "light gray": "#d3d3d3",
    "white": "#ffffff", "red": "#ff0000", "dark red": "#8b0000", "orange": "#ff7f0e",
    "gold": "#ffd700", "yellow": "#ffff00", "olive": "#808000", "light green": "#90ee90",
    "green": "#008000", "bright green": "#00ff00", "teal": "#008080", "cyan": "#00ffff",
    "light blue": "#add8e6", "sky blue": "#87ceeb", "steel blue": "#4682b4", "blue": "#1f77b4",
    "bright blue": "#0000ff", "navy": "#000080", "purple": "#800080", "lavender": "#b8a9e0",
    "violet": "#ee82ee", "magenta": "#ff00ff", "pink": "#ffc0cb", "salmon": "#fa8072",
    "coral": "#ff7f50", "brown": "#8c564b", "tan": "#d2b48c", "beige": "#f5f5dc",
    "very light gray": "#eeeeee", "pale green": "#e6f4e6", "pale blue": "#e6f0fa",
    "pale pink": "#fbe6ea", "pale yellow": "#fbf8dc", "dark green": "#006400",
    "turquoise": "#40e0d0", "light orange": "#ffbb78", "maroon": "#800000",
}  # fmt: skip
"""Names that people agree on; anything else is called by the nearest."""

DASHES = {"-": "solid", "--": "dashed", "-.": "dash-dotted", ":": "dotted"}

MARKERS = {
    "o": "circles", "s": "squares", "^": "upward triangles", "v": "downward triangles",
    "<": "left triangles", ">": "right triangles", "D": "diamonds", "d": "thin diamonds",
    "p": "pentagons", "*": "stars", "h": "hexagons", "H": "hexagons", "8": "octagons",
    "P": "filled pluses", "X": "filled crosses", "+": "pluses", "x": "crosses",
    "|": "vertical ticks", "_": "horizontal ticks",
}  # fmt: skip

PLURALS = {
    "line": "lines", "markers": "points", "bar": "bars", "wedge": "pie slices", "area": "areas",
    "areas": "areas", "segments": "line segments", "errorbars": "error bars", "box": "boxes",
    "heatmap": "heat map cells", "photo": "pictures", "contour": "contours", "arrows": "arrows",
    "surface": "surfaces", "arrow": "arrows", "text": "texts", "table": "table",
}  # fmt: skip

SINGULARS = {
    "markers": "points", "wedge": "pie slice", "areas": "areas", "segments": "line segments",
    "errorbars": "error bars", "heatmap": "heat map", "photo": "picture", "arrows": "arrow field",
    "contour": "contours",
}  # fmt: skip


@lru_cache(maxsize=4096)
def colour_name(colour: str) -> str:
    """A colour in words, with its code.

    >>> colour_name("#ff0000ff"), colour_name("")
    ('red (#ff0000)', 'none')
    """
    if not colour:
        return "none"
    plain = colour[:7]
    name = min(NAMED_COLOURS, key=lambda known: colour_distance(plain, NAMED_COLOURS[known]))
    alpha = int(colour[7:9], 16) / 255 if len(colour) > 7 else 1.0
    return f"{name} ({plain})" if alpha > 0.995 else f"{name} ({plain}, opacity {alpha:.2g})"


def bare_colour(colour: str) -> str:
    """A colour in one or two words.

    >>> bare_colour("#1f77b4ff")
    'blue'
    """
    return colour_name(colour).split(" (")[0]


def figure(value: float | None) -> str:
    """A number as a person writes it.

    >>> figure(25.5), figure(1200000.0), figure(0.30000001), figure(None)
    ('25.5', '1200000', '0.3', 'none')
    """
    if value is None:
        return "none"
    if value == 0:
        return "0"
    size = abs(value)
    if 1e-4 <= size < 1e9:
        text = f"{value:.4f}" if size < 1 else f"{value:.{max(0, 5 - len(str(int(size))))}f}"
        return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
    return f"{value:.4g}"


def quoted(text: str, longest: int = 60) -> str:
    """A text in quotation marks, cut where it is long.

    >>> quoted("Sales")
    "'Sales'"
    """
    text = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return f"'{text}'"


def listed(names: Sequence[str], most: int = 4) -> str:
    """Names as an enumeration.

    >>> listed(["a", "b", "c"]), listed(list("abcdef"))
    ('a, b and c', 'a, b, c and 3 more')
    """
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def dash_name(dash: Value) -> str:
    """A line style in words.

    >>> dash_name("--"), dash_name("5,1")
    ('dashed', 'dashed 5,1')
    """
    return DASHES.get(str(dash), f"dashed {dash}")


def marker_name(marker: Value) -> str:
    """A marker in words.

    >>> marker_name("s"), marker_name(None)
    ('squares', 'no markers')
    """
    if marker is None:
        return "no markers"
    return MARKERS.get(str(marker), f"markers {marker}")


def main_colour(element: Element) -> str:
    """The colour a person would call a mark by; empty where there is none."""
    for key in ("color", "face", "marker_face", "marker_edge", "edge"):
        value = element.style.get(key)
        if isinstance(value, str) and value:
            return value
    return ""


def kind_name(element: Element) -> str:
    """What a mark is called, without its own name."""
    return SINGULARS.get(element.role, element.role)


def mark_name(element: Element, category: str = "", rank: int | None = None) -> str:
    """What a person calls a mark.

    >>> mark_name(Element("line", text="A")), mark_name(Element("bar", text="A"), "Q3")
    ("line 'A'", "bar 'Q3' of 'A'")
    """
    kind = kind_name(element)
    if category:
        series = element.text if element.text != category else ""
        return f"{kind} {quoted(category)}" + (f" of {quoted(series)}" if series else "")
    if element.text:
        return f"{kind} {quoted(element.text)}"
    colour = main_colour(element)
    if colour:
        name = f"{bare_colour(colour)} {kind}"
        return name if rank is None else f"{name} {rank + 1}"
    return kind if rank is None else f"{kind} {rank + 1}"
