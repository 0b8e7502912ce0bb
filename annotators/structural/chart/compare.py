"""Compares two charts by their scenes: each difference is reported once, at its cause.

A changed value also changes the limits, the ticks, the label on the bar and its error bar; a
missing title moves everything up. A viewer calls each of these one error, and so does this module:
it pairs equal parts, explains data first, then style, then texts, and drops consequences of
explained differences.

Source: Visual-ERM (arXiv:2603.13224), scope of the four chart categories.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from annotators.structural.chart import mark_style as chart_style
from annotators.structural.chart import panels
from annotators.structural.chart.as_seen import SAME_WIDTH, SeenCharts, as_seen
from annotators.structural.chart.axes import frame as chart_frame
from annotators.structural.chart.axes.categories import realign
from annotators.structural.chart.axes.projection import projection, without_flattened
from annotators.structural.chart.axes.spacing import color_bars, gaps, insets, margins, spacing
from annotators.structural.chart.axis_pair import tick_words
from annotators.structural.chart.consequences import widen
from annotators.structural.chart.data import compare as chart_data
from annotators.structural.chart.data.chart_type import lying, on_other_axes
from annotators.structural.chart.data.paint_order import beside_raised_marks, lying_over
from annotators.structural.chart.explained import Explained, of_unpaired
from annotators.structural.chart.figure import figure_findings, whole_figure
from annotators.structural.chart.findings import DATA, STRUCTURE, STYLE, TEXT, Finding, Place
from annotators.structural.chart.fold import folded
from annotators.structural.chart.mark_names import matched_marks
from annotators.structural.chart.marks import MarkMatch, marks_of, scales_of
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.panels import PairedAxes
from annotators.structural.chart.seen.registered import without_unseen
from annotators.structural.chart.texts import annotations as chart_text
from annotators.structural.chart.texts import embedded_table as chart_table
from annotators.structural.chart.texts import written_values as chart_written
from annotators.structural.chart.texts.cut_off import with_cut_off
from annotators.structural.chart.texts.legend_entries import named_alike
from annotators.structural.chart.texts.titles import titled
from annotators.structural.matching import paired
from annotators.structural.pixels import PixelDifference
from annotators.structural.visibility import SPECK_PX, below_visibility
from annotators.structural.why import explains, spoken, unsaid
from records.rows import Box, Discrepancy, box_around
from renderers.scene import Element, Scene

PAINT = frozenset(("color", "outline", "outline_color", "edge_width", "width", "dash", "opacity"))
"""Kinds of findings on looks of marks that move nothing."""

CORNERS_PX = 4 * SPECK_PX
"""Strongly changed pixels from which markers are seen to have another form: each has only a few in its corners."""

MOST = 60
"""Most discrepancies reported for one pair; more would not describe a wholly wrong chart better."""


def differences(reference: Scene, candidate: Scene, pixels: PixelDifference) -> list[Discrepancy]:
    """Every visible difference of two charts.

    Args:
        pixels: Where the two pictures differ; a difference without a changed pixel is dropped.

    Returns:
        Discrepancies, the most severe first; empty if the pictures are equal, or if they differ in
        a way that the scenes do not explain.
    """
    if pixels.identical:
        return []
    seen = as_seen(reference, candidate)
    reference, candidate = seen.reference, seen.candidate
    axes = panels.paired_axes(reference, candidate)
    sides, lost, added = paired(axes.mine, axes.theirs, axes.indices)
    layout = panels.arrangement(axes)
    picture = float(candidate.width_px * candidate.height_px)
    shared, directions = panels.sharing(sides)
    # A missing subplot shares no axis.
    found = layout or shared
    if layout:
        layout[0].boxes.extend(box for finding in shared for box in finding.boxes)
        explains("sharing_follows_layout", layout[0], *shared)
    merged_in = panels.twins_lost(axes)
    whole = whole_figure(reference, candidate)
    details: list[Finding] = []
    everything: list[Explained] = []
    mapped = _mapped_changes(sides)
    every = _panels(axes)
    emptied = _emptied(every)
    for pair in every:
        around = replace(emptied, layout=bool(layout), shared=frozenset(directions))
        twins = merged_in.get(pair.index, ())
        more, known = _axes(pair, every, picture, mapped, around, pixels, twins)
        if twins:
            # The remaining axis is labeled as one of the two was.
            layout[0].boxes.extend(box for part in more if _on_axis(part) for box in part.boxes)
            explains("labels_of_a_lost_twin", layout[0], *filter(_on_axis, more))
            more = [finding for finding in more if not _on_axis(finding)]
        more = with_cut_off(more, pair, whole)
        widen(more, pair, pixels, known)
        details += more
        everything.append(known)
    if shared and details and not layout and all(known.data for known in everything):
        explains("ends_follow_data", details[0], *shared)
        found = []
    details = _without_ends_of_blank_areas(details)
    if mapped:
        _hold_color_bars(details, every, pixels)
    details = panels.without_echoes(
        sides, layout, panels.without_shared(sides, everything, details)
    )
    of_figure = figure_findings(reference, candidate, [*everything, of_unpaired(lost, added)])
    if layout and layout[0].kind == "arrangement":
        # Four subplots in a row need a wider picture than two rows of two.
        wider = [one for one in of_figure if one.kind == "figure_shape"]
        explains("picture_fits_layout", layout[0], *wider)
        of_figure = [one for one in of_figure if one not in wider]
    of_figure = with_cut_off(of_figure, whole, whole)
    found += folded([*of_figure, *details], _seats(every), seen.resized, seen.canvas)
    if not layout:
        # A pie takes other room than bars do.
        found += (
            [] if any(one.chart_type for one in everything) else gaps(reference, candidate, axes)
        )
        found += color_bars(axes)
        found += insets(axes)
    if all(one.kind in PAINT for one in found) and abs(seen.points - 1) < SAME_WIDTH:
        found += spacing(reference, candidate, sides)
    elif not layout:
        found += margins(reference, candidate, found)
    return _discrepancies(found, pixels, seen)


def _panels(axes: PairedAxes) -> list[PanelPair]:
    """The pairs of axes with their names; a chart of one axes needs none."""
    several = len([part for part in axes.mine if part.data.get("kind") != "colorbar"]) > 1
    grid, every = panels.grid_of(axes.mine), []
    for number, ((i, _), (one, two)) in enumerate(zip(axes.indices, axes.sides, strict=True)):
        name = panels.name_of(i, axes.mine, grid)
        where = "" if not several and name == "chart" else name
        scales = scales_of(one), scales_of(two)
        every.append(PanelPair(number, one, named_alike(two, one), where, *scales))
    return every


def _seats(every: Sequence[PanelPair]) -> list[int]:
    """For each pair of axes, the first that stands in the same place, as twins do."""
    boxes = [pair.reference.box for pair in every]
    return [boxes.index(box) for box in boxes]


def _emptied(every: Sequence[PanelPair]) -> Explained:
    """What is known of axes that hold no marks in one picture: their series, wherever a legend names them."""
    lost, added = (
        [pair.sides[at] for pair in every if not marks_of(pair.sides[1 - at])] for at in (0, 1)
    )
    return of_unpaired(lost, added)


def _axes(
    pair: PanelPair,
    every: Sequence[PanelPair],
    picture_area: float,
    mapped: bool,
    around: Explained,
    pixels: PixelDifference,
    twins: Sequence[Element] = (),
) -> tuple[list[Finding], Explained]:
    """Findings on one pair of axes, from data to frame, and what they explain."""
    found: list[Finding] = []
    turned = _turned_color_bar(pair)
    if turned:
        return turned, around
    step = realign(pair, every)
    if step is not None:
        pair = replace(pair, reference=step.reference, candidate=step.candidate)
        found.append(step.finding)
    match = _marks(pair, twins)
    # An invisible change explains nothing: a written number may be all that changed.
    written = chart_written.explain(pair, match)
    data = [*written.findings, *chart_data.explain(pair, match)]
    data = without_unseen(data, pair, pixels)
    chart_style.drop_color_of_value(match)
    looks = chart_style.explain(pair, match, picture_area)
    shape = projection(pair)
    found += shape
    data = without_flattened(shape, data)
    kinds = [one for one in data if one.kind in ("chart_type", "outlined")]
    unlike = any(one.kind in ("projection", "emptied") for one in [*found, *data])
    known = replace(
        around.with_marks(match, step.names if step is not None else ()),
        because=str(next(iter([*found, *data]), around.because)),
        chart_type=unlike or bool(kinds),
        other_axes=unlike or any(map(on_other_axes, kinds)),
        turned=any(map(lying, kinds)),
        data=bool(data)
        or bool(twins)
        or (mapped and pair.reference.data.get("kind") == "colorbar"),
        looks=looks,
        categories=step.direction if step is not None else "",
    )
    if step is not None:
        # The default width of boxes follows from how many there are.
        widths = [finding for finding in data if finding.kind == "thickness"]
        explains("width_follows_number_of_categories", step.finding, *widths)
        data = [finding for finding in data if finding not in widths]
    found += [*data, *looks.findings]
    if not known.other_axes:
        found += lying_over(pair, match, pixels)
        found += chart_text.texts(pair, match, bool(data), written.reported)
        found += chart_table.tables(pair, bool(data))
    if known.chart_type:
        told = {str(one.place) for one in found}
        beside = chart_text.words_beside(pair, numbers=known.turned)
        beside = [one for one in beside if str(one.place) not in told]
        found = [one for one in found if not _told_with_others(one, beside)] + beside
    return found + beside_raised_marks(chart_frame.explain(pair, known), found), known


def _told_with_others(one: Finding, beside: Sequence[Finding]) -> bool:
    """True for a finding on a text that another one names among others."""
    return (
        one.kind == "text"
        and one.boxes != []
        and any({*one.boxes} <= {*other.boxes} for other in beside)
    )


def _marks(pair: PanelPair, twins: Sequence[Element]) -> MarkMatch:
    """The paired marks of both axes; marks of a removed twin axes are not missing."""
    match = matched_marks(pair)
    chart_data.out_of_view(pair, match)
    elsewhere = {mark.key for twin in twins for mark in marks_of(twin)}
    match.drop(mark for mark in match.alone if mark.key in elsewhere)
    return match


def _turned_color_bar(pair: PanelPair) -> list[Finding]:
    """Findings on a color bar that is horizontal instead of vertical, or the reverse, with all its
    parts, and on the words of its label; empty if it is not turned."""
    bars = pair.sides
    before, after = (str(bar.data.get("orientation")) for bar in bars)
    if before == after or any(bar.data.get("kind") != "colorbar" for bar in bars):
        return []
    boxes = [part.box for bar in bars for part in bar.walk() if part.box]
    place, words = Place(("color bar",)), f"{after} instead of {before}"
    # The label stands at the other axis.
    one, two = (next((part for part in bar.parts("axis_label") if part.text), None) for bar in bars)
    said = titled("axis_label", one, two, Place(("color bar label",))) if one and two else []
    reworded = [finding for finding in said if finding.change]
    return [Finding("turned", STRUCTURE, 2, place, words, boxes), *reworded]


def _mapped_changes(sides: Sequence[tuple[Element, Element]]) -> bool:
    """True if values shown by color, or their colors, differ, so that a color bar changes too."""

    def mapped(axes: Element) -> list[str]:
        return sorted(
            f"{part.data.get('low')} {part.data.get('high')} {part.data.get('levels')} {part.style.get('ramp')}"
            for part in axes.children
            if part.role != "axis"
            and (part.data.get("low") is not None or part.data.get("levels") is not None)
        )

    return any(mapped(one) != mapped(two) for one, two in sides)


def _hold_color_bars(
    found: Sequence[Finding], every: Sequence[PanelPair], pixels: PixelDifference
) -> None:
    """Add the box of a changed color bar to the finding that explains it."""
    mapped = {
        pair.index for pair in every
        if any("ramp" in part.style or "low" in part.data for part in pair.candidate.children
               if part.role not in ("axis", "errorbars", "box"))
    }  # fmt: skip
    causes = [
        one for one in found
        if one.boxes and (one.category in (DATA, STRUCTURE) or (one.category == STYLE and one.role))
    ]  # fmt: skip
    causes.sort(key=lambda one: one.axes not in mapped)
    for pair in every:
        bar = pair.candidate
        if bar.data.get("kind") != "colorbar" or any(
            one.axes == pair.index and one.category != TEXT for one in found
        ):
            continue
        if _reads(bar) == _reads(pair.reference):
            continue  # it only stands elsewhere
        boxes = [part.box for part in bar.walk() if part.box and pixels.inside(part.box)]
        if boxes and causes:
            causes[0].boxes.extend(boxes)
            explains("color_bar_follows_values", causes[0], "color bar")


def _reads(bar: Element) -> list[object]:
    """What a color bar says: its colors, and the numbers and places of its ticks."""
    axes = [(one.data.get("labels"), one.data.get("low"), one.data.get("high"))
            for one in bar.parts("axis") if any(tick_words(one))]  # fmt: skip
    lines = [one.style for one in bar.children if one.role not in ("axis", "spine")]
    return [bar.style.get("ramp"), bar.style.get("cmap"), axes, lines]


def _without_ends_of_blank_areas(found: list[Finding]) -> list[Finding]:
    """The findings without lost or added ends of a color bar, if the areas in their colors are
    lost or added as well."""
    cause = next((finding for finding in found if finding.kind == "beyond"), None)
    ends = [finding for finding in found if finding.kind == "pointed"]
    if cause is None or not ends:
        return found
    explains("ends_follow_areas", cause, *ends)
    cause.boxes.extend(box for finding in ends for box in finding.boxes)
    return [finding for finding in found if finding.kind != "pointed"]


def _on_axis(finding: Finding) -> bool:
    return finding.category in (TEXT, STYLE) and bool(finding.direction)


def _shows(finding: Finding, pixels: PixelDifference) -> bool:
    """True if a pixel changed in one of its boxes, or if it has no boxes."""
    seen = not finding.boxes or any(pixels.inside(box) for box in finding.boxes)
    if not seen:
        unsaid(finding, "no pixel changed in its box")
    return seen


def _discrepancies(
    found: Sequence[Finding], pixels: PixelDifference, seen: SeenCharts
) -> list[Discrepancy]:
    """The visible findings as discrepancies, with boxes in pixels of the candidate."""
    found = [finding for finding in found if _shows(finding, pixels)]
    if found and below_visibility(pixels) and not any(_seen_alone(one, pixels) for one in found):
        for one in found:
            unsaid(str(one), f"fewer than {SPECK_PX} pixels show it")
        return []
    discrepancies = []
    for finding in found:
        boxes = [box for box in finding.boxes if pixels.inside(box)]
        discrepancies.append(
            Discrepancy(
                category=finding.category.value,
                severity=finding.severity,
                location=str(finding.place),
                description=finding.description,
                box=_unscaled(box_around(boxes), seen),
            )
        )
    discrepancies.sort(key=lambda discrepancy: -discrepancy.severity)
    for cut in discrepancies[MOST:]:
        unsaid(spoken(cut.location, cut.description), f"beyond the first {MOST}")
    return discrepancies[:MOST]


def _seen_alone(finding: Finding, pixels: PixelDifference) -> bool:
    """True if a few pixels show a finding: words, where a comma may stand for a point, and corners of
    markers, unless they are as small as dots."""
    if finding.kind == "marker":
        return any(pixels.strong(box) >= CORNERS_PX for box in finding.boxes)
    return finding.category not in (DATA, STYLE)


def _unscaled(box: Box | None, seen: SeenCharts) -> Box | None:
    """A box in pixels of the candidate, cut to its picture; None if it lies outside."""
    if box is None:
        return None
    left, top, right, bottom = (edge / seen.scale for edge in box)
    width, height = seen.candidate_size
    inside = max(left, 0.0), max(top, 0.0), min(right, float(width)), min(bottom, float(height))
    return inside if inside[0] < inside[2] and inside[1] < inside[3] else None
