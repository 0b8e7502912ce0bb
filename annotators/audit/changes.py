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
OPPOSITES = (("missing", "extra"), ("larger", "smaller"))
SIDES = (("left", "right"), ("top", "bottom"), ("upper", "lower"))
GENERIC = frozenset(
    (
        "at",
        "black",
        "detail",
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

    0 if one says the opposite of the other, or if they stand on opposite sides of the picture. Where
    no word shows that they mean the same part, it is `described_in`.
    """
    own, theirs = _kinds(label.description), _kinds(person.description)
    if _opposed(own, theirs, OPPOSITES) or _opposed(
        _said(label.location), _said(person.location), SIDES
    ):
        return 0.0
    plain = described_in(label, person)
    words = _words(label.location)
    named = (words - GENERIC - WHOLE) & _words(f"{person.location} {person.description}")
    whole = words & WHOLE and _words(person.location) & WHOLE
    if not (named or whole) or not own:
        return plain
    same = float(label.category == person.category)
    return max(plain, 0.75 * NAMED * len(own & theirs) / len(own) + 0.25 * same)


def _said(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]+", text.lower()))


def _words(text: str) -> frozenset[str]:
    return frozenset(word.removesuffix("s") for word in _said(text))


def _kinds(text: str) -> frozenset[str]:
    return frozenset(kind for kind, words in KINDS.items() if _said(text) & set(words.split()))


def _opposed(
    one: frozenset[str], two: frozenset[str], opposites: tuple[tuple[str, str], ...]
) -> bool:
    """True if each says only the other half of a pair of opposites."""
    return any({*pair} & one and {*pair} & two and not {*pair} & one & two for pair in opposites)
