"""Compares what two sentences say about an icon: which part, and what changed about it.

A program says "beige shape at center: 9 % wider", a person "Reference body is slim; candidate is
wider": the same error, with one word in common. So the kinds of change that both name are compared,
and the parts by the words that tell them apart.
"""

from __future__ import annotations

import re

from annotators.audit.matching import Marked, described_in

KINDS = {
    "missing": "missing lost lacks omitted absent",
    "extra": "extra additional added",
    "larger": "larger bigger wider taller longer wide",
    "smaller": "smaller narrower shorter narrow",
    "place": "moved lower higher further position shifted displaced closer nearer apart staggered",
    "turned": "turned rotated rotation tilted upright slant slants lean leans mirrored",
    "color": "recolored color colour darker lighter gradient stronger paler shade",
    "line": "thick thin thicker thinner thickness heavier uniformly",
    "corner": "corner corners sharp rounded ends tips",
    "form": "form outline oval pointed simplified steeper flat flattened squared leaf plain detailed "
    "differently stick curved straight",
}
"""Words of a sentence that say what changed, by kind of change."""
ONE_SIDED = frozenset(("missing", "extra"))
SIDES = (("left", "right"), ("top", "bottom"), ("upper", "lower"))
GENERIC = frozenset(
    (
        "at",
        "black",
        "details",
        "drawing",
        "line",
        "part",
        "picture",
        "shape",
        "small",
        "thing",
        "two",
    )
)
"""Words of a program's name for a part that fit nearly any part: most icons are drawn in black."""
WHOLE = frozenset(("whole", "all", "both", "entire"))
NAMED = 0.75
"""Likeness of two sentences that name the same change of the same part."""


def described_as(label: Marked, person: Marked) -> float:
    """Similarity of a program's label and a person's description of an icon: `described_in`, or
    the share of the label's kinds of change that the person names of the same part.

    0 if one says missing and the other extra. Where the two stand on opposite sides of the picture,
    or no word shows that they mean the same part, it is `described_in`.
    """
    own, theirs = _kinds(label.description), _kinds(person.description)
    if not own & theirs and own & ONE_SIDED and theirs & ONE_SIDED:
        return 0.0
    plain = described_in(label, person)
    words = _words(label.location)
    named = (words - GENERIC - WHOLE) & _words(f"{person.location} {person.description}")
    whole = words & WHOLE and _words(person.location) & WHOLE
    if not (named or whole) or not own or _apart(label.location, person.location):
        return plain
    same = float(label.category == person.category)
    return max(plain, 0.75 * NAMED * len(own & theirs) / len(own) + 0.25 * same)


def _words(text: str) -> frozenset[str]:
    return frozenset(word.removesuffix("s") for word in re.findall(r"[a-z]+", text.lower()))


def _kinds(text: str) -> frozenset[str]:
    said = set(re.findall(r"[a-z]+", text.lower()))
    return frozenset(kind for kind, words in KINDS.items() if said & set(words.split()))


def _apart(one: str, two: str) -> bool:
    """True if one place is at the left and the other at the right, or one above and one below."""
    first, second = (set(re.findall(r"[a-z]+", text.lower())) for text in (one, two))
    return any(
        (low in first and high in second and high not in first and low not in second)
        or (high in first and low in second and low not in first and high not in second)
        for low, high in SIDES
    )
