"""Claims are dropped where scenes and pixels prove them wrong, and only there."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from PIL import Image

from annotators.lvlm.filters import filter_claims
from annotators.structural import compare
from annotators.structural.pixels import PixelDifference, pixel_difference
from corruptors.compose import attempts
from records.rows import Box, Discrepancy
from records.sections import CorruptionMix
from records.taxonomy import Modality
from renderers.registry import held_renderer
from renderers.scene import Element, Scene
from sources import bundled


def claim(category: str, location: str, description: str, box: Box | None = None) -> Discrepancy:
    return Discrepancy(
        category=category, severity=2, location=location, description=description, box=box
    )


def pixels(*boxes: tuple[int, int, int, int]) -> PixelDifference:
    """Pictures of 200 x 100 that differ in these boxes."""
    pngs = []
    for color in ("white", "black"):
        image = Image.new("RGB", (200, 100), "white")
        for box in boxes:
            image.paste(color, box)
        target = io.BytesIO()
        image.save(target, "PNG")
        pngs.append(target.getvalue())
    return pixel_difference(*pngs)


def scene(modality: Modality, *children: Element, role: str = "figure") -> Scene:
    data = {"rows": 3, "columns": 2} if role == "table" else {}
    root = Element(role, (0, 0, 200, 100), data=data, children=children)
    return Scene(modality, 200, 100, root)


TITLE = Element("title", (50, 0, 150, 10), "Sales by region")
LEGEND = Element(
    "legend",
    (150, 10, 200, 40),
    children=(Element("legend_entry", (150, 10, 200, 20), "North"),),
)
AXIS = Element("axis", (0, 90, 200, 100), data={"axis": "x", "labels": ["Q1", "Q2", "Q3"]})
CHART = scene(Modality.CHART, TITLE, LEGEND, AXIS)
BARE = scene(Modality.CHART, TITLE, AXIS)
TYPO = scene(Modality.CHART, Element("title", (50, 0, 150, 10), "Sales by regoin"), LEGEND, AXIS)  # fmt: skip


def cell(row: int, column: int, text: str) -> Element:
    box = (100.0 * column, 30.0 * row, 100.0 * column + 100, 30.0 * row + 30)
    return Element("cell", box, text, data={"row": row, "column": column})


def table(*texts: str) -> Scene:
    cells = tuple(cell(at // 2, at % 2, text) for at, text in enumerate(texts))
    return scene(Modality.TABLE, *cells, role="table")


TABLE = table("Country", "Total", "Norway", "10.4", "Chad", "7.1")
WRONG = table("Country", "Total", "Norway", "104", "Chad", "7.1")
SWAPPED = table("Country", "Total", "Norway", "7.1", "Chad", "10.4")
MERGED = scene(
    Modality.TABLE,
    cell(0, 0, "Country"),
    cell(0, 1, "Total"),
    Element("cell", (0, 60, 200, 90), "no data", data={"row": 2, "column": 0, "colspan": 2}),
    role="table",
)
ICON = scene(Modality.SVG, Element("circle", (10, 10, 40, 40)), role="svg")

EVERYWHERE = pixels((0, 0, 200, 100))


def reasons(
    claims: Sequence[Discrepancy], reference: Scene, candidate: Scene, seen: PixelDifference
) -> list[str]:
    found = filter_claims(claims, reference, candidate, seen)
    assert len(found.kept) + len(found.dropped) == len(claims)
    assert all(drop.detail for drop in found.dropped)
    by_id = {id(drop.claim): drop.reason for drop in found.dropped}
    return [by_id.get(id(claim), "kept") for claim in claims]


@pytest.mark.parametrize(
    ("told", "reference", "candidate", "reason"),
    [
        (claim("style_error", "legend", "at the left"), CHART, BARE, "kept"),
        (claim("style_error", "legend", "at the left"), BARE, BARE, "absent_from_both"),
        (claim("style_error", "color bar", "missing"), CHART, BARE, "absent_from_both"),
        (claim("style_error", "grid lines", "missing"), CHART, CHART, "absent_from_both"),
        (claim("text_error", "title", "'regoin' for 'region'"), CHART, TYPO, "kept"),
        (claim("text_error", "title 'Sales by regoin'", "typo"), CHART, TYPO, "kept"),
        (claim("text_error", "title 'Profit in 2020'", "typo"), CHART, TYPO, "absent_from_both"),
        (claim("text_error", "title", "'Profit' reads 'Prfit'"), CHART, TYPO, "absent_from_both"),
        (claim("data_error", "bar 'Q3'", "25.5 drawn as '255'"), CHART, BARE, "kept"),
        (claim("data_error", "bar 'Q7'", "too tall"), CHART, BARE, "absent_from_both"),
        (claim("data_error", "bar at '37'", "too tall"), CHART, BARE, "kept"),
        (claim("style_error", "the 'red dashed' line", "is blue"), CHART, BARE, "kept"),
        (claim("style_error", "panel", "x", (300, 0, 310, 9)), CHART, BARE, "absent_from_both"),
        (claim("numeric_error", "row 'Norway'", "'10.4' is '104'"), TABLE, WRONG, "kept"),
        (claim("numeric_error", "row 'Norwey'", "'10.4' is '104'"), TABLE, WRONG, "kept"),
        (claim("numeric_error", "row 'Peru'", "'3' is '4'"), TABLE, WRONG, "absent_from_both"),
        (claim("numeric_error", "cell", "'99.9' is '99.8'"), TABLE, WRONG, "absent_from_both"),
        (claim("layout_error", "row 9", "missing"), TABLE, WRONG, "absent_from_both"),
        (claim("layout_error", "row 4", "missing"), TABLE, WRONG, "kept"),
        (claim("layout_error", "caption", "missing"), TABLE, WRONG, "absent_from_both"),
        (claim("text_symbol_error", "letter 'A'", "is 'B'"), ICON, ICON, "kept"),
    ],
)
def test_rendering_consistency(
    told: Discrepancy, reference: Scene, candidate: Scene, reason: str
) -> None:
    assert reasons([told], reference, candidate, EVERYWHERE) == [reason]


@pytest.mark.parametrize(
    ("told", "reference", "candidate", "changed", "reason"),
    [
        # where nothing changed, nothing differs
        (claim("style_error", "legend", "red"), CHART, CHART, (0, 50, 20, 60), "contradicted"),
        (claim("style_error", "legend", "red"), CHART, CHART, (160, 12, 165, 18), "kept"),
        (claim("style_error", "legend", "gone"), CHART, BARE, (0, 50, 20, 60), "kept"),
        (claim("text_error", "title", "bold"), CHART, CHART, (0, 50, 20, 60), "contradicted"),
        (claim("text_error", "title", "bold"), CHART, CHART, (60, 2, 70, 8), "kept"),
        (claim("style_error", "y axis title", "x"), CHART, CHART, (0, 50, 20, 60), "kept"),
        (claim("data_error", "bar 'Q1'", "x"), CHART, CHART, (0, 50, 20, 60), "kept"),
        (claim("data_error", "?", "x", (0, 0, 9, 9)), CHART, CHART, (50, 50, 60, 60), "contradicted"),
        (claim("data_error", "?", "x", (45, 0, 55, 55)), CHART, CHART, (50, 50, 60, 60), "kept"),
        # a table's places
        (claim("layout_error", "row 'Chad'", "x"), TABLE, WRONG, (110, 35, 120, 50), "contradicted"),
        (claim("layout_error", "row 'Norway'", "x"), TABLE, WRONG, (110, 35, 120, 50), "kept"),
        (claim("layout_error", "column 'Country'", "x"), TABLE, WRONG, (110, 35, 120, 50), "contradicted"),
        (claim("layout_error", "row 'Norway', column 'Total'", "x"), TABLE, WRONG, (110, 35, 120, 50), "kept"),
        (claim("layout_error", "row 'Chad', column 'Total'", "x"), TABLE, WRONG, (110, 35, 120, 50), "contradicted"),
        (claim("layout_error", "header cell 'Total'", "x"), TABLE, WRONG, (110, 35, 120, 50), "contradicted"),
        (claim("text_error", "row 2, column 'Country'", "x"), TABLE, WRONG, (110, 35, 120, 50), "kept"),
        (claim("text_error", "column 'Country'", "x"), MERGED, MERGED, (110, 65, 120, 80), "kept"),
        (claim("text_error", "title", "at the left"), CHART, CHART, (60, 2, 70, 8), "kept"),
        (claim("text_error", "tick labels", "turned"), CHART, CHART, (60, 2, 70, 8), "kept"),
        # an icon's sides
        (claim("style_error", "circle, upper left", "x"), ICON, ICON, (150, 70, 160, 80), "contradicted"),
        (claim("style_error", "circle, lower right", "x"), ICON, ICON, (150, 70, 160, 80), "kept"),
        (claim("style_error", "left and right wing", "x"), ICON, ICON, (150, 70, 160, 80), "kept"),
        (claim("style_error", "circle", "x"), ICON, ICON, (150, 70, 160, 80), "kept"),
        # words that read the same
        (claim("text_error", "legend entry 'North'", "'North' reads 'Nroth'"), CHART, CHART, (150, 10, 200, 40), "contradicted"),
        (claim("text_error", "legend entry 'North'", "moved down"), CHART, CHART, (150, 10, 200, 40), "kept"),
        (claim("text_error", "legend entry 'North'", "'North' reads 'Nroth'"), CHART, TYPO, (150, 10, 200, 40), "contradicted"),
        (claim("numeric_error", "row 'Norway'", "'10.4' reads '10'"), TABLE, TABLE, (110, 35, 120, 50), "contradicted"),
        (claim("numeric_error", "row 'Norway'", "'10.4' reads '104'"), TABLE, WRONG, (110, 35, 120, 50), "kept"),
        (claim("numeric_error", "row 'Norway'", "10.4 is printed as 104"), TABLE, WRONG, (110, 35, 120, 50), "kept"),
        (claim("numeric_error", "last cell", "7.1 is printed as 7.9"), TABLE, WRONG, (110, 35, 120, 50), "contradicted"),
        (claim("text_error", "last row", "'Chad' reads 'Chat'"), TABLE, WRONG, (110, 35, 120, 50), "contradicted"),
        (claim("numeric_error", "first two rows", "7.1 stands where 10.4 is"), TABLE, SWAPPED, (110, 35, 120, 50), "kept"),
    ],
)  # fmt: skip
def test_structural_agreement(
    told: Discrepancy,
    reference: Scene,
    candidate: Scene,
    changed: tuple[int, int, int, int],
    reason: str,
) -> None:
    assert reasons([told], reference, candidate, pixels(changed)) == [reason]


@pytest.mark.parametrize("modality", [pytest.param("table", marks=pytest.mark.chromium), "svg"])
def test_true_claims_pass(modality: str) -> None:
    """What the structural annotator proves of real pairs is hardly ever dropped."""
    mix = CorruptionMix(attempts_per_sample=3, identical_share=0.0, equivalent_share=0.0)
    claims = lost = 0
    for sample in [one for one in bundled.samples() if one.modality == modality][:8]:
        renderer = held_renderer(sample.modality)
        reference = renderer.render(sample.code, sample.language).drawn()
        for attempt in attempts(sample, mix, 7):
            render = renderer.render(attempt.code, attempt.language)
            if render.scene is None:
                continue
            compared = compare(reference, render.drawn())
            told = [one.model_copy(update={"box": None}) for one in compared.discrepancies]
            claims += len(told)
            lost += len(filter_claims(told, reference[1], render.scene, compared.pixels).dropped)
    assert claims > 20
    assert lost <= 0.02 * claims


def test_nothing_can_differ_where_no_pixel_does() -> None:
    told = [claim("data_error", "bar 'Q1'", "taller"), claim("style_error", "bar", "red")]
    assert reasons(told, CHART, CHART, pixels()) == ["contradicted"] * 2


def test_a_claim_counts_once() -> None:
    told = claim("text_error", "title", "'regoin' for 'region'")
    again = told.model_copy(update={"location": "Title"})
    assert reasons([told, again], CHART, TYPO, EVERYWHERE) == ["kept", "repeated"]


def test_a_truncated_scene_proves_nothing() -> None:
    cut = Scene(Modality.CHART, 200, 100, BARE.root, truncated=True)
    told = [claim("style_error", "legend", "missing"), claim("text_error", "'Z'", "'Z' is 'Y'")]
    assert reasons(told, cut, BARE, EVERYWHERE) == ["kept"] * 2
