"""Words for parts of a chart: names that a person would use for a mark, a color, a place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotators.structural.colors import color_name
from annotators.structural.matching import grouped
from renderers.scene import Element, Value

DASHES = {"-": "solid", "--": "dashed", "-.": "dash-dotted", ":": "dotted"}

MARKERS = {
    "o": "circles", "s": "squares", "^": "upward triangles", "v": "downward triangles",
    "<": "left triangles", ">": "right triangles", "D": "diamonds", "d": "thin diamonds",
    "p": "pentagons", "*": "stars", "h": "hexagons", "H": "hexagons", "hexagon": "hexagons", "8": "octagons",
    "P": "filled pluses", "X": "filled crosses", "+": "pluses", "x": "crosses",
    "|": "vertical ticks", "_": "horizontal ticks",
}  # fmt: skip

PLURALS = {
    "line": "lines", "edge": "edges", "markers": "points", "bar": "bars", "wedge": "pie slices", "area": "areas",
    "areas": "areas", "segments": "line segments", "errorbars": "error bars", "box": "boxes",
    "heatmap": "heatmap cells", "photo": "pictures", "contour": "contours", "arrows": "arrows",
    "surface": "surfaces", "arrow": "arrows", "text": "texts", "table": "table",
    "zoom": "frames of enlarged parts",
}  # fmt: skip

SINGULARS = {
    "markers": "points", "wedge": "pie slice", "areas": "areas", "segments": "line segments",
    "errorbars": "error bars", "heatmap": "heatmap", "photo": "picture", "arrows": "arrow field",
    "zoom": "frame of the enlarged part",
}  # fmt: skip


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


def figures(before: float, after: float) -> tuple[str, str]:
    """Two numbers with as many digits as needed to distinguish them.

    >>> figures(3.0e-4, 4.0e-4), figures(25.5, 255.0), figures(19598.01, 19598.02)
    (('0.0003', '0.0004'), ('25.5', '255'), ('19598.01', '19598.02'))
    """
    texts = figure(before), figure(after)
    digits = 4
    while texts[0] == texts[1] and before != after and digits < 12:
        digits += 1
        texts = f"{before:.{digits}g}", f"{after:.{digits}g}"
    return texts


def cut(text: str, longest: int = 40) -> str:
    """A text, cut at ``longest`` characters."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def quoted(text: str, longest: int = 60) -> str:
    """A text in quotation marks, cut at ``longest`` characters.

    >>> print(quoted("Sales"), quoted("S'"))
    'Sales' "S'"
    """
    mark = '"' if "'" in text else "'"
    return f"{mark}{cut(text, longest)}{mark}"


