"""Finds what a claim refers to: the texts that it quotes, and the pixels that its location names.

A location is free text. If it is not understood, the result is empty: no answer is better than a
wrong one, since the answers decide whether a claim is dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from annotators.structural.matching import text_similarity
from records.boxes import meet
from records.rows import Box
from records.taxonomy import Modality
from renderers.scene import Element, Scene

ALIKE = 0.75
"""A misread quote refers to a text if their similarity is at least this."""

_QUOTED = re.compile(
    r"(?<!\w)'([^'\n]{1,80}?)'(?!\w)|\"([^\"\n]{1,80})\"|“([^”\n]{1,80})”|‘([^’\n]{1,80})’|`([^`\n]{1,80})`"
)
_NUMBER = re.compile(r"[-+−–±~≈$€£]?\s*[\d.,\s]*\d\s*[%‰a-zA-Z]{0,3}")
# Names that people give to parts, not quotes of texts in the picture.
_LOOKS = frozenset(
    re.findall(
        r"[a-z]+",
        """a an the of and with in on at to no none solid dashed dotted dash dot line lines bar bars
        marker markers point points circle square triangle star cross plus left right upper lower
        top bottom middle center centre first second third last panel subplot plot chart axis axes
        x y z red blue green orange purple brown pink gray grey olive cyan magenta yellow black
        white light dark bold italic linear log logarithmic""",
    )
)


def quotes(words: str) -> list[str]:
    """The texts in quotation marks.

    >>> quotes("legend entry 'Q3', the series' colour")
    ['Q3']
    """
    return [next(part for part in match if part) for match in _QUOTED.findall(words)]


def texts(scene: Scene) -> Iterator[str]:
    """Every text of a scene, in drawing order, without runs, which repeat their cell's text."""
    for element in scene.root.walk():
        if element.text and element.role != "run":
            yield element.text
        for value in element.data.values():
            if isinstance(value, list):
                yield from (word for word in value if isinstance(word, str) and word)


def normalized(text: str) -> str:
    """A text for comparison: lower case, no markup, single spaces.

    >>> normalized("$CO_{2}$  Emissions:")
    'co2 emissions'
    """
    text = re.sub(r"\\(?:mathrm|mathbf|text|mathit)|[$^_{}\\]", "", text)
    text = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[^\w\s.,%+\-−/<>=&]", " ", text).split()).strip(" .,")


def is_shown(quote: str, shown: Iterable[str]) -> bool:
    """True if a text equals the quote, contains it, is most of it, or is similar to it.

    >>> is_shown("Emisions", ["CO2 Emissions"]), is_shown("Revenue", ["CO2 Emissions"])
    (True, False)
    """
    wanted = normalized(quote)
    if not wanted:
        return True
    for text in shown:
        have = normalized(text)
        if not have:
            continue
        if wanted in have or (len(have) >= 3 and have in wanted):
            return True
        if text_similarity(wanted, have) >= ALIKE:
            return True
        if any(text_similarity(wanted, word) >= ALIKE for word in have.split()):
            return True
    return False


def is_content(quote: str, modality: Modality) -> bool:
    """True if a quote must be a text of the picture, not a style or a value read from an axis."""
    words = re.findall(r"\w+", quote.casefold())
    if not words or all(word in _LOOKS for word in words):
        return False
    return modality is Modality.TABLE or not _NUMBER.fullmatch(quote.strip())


_ROLES: dict[Modality, dict[str, tuple[str, ...]]] = {
    Modality.CHART: {
        r"legend": ("legend",),
        r"colou?r ?bar": ("colorbar",),
        r"grid ?lines?|grid": ("grid",),
        r"error bars?": ("errorbars",),
    },
    Modality.TABLE: {r"caption": ("caption", "block", "document")},
    Modality.SVG: {},
}
"""Words that name exactly one kind of part, and the roles of that kind."""


def named_roles(location: str, modality: Modality) -> list[tuple[str, tuple[str, ...]]]:
    """The kinds of parts that a location names, each with its roles."""
    return [
        (match[0], roles)
        for pattern, roles in _ROLES[modality].items()
        if (match := re.search(rf"\b(?:{pattern})\b", location, re.IGNORECASE))
    ]


def has_role(scene: Scene, roles: tuple[str, ...]) -> bool:
    return any(_role(element) in roles for element in scene.root.walk())


