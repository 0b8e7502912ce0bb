"""Compares everything around the marks of an axes: titles, labels, background, view, frame."""

from __future__ import annotations

from collections import Counter
from math import degrees

import numpy as np

from annotators.structural import severity
from annotators.structural.chart.aspects import aspects
from annotators.structural.chart.axes.axis import axis
from annotators.structural.chart.axes.grid_and_spines import all_lines, grids, spines
from annotators.structural.chart.axis_pair import AxisPair, tick_words
from annotators.structural.chart.explained import Explained
from annotators.structural.chart.findings import DATA, STYLE, TEXT, Finding, Place, both, shown
from annotators.structural.chart.noticed import noticed
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.texts.legend import legend
from annotators.structural.chart.texts.titles import changes_of, titled
from annotators.structural.chart.words import figure
from annotators.structural.colors import color_change
from annotators.structural.matching import text_similarity
from annotators.structural.visibility import size_noticed
from renderers.scene import Element


def explain(pair: PanelPair, known: Explained) -> list[Finding]:
    """Findings on the frame of an axes."""
    a, b = pair.sides
    found: list[Finding] = []
    found += _titles(pair, known)
    hidden = _hidden(pair)
    if hidden is not None and not known.other_axes:
        found += [hidden, *legend(pair, known)]
        return found
    color_bar = a.data.get("kind") == "colorbar"
    directions = [str(child.data.get("axis")) for child in a.parts("axis")]
    labels = {
        name: (a.part("axis_label", axis=name), b.part("axis_label", axis=name))
        for name in directions
    }
    named = _axis_labels(pair, labels)
    turned = known.other_axes and [part.description for part in named] == [EXCHANGED]
    found += [] if turned else named
    shapes = {axes.data.get("projection") for axes in (a, b)}
    for name in directions if len(shapes) == 1 else ():
        one, two = a.part("axis", axis=name), b.part("axis", axis=name)
        if one is not None and two is not None:
            found += axis(AxisPair(pair, name, one, two), known, color_bar)
    if not known.other_axes:
        found += grids(pair, {f.direction for f in found if f.kind == "scale"})
        found += _geometry(pair)
    elif known.turned:
        found += all_lines(pair)
    pie = known.other_axes and any(pair.parts("wedge"))
    if (shapes == {"rectilinear"} and not pie) or not known.other_axes:
        found += spines(pair)
    if not color_bar and not known.other_axes:
        found += background(a, b, pair.at("background"), 0.3)
    if color_bar:
        found += _pointed_ends(pair)
        found += [] if known.data else _color_bar(pair)
    found += legend(pair, known)
    return found


def background(one: Element, two: Element, place: Place, area_share: float) -> list[Finding]:
    """A finding on another ground, which covers a share of the picture."""
    faces = [str(part.style.get("face") or "") for part in (one, two)]
    if not noticed("face", *faces, thin=False):
        return []
    words = " instead of ".join(color_change(*faces))
    before, after = (face or "#ffffff" for face in faces)
    grade = severity.of_color_change(before, after, area_share)
    return [Finding("background", STYLE, grade, place, words, shown(one, two))]


def _color_bar(pair: PanelPair) -> list[Finding]:
    """Findings on a color bar whose colors or values differ, if no mark explains that."""
    a, b = pair.sides
    looks = {key: value for key, value in changes_of(a, b).items() if key in ("cmap", "ramp")}
    found = [
        Finding("color_map", STYLE, aspect.severity, pair.at("colors"), aspect.words, shown(a, b))
        for aspect in aspects(looks)
    ]
    ends = [(axes.data.get("low"), axes.data.get("high")) for axes in (a, b)]
    if ends[0] != ends[1] and pair.scales != pair.candidate_scales:
        words = [" to ".join(figure(end) if isinstance(end, int | float) else "none" for end in pair_of)
                 for pair_of in ends]  # fmt: skip
        description = f"runs from {words[1]} instead of {words[0]}"
        found.append(Finding("color_limits", DATA, 2, pair.at("values"), description, both(a, b)))
    return found


POINTED = {"both": 2, "min": 1, "max": 1}
"""Number of ends of a color bar that are drawn as points, for values beyond it."""

END = 0.07
"""Length of such a point, as a share of the color bar."""