def reads(before: str, after: str, longest: int = 60) -> str:
    """Words for a changed text; a changed letter case is named, since it is easily missed.

    >>> reads("iBOT", "IBOT"), reads("Sales", "Slaes")
    ("reads 'IBOT' instead of 'iBOT', with a capital I", "reads 'Slaes' instead of 'Sales'")
    """
    words = f"reads {quoted(after, longest)} instead of {quoted(before, longest)}"
    if before.lower() != after.lower() or len(before) != len(after):
        return words
    other = [sign for was, sign in zip(before, after, strict=True) if was != sign]
    if len(other) != 1:
        return f"{words}, with other capital letters"
    return f"{words}, with a {'capital' if other[0].isupper() else 'lower-case'} {other[0]}"


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a part: ``bar 'Q3' of 'Sales'``, ``light blue line 2``."""

    kind: str
    """``bar``, ``pie slice``, ``points``."""
    own: str = ""
    """The label at the part, or its legend entry."""
    series: str = ""
    tint: str = ""
    rank: int = 0
    """Its number among parts with the same name; 0 if there is only one."""

    def __str__(self) -> str:
        words = [self.tint] if self.tint and not self.own else []
        words += [self.kind] + ([quoted(self.own)] if self.own else [])
        words += [str(self.rank)] if self.rank else []
        return " ".join(words) + (f" of {quoted(self.series)}" if self.series else "")


def listed(names: Sequence[Name | str], most: int = 4) -> str:
    """Names as an enumeration; parts of one kind share the word for the kind.

    >>> listed(["a", "b", "c"]), listed(list("abcdef"))
    ('a, b and c', 'a, b, c and 3 more')
    >>> listed([Name("bar", "Q1"), Name("bar", "Q2")]), listed([Name("line", tint="red", rank=n) for n in (1, 2)])
    ("bars 'Q1' and 'Q2'", 'red lines 1 and 2')
    """
    names = list(dict.fromkeys(names))
    if len(names) > 1 and all(isinstance(name, Name) for name in names):
        return _of_kinds([name for name in names if isinstance(name, Name)], most)
    return _enumerated([str(name) for name in names], most)


def _enumerated(words: Sequence[str], most: int) -> str:
    if len(words) > most:
        words = [*words[: most - 1], f"{len(words) - most + 1} more"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _of_kinds(names: Sequence[Name], most: int) -> str:
    """Names of several parts, with each kind once."""
    kinds = grouped(names, lambda one: (one.kind, one.series, "" if one.own else one.tint))
    parts: dict[str, list[Name]] = {}
    for (kind, series, tint), members in kinds.items():
        own = [quoted(one.own) if one.own else str(one.rank or "") for one in members]
        plural = f"{tint} {plural_of(kind)}".strip()
        words = f"{plural} {_enumerated(own, most)}" if all(own) else plural
        alone = members[0] if len(members) == 1 else Name(words, series=series)
        # Equal members of several series are listed once.
        parts.setdefault(words if series else str(alone), []).append(alone)
    return _enumerated([_of_series(words, names) for words, names in parts.items()], most)


def _of_series(words: str, names: Sequence[Name]) -> str:
    if len(names) == 1:
        return str(names[0])
    series = [quoted(name.series) for name in names if name.series]
    return (
        f"{words} of {_enumerated([*series, *(['others'] if len(series) < len(names) else [])], 4)}"
    )


def plural_of(kind: str) -> str:
    """The plural of a kind.

    >>> plural_of("bar"), plural_of("box"), plural_of("entry")
    ('bars', 'boxes', 'entries')
    """
    if kind.endswith("s"):
        return kind
    if kind.endswith("y"):
        return f"{kind[:-1]}ies"
    return f"{kind}es" if kind.endswith("x") else f"{kind}s"


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


def hatched(before: str, after: str) -> str:
    """How the hatching of a face differs, in words.

    >>> hatched("//", ""), hatched("", ".."), hatched("//", "xx"), hatched("//", "////")
    ('not hatched', 'hatched with dots', 'hatched with crosses instead of slanted lines', 'hatched more densely')
    """
    was, now = (
        " and ".join(HATCHES.get(sign, sign) for sign in dict.fromkeys(side))
        for side in (before, after)
    )
    if not now:
        return "not hatched"
    if was == now:
        return f"hatched {'more' if len(after) > len(before) else 'less'} densely"
    return f"hatched with {now}" + (f" instead of {was}" if was else "")


HATCHES = {
    "/": "slanted lines", "\\": "lines slanted to the left", "|": "upright lines", "-": "level lines",
    "+": "a grid", "x": "crosses", "o": "small circles", "O": "circles", ".": "dots", "*": "stars",
}  # fmt: skip
"""Signs of matplotlib's hatch patterns; more of a sign stand closer together."""


def main_color(element: Element) -> str:
    """The main color of a mark; empty if it has none."""
    for key in ("color", "face", "marker_face", "marker_edge", "edge"):
        value = element.style.get(key)
        if isinstance(value, str) and value:
            return value
    return ""


def kind_name(element: Element) -> str:
    """The word for the kind of a mark; a bar from side to side of its axes is a band."""
    if element.role == "bar" and element.data.get("space") in ("x", "y"):
        return "band"
    if element.role == "markers" and element.style.get("marker") == "hexagon":
        return "hexagons"
    if element.data.get("solid"):
        return "3D bars" if element.data.get("pieces") != 1 else "3D bar"
    if element.role == "contour":
        return "filled contours" if element.style.get("filled") else "contour lines"
    return SINGULARS.get(element.role, element.role)


def mark_name(element: Element, category: str = "", rank: int = 0, kind: str = "") -> Name:
    """The name of a mark, of a ``kind`` that its axes show, or of its own.

    >>> str(mark_name(Element("line", text="A"))), str(mark_name(Element("bar", text="A"), "Q3"))
    ("line 'A'", "bar 'Q3' of 'A'")
    """
    kind = kind or kind_name(element)
    if category:
        return Name(kind, category, element.text if element.text != category else "")
    if element.text:
        return Name(kind, element.text)
    # What is drawn in the colors of its values has none of its own.
    mapped = element.role in ("surface", "markers") and "ramp" in element.style
    tint = "" if mapped else main_color(element)
    return Name(kind, tint=color_name(tint) if tint else "", rank=rank)
