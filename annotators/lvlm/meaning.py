"""Compares the meaning of two claims in different words, by the words that carry meaning.

Models do not use the structural annotator's phrases. "The star is missing" and "the central star does
not appear" share few letters and all of their meaning.
"""

from __future__ import annotations

import re
from functools import lru_cache

from annotators.lvlm.places import normalized

_SAME = {
    "missing": """missing absent removed remove gone lack lost disappeared dropped omitted not no without
        never vanished deleted nothing hidden invisible""",
    "extra": "extra additional added superfluous doubled duplicated duplicate repeated twice surplus",
    "larger": "larger large bigger wider wide taller thicker thick longer enlarged increased greater",
    "smaller": "smaller small narrower narrow shorter thinner thin reduced shrunk decreased less",
    "moved": "moved move shifted shift displaced offset misplaced position positioned elsewhere",
    "color": "color colour colored coloured fill filled hue shade tint",
    "swapped": "swapped exchanged switched interchanged reversed order reordered",
    "typo": "typo misspelled misspelt spelled spelling mistyped",
    "grid": "grid gridline gridlines",
    "center": "center central centre middle centered",
    "top": "top upper uppermost",
    "bottom": "bottom lower lowest",
    "dashed": "dashed dash dashes",
    "dotted": "dotted dots",
    "opacity": "opacity transparent transparency translucent faded paler",
    "rotated": "rotated rotation turned tilted angle",
    "outline": "outline stroke border edge contour",
    "font": "font typeface lettering",
    "merged": "merged spans span spanning colspan rowspan",
    "1": "1 first one",
    "2": "2 second two",
    "3": "3 third three",
    "4": "4 fourth four",
}
_MEANING = {word: meaning for meaning, words in _SAME.items() for word in words.split()}
_EMPTY = frozenset(
    re.findall(
        r"[a-z]+",
        """a an the of in on at to is are was were be been being has have had and or with from by as it
        its this that these those than rather instead drawn shown displayed appear appears does do did
        but so for into over under candidate reference picture image render rendering original icon svg
        there where which while whereas now still also only should would expected actual changed change
        different differ differs difference error incorrect wrong wrongly correctly""",
    )
)


def shared_meaning(one: str, other: str) -> float:
    """Share of the meanings in the shorter text that the other has, too; 0 if only one is shared.

    >>> shared_meaning("star is missing", "The star shape does not appear")
    1.0
    >>> shared_meaning("star is missing", "the border is thicker")
    0.0
    """
    first, second = _meanings(one), _meanings(other)
    both = len(first & second)
    fewest = min(len(first), len(second))
    return both / fewest if both > 1 or (both and fewest == 1) else 0.0


@lru_cache(maxsize=4096)
def _meanings(text: str) -> frozenset[str]:
    words = (word.strip(".,'") for word in re.split(r"[\s\-/]+", normalized(text)))
    return frozenset(_meaning(word) for word in words if word and word not in _EMPTY)


def _meaning(word: str) -> str:
    if word in _MEANING:
        return _MEANING[word]
    singular = (
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
    )
    return _MEANING.get(singular, singular)