def _pointed_ends(pair: PanelPair) -> list[Finding]:
    """A finding on a color bar whose ends are pointed, for values beyond it, in one picture only."""
    before, after = (str(axes.data.get("pointed")) for axes in pair.sides)
    if before == after:
        return []
    ends = [POINTED.get(side, 0) for side in (before, after)]
    words = f"{ends[1] or 'no'} pointed end{'s' * (ends[1] != 1)} instead of {ends[0] or 'none'}"
    if ends[0] == ends[1]:
        words = f"pointed at the {'upper' if after == 'max' else 'lower'} end instead of the other"
    boxes = []
    for left, top, right, bottom in both(*pair.sides):
        margin = END * max(right - left, bottom - top)
        wide = right - left > bottom - top
        x, y = (margin, 0.0) if wide else (0.0, margin)
        boxes.append((left - x, top - y, right + x, bottom + y))
    return [Finding("pointed", STYLE, 1, pair.at("ends"), words, boxes)]


def _hidden(pair: PanelPair) -> Finding | None:
    """A finding if the whole frame, with ticks and labels, is drawn in one picture only."""
    framed = []
    for axes in pair.sides:
        roles = Counter(child.role for child in axes.children)
        worded = any(any(tick_words(axis)) for axis in axes.parts("axis"))
        framed.append((roles["spine"] > 1, worded, bool(roles["grid"])))
    counts = [sum(parts) for parts in framed]
    if min(counts) > 0 or max(counts) < 2:
        return None
    words = "are hidden" if counts[0] else "are not hidden"
    parts = (*pair.reference.children, *pair.candidate.children)
    around = ("axis", "axis_label", "spine")
    boxes = [part.box for part in parts if part.role in around and part.box]
    return Finding("frame", STYLE, 2, pair.at("axes"), words, boxes)


def _titles(pair: PanelPair, known: Explained) -> list[Finding]:
    mine, theirs = (
        {str(part.data.get("side")): part for part in parts} for parts in pair.parts("title")
    )
    found: list[Finding] = []
    for here in [side for side in mine if side not in theirs]:
        there = max(
            (side for side in theirs if side not in mine), default="",
            key=lambda side: text_similarity(mine[here].text, theirs[side].text),
        )  # fmt: skip
        if there and text_similarity(mine[here].text, theirs[there].text) > 0.5:
            before, after = mine.pop(here), theirs.pop(there)
            words = f"at the {there} instead of the {here}"
            name = "title" if "center" not in mine else f"{here} title"
            found.append(Finding("title_place", TEXT, 1, pair.at(name), words, both(before, after)))
            found += titled("title", before, after, pair.at(name))
    for side in ("center", "left", "right"):
        name = "title" if side == "center" else f"{side} title"
        one, two = mine.get(side), theirs.get(side)
        found += titled("title", one, two, pair.at(name))
        shapes = [axes.data.get("projection") for axes in pair.sides]
        flat = shapes[0] != "3d"  # a cube has no upper edge
        still = shapes == ["rectilinear"] * 2 and not known.layout and not known.other_axes
        if flat and one and two and _in_plot(two, pair.candidate) != _in_plot(one, pair.reference):
            there, here = ("in", "above") if _in_plot(two, pair.candidate) else ("above", "in")
            words = f"stands {there} the plot instead of {here} it"
            found.append(Finding("title_place", TEXT, 1, pair.at(name), words, both(one, two)))
        elif still and one and two and (words := _aside(one, two, pair)):
            found.append(Finding("title_place", TEXT, 1, pair.at(name), words, both(one, two)))
    return found


TITLE = 0.025
"""Least noticed shift of a title to the side, as a share of the width of its axes."""

PAD = 0.06
"""Least noticed change of the gap between a title and its axes, as a share of their height."""


