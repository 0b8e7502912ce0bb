"""Computed CSS values that a scene reads, and which of them a document can set at all.

Chromium computes and sends each value once a laid-out node, so values that cannot differ from their
defaults are not asked for.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

SIDES = ("border-top", "border-right", "border-bottom", "border-left")
BORDER = "border"
"""The four sides as one value, which is empty where they differ."""

_ALWAYS = (
    "display", "text-align", "vertical-align", "color", "background-color", "font-weight",
    "font-style", "font-size", "font-family", "padding",
)  # fmt: skip
_SET_BY = {
    "text-decoration-line": r"decoration|<(?:u|s|del|ins|strike|a|abbr)\b",
    "visibility": r"visibility|mphantom",
    "white-space": r"pre|break-spaces|<math",
    "border-collapse": r"border-collapse|display(?!\s*=)",
    "background-image": r"gradient|image|paint|cross-fade",
    "font-variant-caps": r"caps|unicase",
    **{
        name: name
        for name in (
            "opacity", "box-shadow", "clip-path", "filter", "letter-spacing", "outline", "rotate",
            "text-shadow", "transform", "writing-mode",
        )
    },
}  # fmt: skip
"""Without these words, no rule of an author and none of Chromium's own for plain elements sets a value."""
_UNSET = {"visibility": "visible", "border-collapse": "collapse"}
"""Values that differ from the empty string where nothing sets them; tables collapse by our own style."""
_UNREADABLE = re.compile(r"\\|\ball\s*(?::|/\*)")
"""Escaped names, and the property that sets all others."""
_SIDES_SET = re.compile(r"border-(?!collapse|spacing)|\b(?:rules|frame)\s*=")

STYLES = (*_ALWAYS, *_SET_BY, *SIDES)
"""All values that a scene reads."""
AT = {name: index for index, name in enumerate(STYLES)}
"""Place of each value."""
_SETTERS = {name: re.compile(words) for name, words in _SET_BY.items()}


def styles_of(markup: str) -> tuple[str, ...]:
    """The values that a document of plain elements needs, its four sides as one if it names none.

    >>> set(styles_of("<td>1</td>")) - set(_ALWAYS)
    {'border'}
    >>> "opacity" in styles_of("<td style='&#111;pacity: 0.5'>1</td>")
    True
    """
    source = html.unescape(markup).lower()
    if _UNREADABLE.search(source):
        return STYLES
    borders = SIDES if _SIDES_SET.search(source) else (BORDER,)
    set_here = (name for name, words in _SETTERS.items() if words.search(source))
    return (*_ALWAYS, *set_here, *borders)


class Looks:
    """The values of nodes, in the order of `STYLES`, from those that were asked for."""

    def __init__(self, asked: tuple[str, ...]) -> None:
        at = {name: index for index, name in enumerate(asked)}
        self._sources = [
            at.get(BORDER if name in SIDES and BORDER in at else name, -1) for name in STYLES
        ]
        self._unset = [_UNSET.get(name, "") for name in STYLES]
        self._border = at.get(BORDER, -1)

    def all_of(self, values: Sequence[str]) -> tuple[str, ...]:
        """Every value of a node, for the values that were asked for; none for a node without a look.

        Raises:
            SidesDiffer: its four sides must be asked for one by one.
        """
        if not values:
            return ()
        if self._border >= 0 and not values[self._border]:
            raise SidesDiffer
        return tuple(
            [
                values[at] if at >= 0 else unset
                for at, unset in zip(self._sources, self._unset, strict=True)
            ]
        )


class SidesDiffer(Exception):
    """The sides of a border differ though the document names none of them."""