def boxes_of(location: str, scene: Scene) -> list[Box]:
    """The boxes of a location in a picture; empty if it is not understood or not present."""
    match scene.modality:
        case Modality.CHART:
            return _chart_boxes(location, scene)
        case Modality.TABLE:
            return _table_boxes(location, scene)
        case Modality.SVG:
            return _svg_boxes(location, scene)


def _role(element: Element) -> str:
    return "colorbar" if element.data.get("kind") == "colorbar" else element.role


_WHOLE_PART = re.compile(
    r"(?:the )?(?:(?P<legend>legend)|(?P<colorbar>colou?r ?bar)|(?:main |figure |plot |chart )?(?P<title>title))\b",
    re.IGNORECASE,
)
_PARTS = {"legend": ("legend",), "colorbar": ("colorbar",), "title": ("title", "suptitle")}


def _chart_boxes(location: str, scene: Scene) -> list[Box]:
    # A quoted name may mean marks or their legend entry, and "x axis label, color bar" the axis
    # beside it: only the part that is named first is certain.
    named = _WHOLE_PART.match(location)
    if named is None or named.lastgroup is None:
        return []
    return [
        part.box
        for element in scene.root.walk()
        if _role(element) in _PARTS[named.lastgroup]
        for part in element.walk()
        if part.box is not None
    ]


_ROW = re.compile(
    r"\brows?\s+(?:labell?ed\s+|of\s+|for\s+)?(?:'([^']+)'|\"([^\"]+)\")", re.IGNORECASE
)
_COLUMN = re.compile(
    r"\bcolumns?\s+(?:labell?ed\s+|of\s+|for\s+)?(?:'([^']+)'|\"([^\"]+)\")", re.IGNORECASE
)


_COUNTED = re.compile(r"\b(?:row|column)s?\s+(?:number\s+)?[#\d]", re.IGNORECASE)


def _table_boxes(location: str, scene: Scene) -> list[Box]:
    if _COUNTED.search(location):
        return []  # counted from zero or one, with or without the header: unknown
    rows = [box for found in _ROW.findall(location) for box in _cells(scene, found)]
    columns = [box for found in _COLUMN.findall(location) for box in _cells(scene, found)]
    far = float("inf")
    # The label of a row gives its height, the head of a column its width.
    if rows and columns:
        places = [(column[0], row[1], column[2], row[3]) for row in rows for column in columns]
    elif rows:
        places = [(-far, row[1], far, row[3]) for row in rows]
    elif columns:
        places = [(column[0], -far, column[2], far) for column in columns]
    elif re.match(r"(?:the )?(?:header )?cell ['\"]", location, re.IGNORECASE):
        return [box for quote in quotes(location)[:1] for box in _cells(scene, (quote,))]
    else:
        return []
    # A merged cell may extend into the place although its words are outside.
    return [
        element.box
        for element in scene.root.walk()
        if element.role == "cell"
        and element.box is not None
        and any(meet(element.box, place, 1) for place in places)
    ]


def _cells(scene: Scene, words: Iterable[str]) -> list[Box]:
    wanted = {normalized(word) for word in words if word}
    return [
        element.box
        for element in scene.root.walk()
        if element.role == "cell" and element.box is not None and normalized(element.text) in wanted
    ]


_SIDES = (
    (r"upper|top", (0.0, 0.0, 1.0, 0.6)),
    (r"lower|bottom", (0.0, 0.4, 1.0, 1.0)),
    (r"left", (0.0, 0.0, 0.6, 1.0)),
    (r"right", (0.4, 0.0, 1.0, 1.0)),
)


def _svg_boxes(location: str, scene: Scene) -> list[Box]:
    """The part of the picture that "upper left" and the like name, generously."""
    if re.search(r"\b(?:and|or|all|both|to|across|between|background)\b", location, re.IGNORECASE):
        return []
    left, top, right, bottom = 0.0, 0.0, 1.0, 1.0
    named = [box for side, box in _SIDES if re.search(rf"\b(?:{side})\b", location, re.IGNORECASE)]
    for box in named:
        left, top = max(left, box[0]), max(top, box[1])
        right, bottom = min(right, box[2]), min(bottom, box[3])
    # "Left edge of the upper right star" names more than one place.
    if not 1 <= len(named) <= 2 or right - left < 0.5 or bottom - top < 0.5:
        return []
    width, height = scene.width_px, scene.height_px
    return [(left * width, top * height, right * width, bottom * height)]
