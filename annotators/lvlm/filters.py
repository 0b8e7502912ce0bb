"""The paper's two filters of claims: a claim must be about something drawn, and must not contradict it.

*Rendering consistency*: a claim about something that neither scene shows is dropped.
*Structural agreement*: a claim that the scenes or the pixels contradict is dropped.
Both only drop what they can prove, each claim with its reason; a truncated scene proves nothing.

Source: Visual-ERM (arXiv:2603.13224), annotation pipeline.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from annotators.lvlm import places
from annotators.structural.pixels import PixelDifference
from records.rows import Box, Discrepancy
from records.taxonomy import Modality
from renderers.scene import Scene

WORDS = frozenset({"text_error", "numeric_error", "text_symbol_error"})
"""Categories whose claims are about what is written."""

_ABOUT_PLACE = re.compile(
    r"\b(?:mov|shift|plac|position|align|overlap|cover|hidden|cut|clip|rotat|angle|size|larger|smaller|"
    r"font|bold|italic|order|swap|exchang|wrap|break|colou?r|unreadable|readab|illegib|legib|"
    r"orient|vertical|horizontal|spac|blur|cropp|truncat)",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"(?<![\w'\"])[-+−]?\d[\d.,]*%?(?![\w'\"])")
_NTH = re.compile(r"\b(row|column)s?\s+(?:no\.?\s*|number\s+|#)?(\d{1,4})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dropped:
    """A dropped claim."""

    claim: Discrepancy
    reason: str
    """``absent_from_both``, ``contradicted`` or ``repeated``."""
    detail: str


@dataclass(frozen=True, slots=True)
class FilteredClaims:
    """The accepted and dropped claims of an annotator."""

    kept: tuple[Discrepancy, ...]
    dropped: tuple[Dropped, ...]


def filter_claims(
    claims: Sequence[Discrepancy], reference: Scene, candidate: Scene, pixels: PixelDifference
) -> FilteredClaims:
    """Apply both filters; accepted claims keep their order, and each dropped claim has a reason."""
    kept: list[Discrepancy] = []
    dropped: list[Dropped] = []
    seen: set[tuple[str, str, str]] = set()
    for claim in claims:
        key = (
            claim.category,
            places.normalized(claim.location),
            places.normalized(claim.description),
        )
        if key in seen:
            dropped.append(Dropped(claim, "repeated", "said before in the same reply"))
            continue
        seen.add(key)
        if detail := absence_reason(claim, reference, candidate):
            dropped.append(Dropped(claim, "absent_from_both", detail))
        elif detail := contradicted(claim, reference, candidate, pixels):
            dropped.append(Dropped(claim, "contradicted", detail))
        else:
            kept.append(claim)
    return FilteredClaims(tuple(kept), tuple(dropped))


def absence_reason(claim: Discrepancy, reference: Scene, candidate: Scene) -> str:
    """Why neither picture shows the subject of a claim; empty if one may show it."""
    scenes = (reference, candidate)
    if claim.box is not None and not any(_reaches(claim.box, scene) for scene in scenes):
        return "its box is outside of both pictures"
    if any(scene.truncated for scene in scenes):
        return ""
    modality = reference.modality
    for word, roles in places.named_roles(claim.location, modality):
        if not any(places.has_role(scene, roles) for scene in scenes):
            return f"neither picture has a {word.lower()}"
    if modality is Modality.SVG:
        return ""  # letters in icons are often paths
    shown = [text for scene in scenes for text in places.texts(scene)]
    for quote in places.quotes(claim.location):
        if places.is_content(quote, modality) and not places.is_shown(quote, shown):
            return f"{quote!r} stands in neither picture"
    if claim.category in WORDS:
        named = [
            quote
            for quote in places.quotes(claim.description)
            if places.is_content(quote, modality)
        ]
        if named and not any(places.is_shown(quote, shown) for quote in named):
            return f"{named[0]!r} stands in neither picture"
    return _beyond(claim.location, scenes) if modality is Modality.TABLE else ""


def contradicted(
    claim: Discrepancy, reference: Scene, candidate: Scene, pixels: PixelDifference
) -> str:
    """Why the scenes or pixels contradict a claim; empty if they do not."""
    if not pixels.changed.any():
        return "no pixel differs visibly"
    if claim.box is not None and not pixels.inside(claim.box):
        return "no pixel differs visibly in its box"
    if reference.truncated or candidate.truncated:
        return ""
    found = [places.boxes_of(claim.location, scene) for scene in (reference, candidate)]
    # A part in one picture only is a change, wherever its pixels are.
    if all(found) and not any(pixels.inside(box) for boxes in found for box in boxes):
        return f"no pixel differs visibly at {claim.location!r}"
    if reference.modality is not Modality.SVG and _about_reading(claim):
        return _reads_the_same(claim, reference, candidate)
    return ""


def _reads_the_same(claim: Discrepancy, reference: Scene, candidate: Scene) -> str:
    before, after = (
        tuple(" ".join(text.split()) for text in places.texts(scene))
        for scene in (reference, candidate)
    )
    differing = _differing(before, after)
    if not differing:
        return "all texts read the same in both pictures"
    quoted = [*places.quotes(claim.description), *_FIGURE.findall(claim.description)]
    if quoted and not any(places.is_shown(word, differing) for word in quoted):
        return f"{quoted[0]!r} reads the same in both pictures"
    return ""


@lru_cache(maxsize=256)
def _differing(reference: tuple[str, ...], candidate: tuple[str, ...]) -> tuple[str, ...]:
    """Texts that are not in both, or not in the same order."""
    runs = SequenceMatcher(None, reference, candidate, autojunk=False).get_opcodes()
    return tuple(
        text
        for kind, left, right, other_left, other_right in runs
        if kind != "equal"
        for text in (*reference[left:right], *candidate[other_left:other_right])
    )


def _about_reading(claim: Discrepancy) -> bool:
    """True for claims about the words of a text, not about its place, size or rotation."""
    if claim.category not in WORDS or _ABOUT_PLACE.search(f"{claim.location} {claim.description}"):
        return False
    return claim.category == "numeric_error" or bool(places.quotes(claim.description))


def _reaches(box: Box, scene: Scene) -> bool:
    return box[0] < scene.width_px and box[1] < scene.height_px and box[2] > 0 and box[3] > 0


def _beyond(location: str, scenes: Sequence[Scene]) -> str:
    """The row or column that a claim names and neither picture has; empty if there is none."""
    for kind, number in _NTH.findall(location):
        key = f"{kind.lower()}s"
        most = max((_count(scene, key) for scene in scenes), default=0)
        # Counting may start at zero or one, with or without the header.
        if most and int(number) > most + 1:
            return f"no picture has a {kind.lower()} {number}; the larger has {most}"
    return ""


def _count(scene: Scene, key: str) -> int:
    tables = (element for element in scene.root.walk() if element.role == "table")
    return max((int(table.number(key) or 0) for table in tables), default=0)
