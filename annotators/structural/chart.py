"""What differs between two charts, told by their scenes: each difference once, at its cause.

A changed value moves the limits, the ticks, the label written on the bar and the error bar that
stands on it; a lost title lets everything slide up. A viewer calls each of these one error, and so
does this module: it pairs what is the same thing, explains data first, then looks, then words, and
lets what follows from an explained difference go.

Source: Visual-ERM (arXiv:2603.13224), scope of the four chart categories.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from annotators.structural import chart_data, chart_frame, chart_style, chart_text, severity
from annotators.structural.chart_categories import realign
from annotators.structural.chart_data import Pair
from annotators.structural.chart_findings import STRUCTURE, STYLE, Finding, union
from annotators.structural.chart_layout import (
    arrangement,
    axes_of,
    grid_of,
    match_axes,
    name_of,
    sharing,
    spacing,
)
from annotators.structural.chart_marks import UNIT, Mark, Scales, marks_of, match_marks, scales_of
from annotators.structural.chart_merge import merged
from annotators.structural.chart_words import colour_name, figure, main_colour, mark_name
from annotators.structural.difference import PixelDifference
from records.rows import Discrepancy
from renderers.scene import Element, Scene

MOST = 60
"""Discrepancies of one pair that are told; a chart that is all wrong is not told better by more."""


def differences(reference: Scene, candidate: Scene, pixels: PixelDifference) -> list[Discrepancy]:
    """Every visible difference of two charts.

    Args:
        reference: Scene of the reference.
        candidate: Scene of the candidate.
        pixels: Where the two pictures differ; a difference without a changed pixel is dropped.

    Returns:
        Discrepancies, the most severe first; empty where the pictures are equal, and where they
        differ in a way that the scenes do not explain.
    """
    if pixels.identical:
        return []
    mine, theirs = axes_of(reference), axes_of(candidate)
    pairs = match_axes(mine, theirs)
    layout = arrangement(mine, theirs, pairs)
    grid = grid_of(mine)
    picture = float(candidate.width_px * candidate.height_px)
    shared, directions = sharing(mine, theirs, pairs)
    found = [*layout, *shared]
    several = len([part for part in mine if part.data.get("kind") != "colorbar"]) > 1
    details: list[Finding] = []
    everything: list[chart_frame.Explained] = []
    mapped = _mapped_changes(mine, theirs, pairs)
    for number, (i, j) in enumerate(pairs):
        name = name_of(i, mine, grid)
        plain = not several and name == "chart"
        pair = Pair(
            number,
            mine[i],
            theirs[j],
            "" if plain else f", {name}",
            scales_of(mine[i]),
            scales_of(theirs[j]),
        )
        around = chart_frame.Explained(layout=bool(layout), shared=frozenset(directions))
        more, known = _axes(pair, picture, mapped, around, pixels)
        details += more
        everything.append(known)
    found += merged([*_figure(reference, candidate, everything), *details], len(pairs))
    if not found:
        found += spacing(mine, theirs, pairs)
    return _told(found, pixels)


def _axes(
    pair: Pair,
    picture_area: float,
    mapped: bool,
    around: chart_frame.Explained,
    pixels: PixelDifference,
) -> tuple[list[Finding], chart_frame.Explained]:
    """Findings of one pair of axes, from data to frame, and what they explain."""
    found: list[Finding] = []
    step = realign(pair)
    if step is not None:
        pair = replace(pair, reference=step.reference, candidate=step.candidate)
        found.append(step.finding)
    one, two = marks_of(pair.reference), marks_of(pair.candidate)
    _name(one, pair.reference, pair.scales)
    _name(two, pair.candidate, pair.candidate_scales)
    match = match_marks(one, two, pair.scales)
    chart_data.out_of_view(pair, match)
    # What nobody sees explains nothing: a written number may be all that changed.
    data = [part for part in chart_data.explain(pair, match) if _seen(part, pixels)]
    looks = chart_style.explain(pair, match, picture_area)
    chart_type = any(finding.kind in ("chart_type", "emptied") for finding in data)
    projections = [part.data.get("projection") for part in (pair.reference, pair.candidate)]
    if projections[0] != projections[1]:
        chart_type = True
        words = f"{projections[1]} instead of {projections[0]}"
        boxes = [part.box for part in (pair.reference, pair.candidate) if part.box]
        found.append(
            Finding("projection", STRUCTURE, 3, pair.at("axes"), words, boxes, axes=pair.index)
        )
    absent = [*match.missing, *match.extra]
    missing = frozenset(mark.element.text for mark in absent if mark.element.text)
    tints = frozenset(main_colour(mark.element)[:7] for mark in absent)
    colour_bar = pair.reference.data.get("kind") == "colorbar"
    known = replace(
        around,
        chart_type=chart_type,
        emptied=any(finding.kind == "emptied" for finding in data),
        data=bool(data) or (colour_bar and mapped),
        series=missing,
        tints=tints,
        looks=looks,
        categories=step is not None,
    )
    texts = [] if chart_type else chart_text.texts(pair, match, bool(data))
    return [*found, *data, *looks.findings, *texts, *chart_frame.explain(pair, known)], known


def _mapped_changes(
    mine: Sequence[Element], theirs: Sequence[Element], pairs: Sequence[tuple[int, int]]
) -> bool:
    """True where values shown by colour, or their colours, differ: a color bar follows."""

    def mapped(axes: Element) -> list[str]:
        return sorted(
            f"{part.data.get('low')} {part.data.get('high')} {part.style.get('ramp')}"
            for part in axes.children if part.data.get("low") is not None and part.role != "axis"
        )  # fmt: skip

    return any(mapped(mine[i]) != mapped(theirs[j]) for i, j in pairs)


def _name(marks: Sequence[Mark], axes: Element, scales: Scales) -> None:
    """Give each mark the name a person would use."""
    ranks: dict[tuple[str, str], int] = defaultdict(int)
    counts: dict[tuple[str, str], int] = defaultdict(int)
    plain = {mark: mark_name(mark.element) for mark in marks}
    for mark in marks:
        counts[mark.role, plain[mark]] += 1
    for mark in marks:
        category = ""
        if mark.role == "bar" and len(mark.span) == 4:
            category = _category(
                axes, "y" if mark.along == 0 else "x", mark.middle, mark.thickness, scales
            )
        elif mark.role == "box":
            category = _category(
                axes,
                "x" if mark.orientation == "vertical" else "y",
                mark.value("at"),
                mark.value("width"),
                scales,
            )
        elif mark.role == "wedge":
            category = _slice_label(mark, axes)
        repeated = counts[mark.role, plain[mark]] > 1
        rank = ranks[mark.role, plain[mark]] if repeated and not category else None
        ranks[mark.role, plain[mark]] += 1
        mark.name = mark_name(mark.element, category, rank)


def _category(
    axes: Element, direction: str, middle: float, thickness: float, scales: Scales
) -> str:
    """The tick label that stands under a bar; empty where none does."""
    axis = chart_frame.part(axes, "axis", axis=direction)
    if axis is None:
        return ""
    ticks, labels = axis.data.get("ticks"), axis.data.get("labels")
    if not isinstance(ticks, list) or not isinstance(labels, list) or not axis.data.get("fixed"):
        return ""
    places = np.array([np.nan if tick is None else tick for tick in ticks], dtype=float)
    if not len(places) or not np.isfinite(places).any():
        return ""
    nearest = int(np.nanargmin(np.abs(places - middle)))
    spacing = float(np.min(np.diff(np.sort(places)))) if len(places) > 1 else thickness * 2
    if abs(places[nearest] - middle) > 0.5 * max(spacing, thickness):
        return ""
    return str(labels[nearest] or "")


def _slice_label(mark: Mark, axes: Element) -> str:
    """The text that stands at a slice of a pie."""
    center = mark.column("center")
    if len(center) != 2:
        return ""
    middle = np.radians(mark.value("start") + mark.value("turn") / 2)
    best, found = 0.35, ""
    for part in axes.children:
        if part.role != "text" or chart_text.number_in(part.text) is not None:
            continue
        x, y = part.data.get("x"), part.data.get("y")
        if isinstance(x, int | float) and isinstance(y, int | float):
            angle = np.arctan2(y - center[1], x - center[0])
            gap = abs((angle - middle + np.pi) % (2 * np.pi) - np.pi)
            if gap < best:
                best, found = float(gap), part.text
    return found


def _figure(
    reference: Scene, candidate: Scene, everything: Sequence[chart_frame.Explained]
) -> list[Finding]:
    """Differences of the figure as a whole."""
    one, two = reference.root, candidate.root
    found: list[Finding] = []
    for role, name in (
        ("suptitle", "figure title"),
        ("supxlabel", "figure x label"),
        ("supylabel", "figure y label"),
    ):
        first = next((part for part in one.children if part.role == role), None)
        second = next((part for part in two.children if part.role == role), None)
        found += chart_text.titled(
            "title" if role == "suptitle" else "axis_label", first, second, name
        )
    whole = Pair(-1, one, two, "", (UNIT, UNIT, UNIT), (UNIT, UNIT, UNIT))
    marks, others = marks_of(one), marks_of(two)
    _name(marks, one, whole.scales)
    _name(others, two, whole.scales)
    match = match_marks(marks, others, whole.scales)
    found += chart_data.explain(whole, match)
    found += chart_style.explain(whole, match, two.box[2] * two.box[3] if two.box else 1.0).findings
    found += chart_text.texts(whole, match, explained=False)
    legends = [[part for part in root.children if part.role == "legend"] for root in (one, two)]
    found += chart_frame.legends(
        legends[0], legends[1], "figure legend", chart_frame.joined(everything)
    )
    faces = str(one.style.get("face") or ""), str(two.style.get("face") or "")
    if faces[0] != faces[1]:
        words = f"{colour_name(faces[1])} instead of {colour_name(faces[0])}"
        grade = severity.of_colour_change(faces[0] or "#ffffff", faces[1] or "#ffffff", 0.5)
        found.append(
            Finding(
                "background", STYLE, grade, "figure background", words, [two.box] if two.box else []
            )
        )
    pixels = [_size(root) for root in (one, two)]
    if any(abs(x - y) > 1.5 for x, y in zip(*pixels, strict=True)):
        words = f"{figure(pixels[1][0])} x {figure(pixels[1][1])} pixels instead of {figure(pixels[0][0])} x {figure(pixels[0][1])}"
        found.append(
            Finding("figure_size", STYLE, 1, "figure", words, [two.box] if two.box else [])
        )
    return found


def _size(root: Element) -> tuple[float, float]:
    """Width and height of a figure before any crop, in pixels."""
    width, height, dpi = (root.data.get(key) for key in ("width_in", "height_in", "dpi"))
    if not isinstance(width, int | float) or not isinstance(height, int | float):
        return 0.0, 0.0
    scale = float(dpi) if isinstance(dpi, int | float) else 1.0
    return width * scale, height * scale


def _seen(finding: Finding, pixels: PixelDifference) -> bool:
    return not finding.boxes or any(pixels.inside(box) for box in finding.boxes)


def _told(found: Sequence[Finding], pixels: PixelDifference) -> list[Discrepancy]:
    """Findings that can be seen, as discrepancies."""
    told = []
    for finding in found:
        boxes = [box for box in finding.boxes if pixels.inside(box)]
        if finding.boxes and not boxes:
            continue
        told.append(
            Discrepancy(
                category=finding.category.value,
                severity=finding.severity,
                location=finding.location,
                description=finding.description,
                box=union(boxes),
            )
        )
    told.sort(key=lambda discrepancy: -discrepancy.severity)
    return told[:MOST]