def _aside(one: Element, two: Element, pair: PanelPair) -> str:
    """A moved title in words; empty if it stands where it did, whatever its letters."""
    here, there = pair.reference.box, pair.candidate.box
    if one.box is None or two.box is None or here is None or there is None:
        return ""
    spots, gaps = [], []
    for box, axes in ((one.box, here), (two.box, there)):
        width, height = max(axes[2] - axes[0], 1.0), max(axes[3] - axes[1], 1.0)
        spots.append([(x - axes[0]) / width for x in (box[0], (box[0] + box[2]) / 2, box[2])])
        gaps.append((axes[1] - box[3]) / height)
    shifts = [after - before for before, after in zip(*spots, strict=True)]
    centered = all(str(part.data.get("align")).startswith("center") for part in (one, two))
    shift = shifts[1] if centered else min(shifts, key=abs)
    if abs(shift) > TITLE:
        return f"moved to the {'right' if shift > 0 else 'left'}"
    if abs(gaps[1] - gaps[0]) > PAD:
        return f"stands {'higher above' if gaps[1] > gaps[0] else 'nearer to'} the plot"
    return ""


def _in_plot(title: Element, axes: Element) -> bool:
    """True if the middle of a title lies below the upper edge of its axes."""
    if title.box is None or axes.box is None:
        return False
    return (title.box[1] + title.box[3]) / 2 > axes.box[1]


EXCHANGED = "x and y axis labels are exchanged"
"""Description of a change that follows from horizontal instead of vertical bars."""


def _axis_labels(
    pair: PanelPair, labels: dict[str, tuple[Element | None, Element | None]]
) -> list[Finding]:
    words = [(one.text if one else "", two.text if two else "") for one, two in labels.values()]
    if len(words) == 2 and words[0] == words[1][::-1] and words[0][0] != words[0][1]:
        place = pair.at("axis labels")
        boxes = [box for one, two in labels.values() for box in both(one, two)]
        return [Finding("axis_label", TEXT, 3, place, EXCHANGED, boxes, same="exchanged")]
    found: list[Finding] = []
    for name, (one, two) in labels.items():
        found += titled("axis_label", one, two, pair.axis_at(name, "label"), name)
    if pair.reference.data.get("projection") != pair.candidate.data.get("projection"):
        # A flat chart has no z axis, and axes of another shape have labels at another angle.
        found = [part for part in found if part.kind == "axis_label" and part.direction != "z"]
    return found


SQUARE = 1.045
"""Least noticed ratio of the shapes of cells, of which one is square."""


def _turned(reference: Element, candidate: Element) -> str:
    """Words for angles that start at another place of a round chart, or run the other way."""
    (start, way), (other_start, other_way) = (
        np.asarray(axes.data.get("turn", (0.0, 1.0)), float) for axes in (reference, candidate)
    )
    words = []
    if start != other_start:
        words.append(f"start {_side(other_start)} instead of {_side(start)}")
    if way != other_way:
        words.append(f"run {'counterclockwise' if other_way > 0 else 'clockwise'}")
    return f"angles {' and '.join(words)}"


SIDES = ("at the right", "at the top", "at the left", "at the bottom")


def _side(radians: float) -> str:
    """Where an angle lies on a circle, counterclockwise from the right."""
    quarter, rest = divmod(round(degrees(radians)) % 360, 90)
    return f"at {round(degrees(radians)) % 360} degrees" if rest else SIDES[quarter]


def _geometry(pair: PanelPair) -> list[Finding]:
    """Findings on aspect, 3D view and rotation of an axes."""
    a, b = pair.sides
    box = shown(a, b)
    found = []
    if a.data.get("view") != b.data.get("view"):
        found.append(Finding("view", STYLE, 2, pair.at("axes"), "seen from another direction", box))
    if a.data.get("shadow") != b.data.get("shadow"):
        words = f"its shadow is {'missing' if a.data.get('shadow') else 'extra'}"
        found.append(Finding("shadow", STYLE, 1, pair.at("pie"), words, box))
    if a.data.get("turn") != b.data.get("turn"):
        found.append(Finding("turn", DATA, 2, pair.at("axes"), _turned(a, b), box))
    if a.data.get("aspect") != b.data.get("aspect") and a.box and b.box:
        ratio = [(x[2] - x[0]) / max(x[3] - x[1], 1.0) for x in (a.box, b.box)]
        if size_noticed(ratio[0], ratio[1], SQUARE):
            words = f"{'wider' if ratio[1] > ratio[0] else 'taller'}: stretched by {100 * abs(max(ratio) / min(ratio) - 1):.0f} %"
            where = "heatmap cells" if a.parts("heatmap") else "axes"
            found.append(Finding("aspect", STYLE, 1, pair.at(where), words, box))
    return found
