"""Differences of a figure as a whole: its title, legend, background and size."""

from __future__ import annotations

from collections.abc import Sequence

from annotators.structural import severity
from annotators.structural.chart import annotations as chart_text
from annotators.structural.chart import data as chart_data
from annotators.structural.chart import mark_style as chart_style
from annotators.structural.chart.explained import Explained, joined
from annotators.structural.chart.findings import STYLE, Finding
from annotators.structural.chart.legend import legends
from annotators.structural.chart.mark_names import name_marks
from annotators.structural.chart.marks import UNIT, marks_of
from annotators.structural.chart.matching import match_marks
from annotators.structural.chart.panel_pair import Pair
from annotators.structural.chart.titles import titled
from annotators.structural.chart.words import colour_name
from renderers.scene import Element, Scene


def figure_findings(
    reference: Scene, candidate: Scene, everything: Sequence[Explained]
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
        found += titled("title" if role == "suptitle" else "axis_label", first, second, name)
    whole = Pair(-1, one, two, "", (UNIT, UNIT, UNIT), (UNIT, UNIT, UNIT))
    marks, others = marks_of(one), marks_of(two)
    name_marks(marks, one, whole.scales)
    name_marks(others, two, whole.scales)
    match = match_marks(marks, others, whole.scales)
    found += chart_data.explain(whole, match)
    found += chart_style.explain(whole, match, two.box[2] * two.box[3] if two.box else 1.0).findings
    found += chart_text.texts(whole, match, explained=False)
    mine, theirs = (
        [part for part in root.children if part.role == "legend"] for root in (one, two)
    )
    found += legends(mine, theirs, "figure legend", joined(everything))
    faces = str(one.style.get("face") or ""), str(two.style.get("face") or "")
    if faces[0] != faces[1]:
        words = f"{colour_name(faces[1])} instead of {colour_name(faces[0])}"
        grade = severity.of_colour_change(faces[0] or "#ffffff", faces[1] or "#ffffff", 0.5)
        found.append(
            Finding(
                "background", STYLE, grade, "figure background", words, [two.box] if two.box else []
            )
        )
    found += _sizes(reference, candidate)
    return found


def _sizes(reference: Scene, candidate: Scene) -> list[Finding]:
    """Another size of figure, or margins that are cut off in one picture only.

    A picture that is cut to what is drawn changes size with every label, which follows from the
    label and is nothing of its own. A smaller figure whose picture is larger is not told: a viewer
    sees the picture.
    """
    box = [candidate.root.box] if candidate.root.box else []
    before, after = _size(reference.root), _size(candidate.root)
    pictures = candidate.width_px - reference.width_px, candidate.height_px - reference.height_px
    changes = [
        (y - x, seen)
        for x, y, seen in zip(before, after, pictures, strict=True)
        if abs(y - x) > 1.5
    ]
    if changes and all(change * seen > 0 for change, seen in changes):
        words = f"{_pixels(after)} instead of {_pixels(before)}"
        return [Finding("figure_size", STYLE, 1, "figure", words, box)]
    cut = bool(reference.root.data.get("cropped")), bool(candidate.root.data.get("cropped"))
    shares = candidate.width_px / reference.width_px, candidate.height_px / reference.height_px
    if cut[0] != cut[1] and max(abs(share - 1) for share in shares) > 0.03:
        words = "margins are cut off" if cut[1] else "margins are not cut off"
        return [Finding("margins", STYLE, 1, "figure", words, box)]
    return []


def _pixels(size: tuple[float, float]) -> str:
    return f"{size[0]:.0f} x {size[1]:.0f} pixels"


def _size(root: Element) -> tuple[float, float]:
    """Width and height of a figure before any crop, in pixels."""
    width, height, dpi = (root.data.get(key) for key in ("width_in", "height_in", "dpi"))
    if not isinstance(width, int | float) or not isinstance(height, int | float):
        return 0.0, 0.0
    scale = float(dpi) if isinstance(dpi, int | float) else 1.0
    return width * scale, height * scale
