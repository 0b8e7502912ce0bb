"""Adds the consequences of an error to its box: the number on a bar, ticks, a legend's width.

A bar that grows moves its number, its error bar and, if limits follow from data, everything on its
axes. None of these is a separate error, but a viewer sees the error there. If the axes themselves
moved, the whole picture changed, and the box stays at the cause.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from annotators.structural.chart.axis_pair import label_boxes
from annotators.structural.chart.explained import part
from annotators.structural.chart.findings import DATA, STRUCTURE, Finding
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.panels import axes_of, match_axes
from annotators.structural.chart.ticks import moved_ticks
from annotators.structural.pixels import PixelDifference
from annotators.structural.why import explains, place_in_words
from records.rows import Box, box_around
from renderers.scene import Element, Scene

STEADY_PX = 0.6
"""If the edges of an axes differ by at most this many pixels, the axes did not move."""

REDRAWN_PX = 0.2
"""If axes move further than this, all their anti-aliased edges change and pixels are no evidence."""

AXIS_KINDS = frozenset(("ticks", "tick_labels", "tick_place", "limits", "scale", "inverted"))
WORD_ROLES = frozenset(("title", "axis_label", "offset_text"))


def steady(pair: PanelPair) -> bool:
    """True if an axes did not move."""
    return _still(pair.reference, pair.candidate)


def reflowed(reference: Scene, candidate: Scene) -> bool:
    """True if common axes moved, for example because a label needed more room."""
    mine, theirs = axes_of(reference), axes_of(candidate)
    pairs = match_axes(mine, theirs)
    return not all(_still(mine[i], theirs[j], REDRAWN_PX) for i, j in pairs)


def _still(mine: Element, theirs: Element, within_px: float = STEADY_PX) -> bool:
    if mine.box is None or theirs.box is None:
        return False
    return all(abs(x - y) <= within_px for x, y in zip(mine.box, theirs.box, strict=True))


def widen(
    found: Sequence[Finding], pair: PanelPair, pixels: PixelDifference, alike: Mapping[int, Element]
) -> None:
    """Add the boxes of consequences to the findings of an axes.

    Args:
        found: All findings of the axes; their boxes are extended.
        pair: The axes.
        pixels: The changed pixels; unchanged parts are not added.
        alike: For the identity of a mark, its counterpart that looks the same; if both stand in one
            place, neither is added.
    """
    boxed = [finding for finding in found if finding.boxes]
    if not boxed or not steady(pair):
        return
    for role, box in _unlike(pair, alike):
        if not pixels.inside(box, 0) or any(_is_of(finding, box) for finding in boxed):
            continue
        cause = _cause(boxed, role, box)
        if _holds(cause, box, pixels):
            continue
        cause.boxes.append(box)
        explains("goes_along", cause, f"{role.replace('_', ' ')} at {place_in_words(box)}")


def _unlike(pair: PanelPair, alike: Mapping[int, Element]) -> Iterator[tuple[str, Box]]:
    """Role and box of each part that is in one axes only, or differs between both."""
    for mine, theirs in ((pair.candidate, pair.reference), (pair.reference, pair.candidate)):
        known: dict[tuple[str, str, Box | None], list[Element]] = defaultdict(list)
        for child in theirs.children:
            known[child.role, child.text, child.box].append(child)
        for child in mine.children:
            equal = known.get((child.role, child.text, child.box), [])
            if not child.box or child.role in ("grid", "spine", "axes") or child in equal:
                continue
            other = alike.get(id(child))
            if other is not None and other.box and _near(child.box, other.box):
                continue
            if child.role == "axis":
                axis = part(theirs, "axis", axis=child.data.get("axis"))
                for box in sorted(label_boxes(child) - (label_boxes(axis) if axis else set())):
                    yield "axis", box
            else:
                yield child.role, child.box
    for name in ("x", "y", "z"):
        one, two = (part(axes, "axis", axis=name) for axes in (pair.reference, pair.candidate))
        gridded = part(pair.reference, "grid", axis=name) or part(pair.candidate, "grid", axis=name)
        if one is not None and two is not None and gridded is not None and gridded.box:
            for box in moved_ticks(pair, name, one, two):
                yield "grid", box


def _is_of(finding: Finding, box: Box) -> bool:
    """True if a finding is about the part with this box."""
    return any(_near(box, other) for other in finding.boxes)


def _near(one: Box, two: Box) -> bool:
    return all(abs(x - y) <= NEAR_PX for x, y in zip(one, two, strict=True))


NEAR_PX = 1.0
"""Boxes of one part differ by at most so many pixels on each side."""


def _holds(finding: Finding, box: Box, pixels: PixelDifference) -> bool:
    """True if ``box`` lies inside the union of those of the finding's boxes that contain changed pixels."""
    around = box_around(part for part in finding.boxes if pixels.inside(part))
    return around is not None and (
        around[0] <= box[0] + 1
        and around[1] <= box[1] + 1
        and around[2] >= box[2] - 1
        and around[3] >= box[3] - 1
    )


def _cause(found: Sequence[Finding], role: str, box: Box) -> Finding:
    """The finding that most likely caused a part to change: of a suitable kind, then the nearest,
    then the smallest."""

    def rank(finding: Finding) -> tuple[int, float, float]:
        data = finding.category in (DATA, STRUCTURE)
        if role in ("axis", "grid"):
            fits = finding.kind in AXIS_KINDS or data
        elif role == "legend":
            fits = finding.kind.startswith("legend")
        elif role in WORD_ROLES:
            fits = finding.kind in AXIS_KINDS
        else:
            fits = data
        return (0 if fits else 1 if data else 2), _gap(finding, box), _room(finding)

    return min(found, key=rank)


def _gap(finding: Finding, box: Box) -> float:
    """Distance in pixels between a box and the nearest box of a finding."""
    gaps = []
    for other in finding.boxes:
        across = max(other[0] - box[2], box[0] - other[2], 0.0)
        up = max(other[1] - box[3], box[1] - other[3], 0.0)
        gaps.append(across + up)
    return min(gaps)


def _room(finding: Finding) -> float:
    """Area in square pixels of the smallest box around a finding."""
    around = box_around(finding.boxes)
    return (around[2] - around[0]) * (around[3] - around[1]) if around else 0.0
