"""Compares figures as a whole: title, legend, background and size."""

from __future__ import annotations

from collections.abc import Sequence

from annotators.structural.chart import mark_style as chart_style
from annotators.structural.chart.axes.frame import background
from annotators.structural.chart.data import compare as chart_data
from annotators.structural.chart.explained import Explained, joined
from annotators.structural.chart.findings import STYLE, Finding, Place, shown
from annotators.structural.chart.mark_names import matched_marks
from annotators.structural.chart.marks import UNIT
from annotators.structural.chart.panel_pair import PanelPair
from annotators.structural.chart.texts import annotations as chart_text
from annotators.structural.chart.texts.legend import legends
from annotators.structural.chart.texts.titles import titled
from annotators.structural.visibility import SHAPE_RATIO, size_noticed
from records.boxes import area
from renderers.scene import Scene


def figure_findings(
    reference: Scene, candidate: Scene, everything: Sequence[Explained]
) -> list[Finding]:
    """Findings on the figure as a whole."""
    one, two = reference.root, candidate.root
    found: list[Finding] = []
    for role, name in (
        ("suptitle", "figure title"),
        ("supxlabel", "figure x label"),
        ("supylabel", "figure y label"),
    ):
        kind = "title" if role == "suptitle" else "axis_label"
        found += titled(kind, one.part(role), two.part(role), Place((name,)))
    whole = whole_figure(reference, candidate)
    match = matched_marks(whole)
    found += chart_data.explain(whole, match)
    found += chart_style.explain(whole, match, area(two.box) or 1.0).findings
    found += chart_text.texts(whole, match, explained=False)
    mine, theirs = (root.parts("legend") for root in (one, two))
    found += legends(mine, theirs, Place(("figure legend",)), joined(everything))
    found += background(one, two, Place(("figure background",)), 0.5)
    found += _shape(reference, candidate)
    return found


def whole_figure(reference: Scene, candidate: Scene) -> PanelPair:
    """Both figures, as a pair of axes without scales."""
    scales = UNIT, UNIT, UNIT
    return PanelPair(-1, reference.root, candidate.root, "", scales, scales)


def _shape(reference: Scene, candidate: Scene) -> list[Finding]:
    """A finding if the aspect ratio of the picture changed.

    Canvases of different size and equal look count as equal. A picture that is cropped to its
    content changes with every label; so the aspect ratios of both the figures and the pictures must
    differ.
    """
    shapes = []
    for scene in (reference, candidate):
        width, height = scene.root.number("width_in"), scene.root.number("height_in")
        if not width or not height:
            return []
        shapes.append((width / height, scene.width_px / scene.height_px))
    ratios = [after / before for before, after in zip(*shapes, strict=True)]
    if not all(size_noticed(1.0, ratio, SHAPE_RATIO) for ratio in ratios) or (
        (ratios[0] > 1) != (ratios[1] > 1)
    ):
        return []
    words = f"the picture is {'wider' if ratios[1] > 1 else 'higher'} for its {'height' if ratios[1] > 1 else 'width'}"
    return [
        Finding("figure_shape", STYLE, 1, Place(("figure",)), words, shown(None, candidate.root))
    ]
