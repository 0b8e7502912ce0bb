"""The audit measures: an annotator with known flaws gets exactly the figures of its flaws."""

from __future__ import annotations

import numpy as np
import pytest

from annotators.audit.boxes import box_overlap
from annotators.audit.injected import audit
from annotators.structural import Comparison, compare
from annotators.structural.pixels import PixelDifference, pixel_difference
from records.rows import Discrepancy, Sample
from records.taxonomy import Modality
from renderers.contract import Picture, Render
from renderers.registry import open_renderer
from renderers.scene import Scene
from sources import bundled

Drawn = tuple[Picture, Scene]


@pytest.fixture(scope="module")
def measured() -> dict[str, object]:
    samples = bundled.samples(Modality.SVG)[:2]
    found: dict[str, object] = {}
    with open_renderer(Modality.SVG) as renderer:

        def draw(code: str, sample: Sample) -> Render:
            return renderer.render(code, sample.language)

        def blind(reference: Drawn, candidate: Drawn) -> Comparison:
            return Comparison((), _pixels(reference, candidate))

        def alarmist(reference: Drawn, candidate: Drawn) -> Comparison:
            """Names what is there, and as many things that are not."""
            seen = compare(reference, candidate)
            made_up = Discrepancy(
                category="style_error",
                severity=1,
                location="nowhere",
                description="imagined",
                box=(0, 0, 0, 0),
            )
            return Comparison(
                (*seen.discrepancies, *[made_up] * max(1, len(seen.discrepancies))), seen.pixels
            )

        for name, judge in (("structural", compare), ("blind", blind), ("alarmist", alarmist)):
            found[name] = audit(samples, draw, judge, per_sample=12, seed=3).to_json()
    return found


def _pixels(reference: Drawn, candidate: Drawn) -> PixelDifference:
    return pixel_difference(reference[0].png, candidate[0].png)


def test_the_structural_annotator_does_well(
    measured: dict[str, dict[str, dict[str, dict[str, float]]]],
) -> None:
    score = measured["structural"]["modalities"]["svg"]
    assert score["count"] >= 15
    assert score["recall"] >= 0.9
    assert score["precision"] >= 0.95


def test_a_blind_annotator_recalls_nothing(
    measured: dict[str, dict[str, dict[str, dict[str, float]]]],
) -> None:
    score = measured["blind"]["modalities"]["svg"]
    assert score["recall"] == 0
    assert score["precision"] is None
    assert len(measured["blind"]["misses"]) == score["count"]


def test_an_alarmist_pays_in_precision_and_on_negatives(
    measured: dict[str, dict[str, dict[str, dict[str, float]]]],
) -> None:
    score = measured["alarmist"]["modalities"]["svg"]
    assert 0.4 <= score["precision"] <= 0.6
    negatives = measured["alarmist"]["negatives"]
    assert negatives["identical_alarms"] == negatives["identical"] == 2
    assert measured["structural"]["negatives"]["identical_alarms"] == 0
    assert measured["structural"]["negatives"]["equivalent_alarms"] == 0


def test_coverage_counts_what_applies_and_what_shows(
    measured: dict[str, dict[str, dict[str, dict[str, float]]]],
) -> None:
    lane = measured["structural"]["coverage"]["svg"]
    assert lane["samples"] == 2
    assert lane["applies"]["max"] == 12
    assert lane["changes"]["max"] <= lane["applies"]["max"]
    uses = lane["corruptions"]
    assert sum(use["applies"] for use in uses.values()) == 24
    assert (
        sum(use["changes"] for use in uses.values())
        == measured["structural"]["attempts"]["changed"]
    )


def test_one_who_grades_large_errors_low_is_caught() -> None:
    sample = bundled.samples(Modality.SVG)[0]
    sizes: list[float] = []

    def upside_down(reference: Drawn, candidate: Drawn) -> Comparison:
        seen = compare(reference, candidate)
        sizes.append(seen.changed_fraction)
        worst = [
            found.model_copy(update={"severity": 4 - found.severity})
            for found in seen.discrepancies
        ]
        return Comparison(tuple(worst), seen.pixels)

    with open_renderer(Modality.SVG) as renderer:
        kinds = [
            audit(
                [sample],
                lambda code, one: renderer.render(code, one.language),
                judge,
                per_sample=1,
                ladders_per_sample=9,
            ).to_json()["monotonicity"]["svg"]
            for judge in (compare, upside_down)
        ]
    right, wrong = (sum(one["falls"] for one in kind.values()) for kind in kinds)
    assert right == 0
    assert wrong >= 1
    assert sum(one["steps"] for one in kinds[1].values()) >= 5


@pytest.mark.parametrize(
    ("box", "least", "most"),
    [
        ((20, 20, 40, 40), 0.99, 1.0),
        ((20, 20, 40, 30), 0.5, 0.61),
        ((0, 0, 100, 100), 0.03, 0.05),
        ((60, 60, 80, 80), 0.0, 0.0),
        (None, 0.0, 0.0),
    ],
)
def test_box_overlap_is_that_of_boxes_and_changed_regions(
    box: tuple[float, float, float, float] | None, least: float, most: float
) -> None:
    changed = np.zeros((100, 100), dtype=bool)
    changed[20:40, 20:40:2] = True
    found = Discrepancy(
        category="style_error", severity=1, location="here", description="changed", box=box
    )
    assert least <= box_overlap([found], PixelDifference(changed, False)) <= most
